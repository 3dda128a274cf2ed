/**
 * `throughline shell-init`: prints a shell's hook, a file of this package as it stands. The hook does the work, without
 * any process of ours; this command runs once when a shell starts, or once for all when its output is kept.
 */
import { readFileSync } from 'node:fs';
import { exitCode, UsageError, type Given } from '../command.js';

const shells: readonly string[] = ['bash', 'zsh', 'fish', 'sh'];

export async function execute(given: Given): Promise<number> {
  const shell = given.arguments[0] ?? '';
  if (!shells.includes(shell)) {
    throw new UsageError(`there is a hook for bash, zsh, fish and sh, not for "${shell}"`);
  }
  // Of the package this file is in, at dist/src/cli/commands/shell-init.js: shell code is not compiled.
  const file = new URL(`../../../../src/cli/shell/hook.${shell}`, import.meta.url);
  process.stdout.write(readFileSync(file, 'utf8'));
  return exitCode.ok;
}
