/** The examples of docs/read.md, run as they stand there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from '../support/generate.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(repository, 'docs/read.md'), 'utf8');
const examples = [...page.matchAll(/^## (.+)$|^```ts\n([^]*?)^```$/gm)].reduce<
  { readonly title: string; readonly code: string }[]
>((found, [, heading, code], index, all) => {
  if (code === undefined) return found;
  const title = all.slice(0, index).findLast((match) => match[1] !== undefined)?.[1] ?? 'Reading';
  return [...found, { title: heading ?? title, code }];
}, []);

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-docs-'));
  generate(root, { streams: 4, requests: 3 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('docs/read.md', () => {
  it('has five examples', () => {
    expect(examples.map(({ title }) => title)).toEqual([
      'Reading',
      'One request',
      'Reconcile',
      'Follow',
      'Replay',
    ]);
  });

  it.each([
    ['Reading', /completed .*\n0 run \w+ completed\n/],
    ['One request', /^1 4\n$/],
    ['Reconcile', /^$/],
    ['Follow', /^wal\.opened false\n[^]*\ntl1\.[0-9A-Z]{13}\n$/],
    ['Replay', /^6 \{/],
  ])('runs as it stands: %s', (title, expected) => {
    const code = examples.find((example) => example.title === title)?.code ?? 'none';
    const given = `const root = ${JSON.stringify(root)};\n${code}`;
    const argv = ['--input-type=module', '--eval', given];
    const told = execFileSync(process.execPath, argv, { cwd: repository, encoding: 'utf8' });
    expect(told).toMatch(expected);
  });
});
