/**
 * A million records of FineCode's WAL: `node test/bench/read/finecode.mjs [RUNS] [DIRECTORY]`, with the built package. Time
 * and memory of the command line beside the same number of records in streams of ours, in one run.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isoTime, Random } from '../../support/bytes.mjs';
import { generate } from '../../support/generate.mjs';

const runs = Number(process.argv[2] ?? 111_112);
const directory = process.argv[3] ?? mkdtempSync(join(tmpdir(), 'throughline-bench-finecode-'));
const cli = fileURLToPath(new URL('../../../dist/src/cli/throughline.cjs', import.meta.url));
const epochUs = Date.UTC(2026, 10, 21) * 1000;
const recordsPerRun = 9;
const lanes = 8;

/** One WM and one ER for each project; 9 records a run, as FineCode writes them of a run in one env. */
function writeFineCode(place) {
  const random = new Random(1);
  for (let lane = 0; lane < lanes; lane += 1) {
    const project = `/home/me/project-${lane}`;
    const [wm, er] = ['wm', 'er'].map((role) => files(place, lane, role));
    let us = epochUs + lane;
    for (let index = 0; index < runs / lanes; index += 1) {
      const id = uuid(random);
      const of = `, "wal_run_id": "${id}", "action_name": "${['greet', 'lint', 'format'][index % 3]}", "trigger": "user", "dev_env": "cli"}\n`;
      const add = (to, event, payload) =>
        to.add((us += 40 + random.below(400)), event, project, payload, of);
      add(wm, 'run.accepted', `{"params_hash": "${random.spanId().repeat(4)}"}`);
      add(wm, 'runner.selected', '{"env_name": "dev_no_runtime"}');
      add(
        wm,
        'run.dispatched',
        `{"runner_id": "${project} (dev_no_runtime)", "env_name": "dev_no_runtime"}`,
      );
      add(er, 'run.accepted', '{"partial_result_token": null, "progress_token": null}');
      add(er, 'run.dispatched', `{"run_id": ${index}}`);
      add(er, 'handler.started', `{"run_id": ${index}, "handler": "ruff"}`);
      add(
        er,
        'handler.completed',
        `{"run_id": ${index}, "handler": "ruff", "duration_ms": 0.153169}`,
      );
      add(er, 'run.completed', '{"status": "success", "return_code": 0}');
      add(wm, 'run.completed', '{"return_code": 0}');
    }
    wm.end();
    er.end();
  }
}

function files(place, lane, role) {
  const env = role === 'wm' ? 'dev_workspace' : 'dev_no_runtime';
  const path = join(place, `project-${lane}`, '.venvs', env, 'state', 'finecode', 'wal', role);
  mkdirSync(path, { recursive: true });
  const writer = `${role}-${400 + lane}-1795291833`;
  let [text, segment, sequence] = ['', 1, 0];
  const end = () => {
    writeFileSync(join(path, `wal-${String(segment).padStart(6, '0')}.jsonl`), text);
    segment += 1;
    text = '';
  };
  return {
    end,
    add(us, event, project, payload, of) {
      if (text.length >= 1024 * 1024) end();
      sequence += 1;
      const ts = `${isoTime(us).slice(0, -1)}+00:00`;
      text += `{"schema_version": 2, "sequence": ${sequence}, "ts": "${ts}", "event_type": "${event}", "project_path": "${project}", "writer_id": "${writer}", "payload": ${payload}${of}`;
    },
  };
}

function uuid(random) {
  const hex = random.spanId() + random.spanId();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Seconds and MiB of a command whose output nobody reads. */
function measure(...args) {
  const script = `require(${JSON.stringify(cli)}); process.on('exit', () => require('fs').writeSync(2, '\\npeak ' + process.resourceUsage().maxRSS))`;
  const began = performance.now();
  const out = execFileSync(
    'sh',
    [
      '-c',
      'ulimit -n 256; exec "$@" 2>&1 >/dev/null',
      'sh',
      process.execPath,
      '-e',
      script,
      cli,
      ...args,
    ],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  );
  const mib = Number(/peak (\d+)/.exec(out)?.[1]) / 1024;
  return { seconds: (performance.now() - began) / 1000, mib };
}

function said({ seconds, mib }) {
  return `${seconds.toFixed(1)} s, ${mib.toFixed(0)} MiB`;
}

try {
  const place = join(directory, 'workspace');
  const root = join(directory, 'root');
  if (process.argv[3] === undefined) {
    writeFineCode(place);
    generate(root, { streams: 64, requests: Math.round((runs * recordsPerRun) / 8) });
  }
  for (const command of ['runs', 'records']) {
    const ours = measure(command, '--root', root);
    const theirs = measure(command, '--finecode', place);
    console.log(
      `${command}, ${runs * recordsPerRun} records: ours ${said(ours)}; FineCode's ${said(theirs)}; ${(theirs.seconds / ours.seconds).toFixed(2)} × the time`,
    );
  }
} finally {
  if (process.argv[3] === undefined) rmSync(directory, { recursive: true, force: true });
}
