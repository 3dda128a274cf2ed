/**
 * Reading against plain loops over the same files, and its limits at full scale.
 *
 *   node test/bench/read/main.mjs [--quick] [--only merge,lookup,since,limits] [--dir DIRECTORY] [--repeats N]
 *
 * --quick takes a tenth of the data. Needs a built repository and room for 2.5 GB. DuckDB is installed into this folder on
 * the first run; where it cannot be, its line says so. Nothing here passes or fails.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureLimits } from './limits.mjs';
import { measureLookup } from './lookup.mjs';
import { measureMerge } from './merge.mjs';
import { measureSince } from './since.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'merge,lookup,since,limits' },
    dir: { type: 'string' },
    repeats: { type: 'string', default: '5' },
  },
});
const parts = {
  merge: measureMerge,
  lookup: measureLookup,
  since: measureSince,
  limits: measureLimits,
};
const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'tl-bench-read-'));
mkdirSync(dir, { recursive: true });
const plan = { dir, scale: values.quick ? 0.1 : 1, repeats: Number(values.repeats) };
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
);
console.log('\n| what | floor | aim | measured |\n| --- | --- | --- | --- |');
try {
  for (const name of values.only.split(',')) {
    for await (const row of parts[name](plan)) console.log(`| ${row.join(' | ')} |`);
  }
} finally {
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
}
