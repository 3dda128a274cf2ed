// What starting under an id costs: `npm run build`, then `node test/bench/start.mjs [ROUNDS]`. Wall time of processes that
// are started in turn; a ratio is the median of each round's own, against the same work without us. Exits with 1 over a
// limit. On a busy machine repeat it: one round's processes may meet different neighbours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rounds = Number(process.argv[2] ?? 25);
const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tl-start-'));
const empty = join(folder, 'empty.mjs');
const correlated = join(folder, 'correlated.mjs');
writeFileSync(empty, '');
writeFileSync(
  correlated,
  `import { correlateCli } from '${at('dist/adapters/cli/bundle.js')}';\ncorrelateCli({ name: 'x', version: '1' });\n`,
);

const node = process.execPath;
const cases = {
  'node -e 0, and true': [[node, '-e', '0'], ['true']],
  'throughline run -- true': [[node, at('dist/src/cli/throughline.cjs'), 'run', '--', 'true']],
  'an empty program': [[node, empty]],
  'with correlateCli': [[node, correlated]],
};
const limits = [
  ['throughline run -- true', 'node -e 0, and true', 1.35],
  ['with correlateCli', 'an empty program', 1.1],
];

const samples = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, commands] of Object.entries(cases)) {
    const start = performance.now();
    for (const [file, ...args] of commands) spawnSync(file, args, { stdio: 'ignore' });
    samples[name].push(performance.now() - start);
  }
}
rmSync(folder, { recursive: true });

const quantile = (values, part) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * part)];
for (const [name, values] of Object.entries(samples)) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(1));
  console.log(`${name}: ${middle} ms (quartiles ${low} to ${high})`);
}
for (const [name, base, limit] of limits) {
  const ratios = samples[name].map((value, round) => value / samples[base][round]);
  const ratio = quantile(ratios, 0.5);
  console.log(`${name}: ${ratio.toFixed(2)} times ${base}; at most ${limit}`);
  if (ratio > limit) process.exitCode = 1;
}
