/** What a reader finds under a root, however the root looks. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listStreams, openStream } from '../../src/wal/index.js';
import { readRoot } from './support/events.js';

let root: string;
const stray = 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-list-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('says that a root is not there, and that a file is none', async () => {
  await expect(listStreams(join(root, 'none'))).rejects.toMatchObject({ code: 'ROOT_UNUSABLE' });
  writeFileSync(join(root, 'file'), '');
  await expect(listStreams(join(root, 'file'))).rejects.toMatchObject({ code: 'ROOT_UNUSABLE' });
});

it('finds nothing in an empty root', async () => {
  expect(await listStreams(root)).toEqual([]);
});

it('passes over what is not part of the WAL, and every link', async () => {
  const stream = await openStream({ root, role: 'wm', sync: 'inline', retention: false });
  await stream.close();
  const role = join(root, 'wal', 'wm');
  mkdirSync(join(role, 'notes'));
  mkdirSync(join(role, 'er-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW'));
  writeFileSync(join(role, stray), '');
  writeFileSync(join(stream.directory, 'notes.txt'), '');
  symlinkSync(
    join(stream.directory, 'wal-000001.jsonl'),
    join(stream.directory, 'wal-000002.jsonl'),
  );
  symlinkSync(stream.directory, join(role, 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEX'));
  expect(await listStreams(root)).toEqual([
    {
      root,
      role: 'wm',
      writerId: stream.writerId,
      directory: stream.directory,
      segments: ['wal-000001.jsonl'],
    },
  ]);
});

it('reads half-written files without an error', async () => {
  const contents: readonly (readonly [string, string, string])[] = [
    ['1', '', 'UNSEALED'],
    ['2', '{"schema_version":2,"sequ', 'TORN,UNSEALED'],
    ['3', '\0'.repeat(5000), 'TORN,UNSEALED'],
    ['4', '\n'.repeat(5000), 'UNSEALED'],
    ['5', '\u00ff\u00fe not\nJSON at all\n', 'TORN,UNSEALED'],
  ];
  for (const [name, content, verdicts] of contents) {
    const directory = join(root, name, 'wal', 'wm', stray);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'wal-000001.jsonl'), content, 'latin1');
    const { records, faults } = await readRoot(join(root, name));
    expect(records).toEqual([]);
    expect(faults.map(({ verdict }) => verdict).join()).toBe(verdicts);
  }
});

it('reads a line longer than any record without holding it', async () => {
  const directory = join(root, 'wal', 'wm', stray);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'wal-000001.jsonl'), 'x'.repeat(40 * 1024 * 1024));
  const { faults } = await readRoot(root);
  expect(faults.map(({ verdict, bytes }) => [verdict, bytes])).toEqual([
    ['TORN', 41_943_040],
    ['UNSEALED', undefined],
  ]);
});
