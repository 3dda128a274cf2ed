/** The bytes on disk are a promise: they change only together with docs/format.md. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { goldenNote, goldenStreams, writerId } from './support/golden.js';
import { testPublicKey } from './support/keys.js';
import { tell } from './support/read-all.js';

const golden = fileURLToPath(new URL('../golden/wal', import.meta.url));

if (process.env['UPDATE_GOLDEN'] === 'wal') {
  for (const [name, files] of Object.entries(goldenStreams())) {
    mkdirSync(join(golden, name), { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(golden, name, file), content);
    }
    writeFileSync(
      join(golden, name, 'expected.json'),
      `${JSON.stringify(await tell(writerId, files), undefined, 2)}\n`,
    );
  }
}

if (process.env['UPDATE_GOLDEN'] === 'wal') {
  writeFileSync(join(golden, 'checkpointed', 'note.txt'), goldenNote());
  writeFileSync(join(golden, 'checkpointed', 'key.pem'), testPublicKey);
}

const names = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

function stored(name: string): Record<string, Uint8Array> {
  const files = readdirSync(join(golden, name)).filter((file) => file.endsWith('.jsonl'));
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(golden, name, file))]));
}

describe('golden streams', () => {
  it('are all there', () => {
    expect(names).toEqual([
      'checkpointed',
      'checkpointed-cut',
      'corrupt',
      'dropped',
      'duplicated',
      'failed-over',
      'padded',
      'rotated',
      'rotated-from-another',
      'rotated-missing',
      'rotated-next-missing',
      'rotated-unsealed',
      'rotated-unused',
      'rotated-unused-missing',
      'sealed',
      'torn',
    ]);
  });

  for (const name of names) {
    it(`are written byte for byte: ${name}`, () => {
      const made = Object.entries(goldenStreams()[name] ?? {}).map(([file, content]) => [
        file,
        Buffer.from(content).toString('latin1'),
      ]);
      const found = Object.entries(stored(name)).map(([file, content]) => [
        file,
        Buffer.from(content).toString('latin1'),
      ]);
      expect(Object.fromEntries(made)).toEqual(Object.fromEntries(found));
    });

    it(`are read as expected: ${name}`, async () => {
      const expected: unknown = JSON.parse(
        readFileSync(join(golden, name, 'expected.json'), 'utf8'),
      );
      expect(await tell(writerId, stored(name))).toEqual(expected);
    });
  }

  it('have a checkpoint kept elsewhere, as a signed note', () => {
    const note = readFileSync(join(golden, 'checkpointed', 'note.txt'), 'utf8');
    expect(goldenNote()).toBe(note);
    expect(readFileSync(join(golden, 'checkpointed', 'key.pem'), 'utf8')).toBe(testPublicKey);
    expect(note.split('\n').slice(0, 4)).toEqual([
      'throughline-checkpoint/1',
      writerId,
      'wal-000001.jsonl',
      '5',
    ]);
    expect(note.split('\n').slice(6, 7)).toEqual(['']);
    expect(note.split('\n')[7]).toMatch(/^\u2014 golden [A-Za-z0-9+/]{91}=$/);
  });

  it('are ASCII, and JSON line by line', () => {
    const lines = readFileSync(join(golden, 'sealed', 'wal-000001.jsonl'), 'latin1').split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) {
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(JSON.parse(line)).toMatchObject({ schema_version: 2 });
    }
    expect(lines).toHaveLength(10);
  });
});
