/**
 * The reader on recordings of the real FineCode: `node test/read/finecode/captures.mjs DIR`, with the built package. DIR
 * holds `expN/wal/<env>/{wm,er}` and, for what went over the wires, `client-wm.jsonl` and `wm-er.*.jsonl`. They are no
 * part of this project. Every run must be found, none joined with a request that did not cause it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finecodeSource, openJournal, readStory, reconcile, walk } from 'throughline/read';
import { finecodeRequest } from '../../../dist/src/hook/proxied/finecode-request.js';
import { membersAt } from '../../../dist/src/protocol/index.js';
import { Random, StreamBytes } from '../../support/bytes.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('usage: node test/read/finecode/captures.mjs DIR');
  process.exit(2);
}
let failures = 0;

function check(what, found, expected) {
  const isSame = JSON.stringify(found) === JSON.stringify(expected);
  if (!isSame) failures += 1;
  console.log(
    `${isSame ? 'ok  ' : 'FAIL'} ${what}: ${JSON.stringify(found)}${isSame ? '' : `, expected ${JSON.stringify(expected)}`}`,
  );
}

function lines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Every `wal_run_id` that stands in the files, by a reader of its own. */
function runsIn(experiment) {
  const runs = new Map();
  for (const file of readdirSync(join(directory, experiment, 'wal'), { recursive: true })) {
    if (!file.endsWith('.jsonl')) continue;
    const text = readFileSync(join(directory, experiment, 'wal', file), 'utf8');
    for (const [, role, id] of text.matchAll(
      /"writer_id": "([a-z]+)-[^}]*\}*[^}]*"wal_run_id": "([^"]+)"/g,
    )) {
      runs.set(id, (runs.get(id) ?? new Set()).add(role));
    }
  }
  return runs;
}

async function read(experiment, roots = []) {
  const source = finecodeSource({ places: [join(directory, experiment)], roots });
  return readStory({ roots, sources: [source] });
}

function spansOf(story) {
  return [...story.requests].flatMap((request) =>
    [...walk(request.roots)].map(({ span }) => ({ request, span })),
  );
}

const isFineCode = ({ span }) => /^(?:wm|er)-\d+-\d+$/.test(span.writerId);

/** All runs are found, each in exactly one request. */
async function allFound(experiment, roots = []) {
  const story = await read(experiment, roots);
  const requests = new Map();
  for (const { request, span } of spansOf(story).filter(isFineCode)) {
    const key = `${request.correlationId} ${request.entrySpanId}`;
    requests.set(span.runId, (requests.get(span.runId) ?? new Set()).add(key));
  }
  const expected = runsIn(experiment);
  const missed = [...expected.keys()].filter((id) => !requests.has(id));
  check(`${experiment}: runs not found, of ${expected.size}`, missed, []);
  const torn = [...requests].filter(([, keys]) => keys.size !== 1).length;
  check(`${experiment}: runs in more than one request`, torn, 0);
  return { story, runs: expected };
}

async function exp1() {
  const { story, runs } = await allFound('exp1');
  check('exp1: records', story.truth.records, 126);
  check('exp1: runs', runs.size, 15);
  check('exp1: requests', story.requests.length, 15);
}

async function exp4() {
  const { story, runs } = await allFound('exp4');
  check('exp4: runs', runs.size, 11);
  check(
    'exp4: only in ER streams',
    [...runs.values()].filter((roles) => !roles.has('wm')).length,
    6,
  );
  check('exp4: requests', story.requests.length, 11);
  const { findings } = await reconcile({
    roots: [],
    sources: [finecodeSource({ places: [join(directory, 'exp4')] })],
  });
  const names = findings.map(({ name }) => name);
  check(
    'exp4: findings',
    [names.length, names.every((name) => name === 'run_unrecorded')],
    [6, true],
  );
}

/**
 * What `record finecode` would have written: the requests as they stand on the wire, read by its own code, with the ids
 * that were injected. Where paths in params were rewritten since, their hash is the one that FineCode wrote for the run.
 */
function recorderStream(root, tap, hashes) {
  const random = new Random(5);
  const stream = new StreamBytes(root, {
    role: 'finecode',
    writerId: `finecode-${random.ulid(1)}`,
  });
  const asked = new Map();
  let last = 0;
  for (const { ts, conn, dir, msg, raw, tp, id } of tap) {
    const at = Date.parse(ts) * 1000;
    last = at;
    const isRun = msg?.method === 'actions/run' || msg?.method === 'actions/runBatch';
    if (dir === 'c>s' && isRun) asked.set(`${conn} ${msg.id}`, { at, raw, method: msg.method });
    const request = asked.get(`${conn} ${msg?.id ?? id}`);
    if (request === undefined) continue;
    if (tp !== undefined) begin(request, tp);
    else if (dir === 's>c' && msg.id !== undefined) end(request, at, msg);
  }
  stream.end(last);

  function begin(request, traceparent) {
    const [, traceId, spanId] = traceparent.split('-');
    const body = Buffer.from(request.raw);
    const { targets, ...rest } = finecodeRequest(body, body, membersAt(body).get('params').start);
    const of = `,"trigger":"${rest.trigger}","dev_env":"${rest.devEnv}","correlation_id":"${traceId}"`;
    request.span = random.spanId();
    request.fields = `${of},"span_id":"${request.span}"`;
    const payload = {
      method: request.method,
      partial_result_token: rest.partialResultToken,
      progress_token: rest.progressToken,
      targets: targets.length,
    };
    stream.add(request.at, 'run.accepted', JSON.stringify(payload), request.fields);
    const wanted = targets.map(({ action, project, paramsHash }) => {
      const hash = request.raw.includes('file_paths') ? hashes.get(traceId) : paramsHash;
      return { action, project, params_hash: hash };
    });
    const sent = wanted.length === 1 ? wanted[0] : { asked_for: wanted };
    const ids = `,"span_id":"${spanId}","parent_span_id":"${request.span}"`;
    const dispatched = JSON.stringify({ attempt: 1, runner: 'finecode', ...sent });
    stream.add(request.at, 'run.dispatched', dispatched, `${of}${ids}`);
  }

  function end({ fields }, at, { result, error }) {
    if (error !== undefined) {
      stream.add(at, 'run.failed', JSON.stringify({ outcome: 'rpc_error', error }), fields);
      return;
    }
    const results = Object.entries(result.results ?? {}).flatMap(([project, actions]) =>
      Object.keys(actions).map((action) => ({ project, action })),
    );
    stream.add(at, 'run.completed', JSON.stringify({ outcome: 'complete', results }), fields);
  }
}

/** Which run which trace caused, from the wire behind the WM, which the reader does not see. */
function causes(experiment) {
  const caused = new Map();
  for (const file of readdirSync(join(directory, experiment))) {
    if (!file.startsWith('wm-er.')) continue;
    for (const { msg } of lines(join(directory, experiment, file))) {
      const runId = msg?.params?.options?.walRunId;
      if (runId === undefined || runId === null) continue;
      const trace = msg._meta?.traceparent?.split('-')[1];
      if (trace !== undefined || !caused.has(runId)) caused.set(runId, trace);
    }
  }
  return caused;
}

async function exp5() {
  const root = mkdtempSync(join(tmpdir(), 'throughline-captures-'));
  try {
    const caused = causes('exp5');
    const hashes = new Map();
    for (const line of lines(join(directory, 'exp5/wal/dev_workspace/wm/wal-000001.jsonl'))) {
      const trace = caused.get(line.wal_run_id);
      if (line.event_type === 'run.accepted' && trace) hashes.set(trace, line.payload.params_hash);
    }
    recorderStream(root, lines(join(directory, 'exp5/client-wm.jsonl')), hashes);
    const { story } = await allFound('exp5', [root]);
    const joins = { exact: 0, inferred: 0, wrong: 0, nested: 0 };
    const first = [...caused].filter(([, trace]) => trace !== undefined).length;
    const seen = new Set();
    for (const one of spansOf(story).filter(isFineCode)) {
      const { request, span } = one;
      if (seen.has(span.runId)) continue;
      seen.add(span.runId);
      const trace = caused.get(span.runId);
      const joints = [...walk(request.roots)].filter(({ span: other }) => other.join !== undefined);
      const joint = joints.find(({ span: other }) => other.runId === span.runId)?.span.join;
      if (joint === undefined || joint === 'ambiguous') continue;
      if (trace === undefined) joins.nested += 1;
      else if (request.traceId === trace) joins[joint] += 1;
      else joins.wrong += 1;
    }
    check('exp5: first-level runs', first, 9);
    check('exp5: joins', joins, { exact: 5, inferred: 4, wrong: 0, nested: 0 });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function exp7() {
  const glued = await allFound('exp7-b');
  check('exp7-b: runs', [glued.runs.size, glued.story.requests.length], [6, 6]);
  const faults = glued.story.streams.flatMap((stream) =>
    stream.faults.map(({ verdict }) => verdict),
  );
  check('exp7-b: faults', faults, ['GLUED']);
  const places = [join(directory, 'exp7-b')];
  const { findings } = await reconcile({ roots: [], sources: [finecodeSource({ places })] });
  check('exp7-b: findings', [...new Set(findings.map(({ name }) => name))].sort(), [
    'file_shared',
    'line_glued',
  ]);
  const crash = await allFound('exp7-crash');
  const states = [...crash.story.requests].map(({ state }) => state);
  check('exp7-crash: states, newest first', states, ['completed', 'unknown']);
}

async function exp8() {
  const { story } = await allFound('exp8');
  const source = finecodeSource({ places: [join(directory, 'exp8')] });
  let [records, stamped] = [0, 0];
  const journal = await openJournal({ roots: [], sources: [source] });
  for await (const item of journal.items()) {
    if (item.kind !== 'entry') continue;
    records += 1;
    const { correlation } = item.entry.payload;
    if (correlation !== undefined && correlation.id === item.entry.correlationId) stamped += 1;
  }
  check('exp8: records, of them with the correlation they carry', [records, stamped], [127, 82]);
  const joined = spansOf(story).filter(({ span }) => span.join === 'exact');
  check(
    'exp8: runs joined by what they carry',
    new Set(joined.map(({ span }) => span.runId)).size,
    10,
  );
}

for (const experiment of [exp1, exp4, exp5, exp7, exp8]) await experiment();
console.log(failures === 0 ? 'all as expected' : `${failures} not as expected`);
process.exitCode = failures === 0 ? 0 : 1;
