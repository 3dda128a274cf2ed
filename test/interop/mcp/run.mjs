// Type-checks the adapter against all classes of both SDKs, then runs the checks of this folder. `--quick`: what a CI
// run has time for. Needs a build; `npm ci` in this folder first.
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const flags = process.argv.slice(2);

// A link and not a `file:` dependency, for which npm would install what the repository depends on once more.
const link = `${here}node_modules/throughline`;
if (!existsSync(link)) symlinkSync(root, link, 'junction');

const programs = [
  [
    `${root}node_modules/typescript/bin/tsc`,
    '-p',
    here,
    '--typeRoots',
    `${root}node_modules/@types`,
  ],
  ['pairings.mjs', ...flags],
  ['coexist.mjs', ...flags],
  ['record.mjs', ...flags],
  ['through.mjs', ...flags],
];
const failed = programs.filter((program) => {
  // A burst makes the SDKs wait for one pipe with hundreds of listeners; that warning is theirs.
  const args = ['--disable-warning=MaxListenersExceededWarning', ...program];
  return spawnSync(process.execPath, args, { cwd: here, stdio: 'inherit' }).status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
