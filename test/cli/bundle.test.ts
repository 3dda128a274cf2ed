/** A bundle unpacks with `tar`, is a root that verifies and shows the same request, and has none of the texts. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughline } from './bin.js';
import { call } from './in-process.js';
import { writeJournal } from './journal.js';
import { checked } from './schema.js';

let scratch = '';
let root = '';
let unpacked = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-bundle-'));
  root = join(scratch, 'root');
  writeJournal(root);
  unpacked = bundle('6T3MZQ9');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function bundle(reference: string, ...more: readonly string[]): string {
  const file = join(scratch, `${reference}${more.length}.tar.gz`);
  const ran = throughline(['bundle', reference, '-o', file, '--root', root, '--utc', ...more]);
  expect(ran).toMatchObject({ code: 0, stdout: '' });
  const at = join(scratch, `${reference}${more.length}`);
  const tar = spawnSync('sh', ['-c', `mkdir ${at} && tar -xzf ${file} -C ${at}`], {
    encoding: 'utf8',
  });
  expect(tar).toMatchObject({ status: 0, stderr: '' });
  return join(at, `throughline-${reference}`);
}

function text(path: string): string {
  return readFileSync(join(unpacked, path), 'utf8');
}

/** What is shown, but for messages and the truth line. */
function withoutTexts(shown: string): string {
  return shown.replaceAll(/(?:ExitError|RunFailed) .*/g, '').replaceAll(/^\d streams?:.*/gm, '');
}

describe('a bundle', () => {
  it('shows the request as it was, with nothing missing, and verifies but for what it was made of', async () => {
    const original = await call('show', '6T3MZQ9', '--root', root, '--utc');
    const copy = await call('show', '@0', '--root', unpacked, '--utc');
    expect(withoutTexts(copy.stdout)).toBe(withoutTexts(original.stdout));
    expect(copy.stdout).toContain('2 streams: 2 complete');
    expect((await call('verify', '--root', unpacked)).stdout).toContain('2 streams, none damaged');
  });

  it('has none of the texts, and the names of code', () => {
    const all = text('wal/wm/wm-01KAM8VJ5Q3Z9S0V4T00007F3A/wal-000001.jsonl') + text('show.txt');
    expect(all).not.toContain('format failed');
    expect(all).not.toContain('"/ws');
    expect(all).not.toContain('R8Y2XEW');
    expect(all).toContain('codeAction');
    expect(all).toContain('RunFailed');
    expect(all).toMatch(/"message":"\[13 characters [0-9a-f]{6}\]"/);
    expect(all).toMatch(/"project_path":"\/redacted\/[0-9a-f]{8}"/);
  });

  it('has a manifest of a published schema, with the hashes of all other files', () => {
    const [manifest] = checked(JSON.stringify(JSON.parse(text('manifest.json'))));
    expect(manifest).toMatchObject({ texts: 'replaced', states: [{ state: 'failed' }] });
    const files = manifest?.['files'] as readonly { path: string; sha256: string }[];
    expect(files.map(({ path }) => path.replace(/\/.*\//, '/…/'))).toEqual([
      'show.txt',
      'wal/…/wal-000001.jsonl',
      'wal/…/wal-000001.jsonl',
    ]);
    for (const { path, sha256 } of files) {
      expect(createHash('sha256').update(text(path)).digest('hex')).toBe(sha256);
    }
  });

  it('keeps the texts when it is told to', () => {
    const at = bundle('R8Y2XEW', '--keep-text');
    const wm = join(at, 'wal/wm/wm-01KAM8VJ5Q3Z9S0V4T00007F3A/wal-000001.jsonl');
    expect(readFileSync(wm, 'utf8')).toContain('"/ws/src/a.ts"');
  });

  it('never writes over a file, and leaves nothing else behind', async () => {
    const file = join(scratch, '6T3MZQ90.tar.gz');
    const before = readFileSync(file);
    await expect(call('bundle', '@0', '-o', file, '--root', root)).rejects.toThrow(
      'exists already',
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(join(root, 'manifest.json'))).toBe(false);
  });
});
