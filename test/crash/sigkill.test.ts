/** A few kills in every run; `npm run test:crash -- --kills N` for many. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('sigkill.mjs', import.meta.url));

it('keeps every acknowledged record after SIGKILL', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--kills', '12']);
  console.log(stdout.trim());
  expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({
    kills: 12,
    lost: 0,
    falsely: 0,
  });
}, 60_000);
