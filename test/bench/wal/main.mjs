/**
 * The WAL against the disk's limit, its peers and plain loops.
 *
 *   node test/bench/wal/main.mjs [--quick] [--only durable,saturation,relaxed,device,reading,cuts] [--dir DIRECTORY]
 *
 * --quick takes about a minute and is for looking; the full run takes about fifteen and is for docs/benchmarks.md. Needs a
 * built repository and a C compiler. Nothing here passes or fails: a busy machine must not turn anything red.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureDurable, measureRecordBytes } from './durable.mjs';
import { compileLimit } from './limit.mjs';
import {
  measureDeviceBytes,
  measureReading,
  measureRelaxed,
  measureSaturation,
} from './others.mjs';
import { measurePowerCuts } from './power-cut.mjs';
import { printDurable, printGoals, printOthers } from './report.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'durable,saturation,relaxed,device,reading,cuts' },
    dir: { type: 'string' },
    clients: { type: 'string', default: '1,16,256,4096' },
    repeats: { type: 'string' },
  },
});
const quick = {
  repeats: 3,
  warmMs: 150,
  sampleMs: 150,
  limitMs: 60,
  deviceRecords: 200,
  readMb: 32,
  readRepeats: 2,
  cuts: 0,
};
const full = {
  repeats: 15,
  // A lone appender makes so few records a second that it takes seconds until its code is compiled.
  warmMs: 5000,
  sampleMs: 250,
  limitMs: 120,
  deviceRecords: 2000,
  readMb: 256,
  readRepeats: 5,
  cuts: 5,
};
const plan = { ...(values.quick ? quick : full), clients: values.clients.split(',').map(Number) };
if (values.repeats !== undefined) plan.repeats = Number(values.repeats);
const bench = fileURLToPath(new URL('..', import.meta.url));
const built = fileURLToPath(new URL('../../../dist/src/wal/verify/verify.js', import.meta.url));

const say = (text) => process.stderr.write(`… ${text}\n`);

/** A directory on a real disk: where the temporary directory lives in memory, next to the installed packages. */
function makeWorkspace() {
  const tmpfs = 0x01021994;
  const isInMemory = statfsSync(tmpdir()).type === tmpfs;
  const parent = values.dir ?? (isInMemory ? join(bench, 'node_modules', '.data') : tmpdir());
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'throughline-bench-'));
}

function printMachine(recordBytes) {
  const [first] = cpus();
  console.log(
    [
      `machine: ${cpus().length} × ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`,
      `load before: ${loadavg()
        .map((load) => load.toFixed(2))
        .join(' ')}`,
      `method: record of ${recordBytes} B; ${plan.repeats} repeats of ${plan.sampleMs} ms, each between two runs of the C program (${plan.limitMs} ms) of the same batch; ratio = sample ÷ √(before × after); medians (smallest–largest)`,
      process.env.PROCESS_WAL === undefined
        ? 'process-wal: SKIPPED, it is on no registry; build it and set PROCESS_WAL to its dist/index.js'
        : 'process-wal: the build that PROCESS_WAL names',
      process.env.FINECODE_WAL === undefined
        ? 'FineCode’s writer: its steps in our own words; FINECODE_WAL names a file of the real one'
        : 'FineCode’s writer: the file that FINECODE_WAL names',
    ].join('\n'),
  );
}

if (!existsSync(built)) {
  console.error('bench: build the repository first: npm run build');
  process.exit(1);
}
if (!existsSync(join(bench, 'node_modules', 'better-sqlite3'))) {
  say('installing test/bench (better-sqlite3; compiles it where no binary is offered)');
  execFileSync('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund'], { stdio: 'inherit' });
}
const wanted = new Set(values.only.split(','));
const workspace = makeWorkspace();
try {
  const recordBytes = await measureRecordBytes(workspace);
  const limit = compileLimit(workspace, recordBytes);
  printMachine(recordBytes);
  const job = { workspace, limit, recordBytes, plan, say };
  const take = (name, measure) => (wanted.has(name) ? measure(job) : undefined);
  const results = {
    durable: (await take('durable', measureDurable)) ?? [],
    saturation: await take('saturation', measureSaturation),
    relaxed: await take('relaxed', measureRelaxed),
    device: await take('device', measureDeviceBytes),
    reading: await take('reading', measureReading),
    cuts: plan.cuts === 0 ? undefined : await take('cuts', measurePowerCuts),
  };
  printGoals(results);
  printDurable(results.durable);
  printOthers(results);
  console.log(
    `\nload after: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  );
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
