// `throughline query` in a real DuckDB, and Parquet files read back by it. Needs a build; `npm ci` in this folder first.
// The build is copied to where a package manager would have put it: beside the packages that it loads.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const installed = `${here}node_modules/throughline`;

rmSync(installed, { recursive: true, force: true });
for (const part of ['package.json', 'dist']) {
  cpSync(`${root}${part}`, `${installed}/${part}`, { recursive: true });
}

// `--quick` leaves out what reads a million records.
const isQuick = process.argv.includes('--quick');
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', `${here}vitest.config.mjs`],
  { cwd: root, stdio: 'inherit', env: { ...process.env, QUICK: isQuick ? '1' : '' } },
);
process.exitCode = status ?? 1;
