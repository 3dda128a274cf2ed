// The recipes of docs/recipes.md for husky and just, word for word, with the real programs: what they start must be in
// the trace they were started in, below a span of the recipe's own. Returns how many failed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const below = '00-0af7651916cd43dd8448eb211c80319c-';

export function runRecipes(root, here) {
  const page = readFileSync(`${root}docs/recipes.md`, 'utf8');
  const project = mkdtempSync(join(tmpdir(), 'throughline-recipes-'));
  try {
    install(project, root, here);
    return [husky(project, page), just(project, page, here)].filter((isGood) => !isGood).length;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** A project in which `npx --no-install throughline` is found, and programs that say where they were started. */
function install(project, root, here) {
  const bin = join(project, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(`${root}dist/src/cli/throughline.cjs`, join(bin, 'throughline'));
  symlinkSync(`${here}node_modules/husky`, join(project, 'node_modules', 'husky'), 'junction');
  for (const name of ['lint-staged', 'eslint']) {
    writeFileSync(join(bin, name), '#!/bin/sh\necho "$TRACEPARENT" >> "$OUT"\n', { mode: 0o755 });
  }
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true }\n');
}

function husky(project, page) {
  const [, hook] = /## husky[\s\S]*?```sh\n([\s\S]*?)```/.exec(page);
  const steps = `git init -q . && git config user.email me@here && git config user.name me
    node -e "import('husky').then(({ default: husky }) => husky())" && git commit -q --allow-empty -m one`;
  mkdirSync(join(project, '.husky'));
  writeFileSync(join(project, '.husky', 'pre-commit'), hook);
  return said('husky', project, steps, 1);
}

function just(project, page, here) {
  const [, recipe] = /```just\n([\s\S]*?)```/.exec(page);
  writeFileSync(join(project, 'justfile'), `${recipe}    eslint . again\n`);
  return said('just', project, `${here}node_modules/.bin/just lint`, 2);
}

/** Runs the script under a context; so many processes must say one in the same trace, each its own. */
function said(name, project, script, count) {
  const out = join(project, `${name}.out`);
  const { npm_config_user_agent: _agent, ...env } = process.env;
  const ran = spawnSync('sh', ['-euc', script], {
    cwd: project,
    encoding: 'utf8',
    env: {
      ...env,
      OUT: out,
      PATH: `${join(project, 'node_modules', '.bin')}:${env.PATH}`,
      HOME: project,
      TRACEPARENT: sent,
    },
  });
  const lines = ran.status === 0 ? readFileSync(out, 'utf8').trimEnd().split('\n') : [];
  const isGood =
    lines.length === count &&
    new Set(lines).size === count &&
    lines.every((line) => line.startsWith(below) && line !== sent);
  if (!isGood) console.log(ran.stdout, ran.stderr, lines);
  console.log(`${isGood ? 'ok' : 'FAILED'}: the recipe for ${name}`);
  return isGood;
}
