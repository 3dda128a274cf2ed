/**
 * Memory and time of every export of 1,000,000 records, each in a process of its own, beside `runs`, which reads the
 * same and prints 200 lines: what an export takes more than that is its own.
 *
 *   node test/bench/export/main.mjs [--quick] [--only otlp,csv] [--dir DIRECTORY] [--repeats N]
 *
 * --quick takes a tenth of the records. Needs a built repository, room for 2 GB, and for parquet its package. Nothing
 * here passes or fails; the aim is at most 256 MiB.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generate } from '../../support/generate.mjs';
import { corpus, median } from '../read/corpus.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: {
      type: 'string',
      default:
        'runs,csv,jsonl,jsonl records,otlp,otlp-json,otlp to a collector,perfetto,chrome,html,parquet',
    },
    dir: { type: 'string' },
    repeats: { type: 'string', default: '3' },
  },
});
const bin = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const meter = fileURLToPath(new URL('peak.mjs', import.meta.url));
const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'tl-bench-export-'));
mkdirSync(dir, { recursive: true });
const requests = values.quick ? 12_500 : 125_000;
const out = join(dir, 'out');

/** The command in a process of its own; resolves with its peak of resident memory, and what it printed last. */
function run(args) {
  return new Promise((settle) => {
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', meter, bin, ...args], {
      stdio: ['ignore', openSync(out, 'w'), 'pipe', 'ipc'],
    });
    let [stderr, peakMb] = ['', Number.NaN];
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('message', (message) => {
      peakMb = message.peakMb;
    });
    child.once('close', (code) => {
      const seconds = (performance.now() - began) / 1000;
      const said = stderr.trim().split('\n').at(-1) ?? '';
      settle({ code, seconds, peakMb, said, bytes: statSync(out).size });
    });
  });
}

/** Takes everything and looks at nothing. */
async function sinkhole() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

async function measure(name, root) {
  if (name === 'runs') return run(['runs', '--root', root]);
  const [format, table] = name.split(' ');
  const args = ['export', '--format', format, '--since', '2020-01-01', '--root', root];
  if (name.endsWith('to a collector')) {
    const { url, close } = await sinkhole();
    try {
      return await run([...args, '--to', url]);
    } finally {
      close();
    }
  }
  return run(table === undefined ? args : [...args, '--table', table]);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
);
try {
  const root = corpus(dir, `records-${requests}`, (at) => generate(at, { streams: 64, requests }));
  console.log(`\n| what | peak, MiB | s | of \`runs\` | MB |\n| --- | --- | --- | --- | --- |`);
  const names = values.only.split(',');
  const found = new Map(names.map((name) => [name, []]));
  // Interleaved, so that a busy minute falls on all of them.
  for (let repeat = 0; repeat < Number(values.repeats); repeat += 1) {
    for (const name of names) found.get(name).push(await measure(name, root));
  }
  const base = found.get('runs')?.map(({ seconds }) => seconds);
  for (const [name, runs] of found) {
    // 1: a page holds only so many spans, and says so.
    const failed = runs.find(({ code }) => code !== 0 && code !== 1);
    if (failed !== undefined) {
      console.log(`| ${name} | exit ${failed.code}: ${failed.said} | | | |`);
      continue;
    }
    const seconds = runs.map((one) => one.seconds);
    const ratio = base === undefined ? '' : `${(median(seconds) / median(base)).toFixed(1)} ×`;
    // The highest peak, not the middle one: that is what has to fit.
    const peak = Math.max(...runs.map(({ peakMb }) => peakMb)).toFixed(0);
    const mb = (median(runs.map(({ bytes }) => bytes)) / 1e6).toFixed(0);
    console.log(`| ${name} | ${peak} | ${median(seconds).toFixed(1)} | ${ratio} | ${mb} |`);
  }
} finally {
  rmSync(out, { force: true });
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
}
