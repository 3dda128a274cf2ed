/** A request that is not found in streams of which something is missing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { throughline } from './bin.js';
import { completedRun } from './damage-corpus.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-missing-'));
  const { file, bytes, end } = completedRun(root);
  const damaged = Buffer.from(bytes);
  damaged[(end?.from ?? 0) + 40] = 0x21;
  writeFileSync(file, damaged);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each([
  ['show', 'nothing'],
  ['records', 'nothing'],
  ['diff', 'nothing', '@0'],
  ['bundle', 'nothing', '-o', '/nowhere/report.tar.gz'],
])('%s says that what was not found may be in what could not be read', (...args) => {
  expect(throughline([...args, '--root', root])).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'throughline: no recorded request is "nothing", but not everything could be read (1 stream: 1 DAMAGED)\n',
  });
});
