// Type-checks the tool on each framework and runs it: what it starts must be in its trace, below its own span, under the
// name that was asked for. Then the recipes for husky and just. Needs a build; `npm ci` in this folder first.
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runRecipes } from './recipes.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const started =
  /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01 tl=[0-9A-Z]{13};cli;;workbench%20format;workbench\/1\.2\.0 a\.ts\n$/;
const rooted = /^00-(?!0af7651916cd43dd)[0-9a-f]{32}-[0-9a-f]{16}-03 tl=/;

// A link and not a `file:` dependency, for which npm would install what the repository depends on once more.
const link = `${here}node_modules/throughline`;
if (!existsSync(link)) symlinkSync(root, link, 'junction');
const compiled = spawnSync(
  process.execPath,
  [
    `${root}node_modules/typescript/bin/tsc`,
    '-p',
    here,
    '--typeRoots',
    `${root}node_modules/@types`,
  ],
  { stdio: 'inherit' },
);
let failures = compiled.status === 0 ? 0 : 1;

function run(framework, args, env) {
  const program = `${here}node_modules/.built/${framework}.js`;
  return spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
}

for (const framework of ['commander', 'yargs', 'citty']) {
  const below = run(framework, ['format', 'a.ts'], { TRACEPARENT: sent });
  const own = run(framework, ['format', 'a.ts'], {});
  const version = run(framework, ['--version'], {});
  const isGood =
    started.test(below.stdout) &&
    rooted.test(own.stdout) &&
    below.stderr + own.stderr === '' &&
    version.stdout.trim().endsWith('1.2.0');
  if (!isGood) {
    failures += 1;
    console.log(below.stdout, below.stderr, own.stdout, own.stderr, version.stdout);
  }
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${framework}`);
}
failures += runRecipes(root, here);
process.exitCode = failures === 0 ? 0 : 1;
