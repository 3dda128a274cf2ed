/** The bundles that package.json names: made of what was built, and of nothing else. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, walk } from './built-graph.js';

const file = 'dist/src/cli/throughline.cjs';

test('the bundles are those that this build makes', () => {
  const checked = spawnSync(process.execPath, ['scripts/bundle.mjs', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
});

test('the command loads built-in modules only, and the other commands when they are called', () => {
  const code = readFileSync(join(repository, file), 'utf8');
  const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
  expect([...new Set(required)].toSorted()).toEqual([
    'node:child_process',
    'node:fs',
    'node:os',
    'node:path',
    'node:tty',
    'node:util',
    'url',
  ]);
  const later = walk([file]).files.filter((one) => one.startsWith('dist/src/cli/commands/'));
  expect(later).toContain('dist/src/cli/commands/show.js');
  expect(later).not.toContain('dist/src/cli/commands/run.js');
});

test('a wrong command line of a command that is not in the bundle has its exit code', () => {
  const ran = spawnSync(process.execPath, [file, 'shell-init', 'csh'], { cwd: repository });
  expect(ran.status).toBe(2);
});

test('the adapter for command-line programs loads one file', () => {
  const { files, bare } = walk(['dist/adapters/cli/bundle.js']);
  expect(files).toEqual(['dist/adapters/cli/bundle.js']);
  expect(bare).toEqual(['node:async_hooks']);
});

test('contexts of the bundle and of the package are one: the process has one scope and one clock', () => {
  const program = `
    import { correlateCli } from 'throughline/cli';
    import { currentContext, inject, logFields, processClock, runInContext } from 'throughline';
    const cli = correlateCli({ name: 'x', env: {} });
    const inside = cli.run(() => inject(currentContext()).traceparent);
    const before = processClock().tick();
    const sent = cli.childEnv().TRACESTATE.slice(3, 16);
    console.log(
      currentContext() === cli.context,
      inside === cli.context.traceparent,
      logFields().span_id === cli.context.spanId,
      before < sent && sent < processClock().tick(),
      runInContext(cli.context.child(), () => cli.childEnv().TRACEPARENT.slice(0, 35)) ===
        cli.context.traceparent.slice(0, 35),
    );
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(ran).toMatchObject({ stdout: 'true true true true true\n', stderr: '' });
});
