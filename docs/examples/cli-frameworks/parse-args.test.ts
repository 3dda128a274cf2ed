import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function workbench(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const program = 'dist/docs/examples/cli-frameworks/parse-args.js';
  const ran = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  expect(ran.stderr).toBe('');
  return ran.stdout;
}

test('what the tool starts is in its trace, below its own span, and says what was asked for', () => {
  const printed = workbench(['format', 'a.ts'], { TRACEPARENT: sent });
  expect(printed).toMatch(
    /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01 tl=[0-9A-Z]{13};cli;;workbench%20format;workbench\/1\.2\.0 a\.ts\n$/,
  );
  expect(printed).not.toContain('b7ad6b7169203331');
});

test('every call begins a root of its own', () => {
  const [one, two] = [workbench(['format', 'a.ts']), workbench(['format', 'a.ts'])];
  expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03 /);
  expect(one.slice(3, 35)).not.toBe(two.slice(3, 35));
});
