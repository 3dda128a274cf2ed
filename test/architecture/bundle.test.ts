/** The one file that package.json names as the command: made of what was built, and of nothing else. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, walk } from './built-graph.js';

const file = 'dist/src/cli/throughline.cjs';

test('the bundle is the one that this build makes', () => {
  const checked = spawnSync(process.execPath, ['scripts/bundle.mjs', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
});

test('the bundle loads built-in modules only, and the other commands when they are called', () => {
  const code = readFileSync(join(repository, file), 'utf8');
  const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
  expect([...new Set(required)].toSorted()).toEqual([
    'node:child_process',
    'node:crypto',
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
