/**
 * Seeded journals of any size. The same seed writes the same bytes; times begin at a fixed day, never today, unless
 * `startMs` says otherwise. Requests run through lanes: a workspace manager's stream and its runners', side by side.
 */
import { Random, StreamBytes } from './bytes.mjs';

export const startMsDefault = Date.UTC(2025, 10, 21, 14, 2, 11, 480);

/**
 * Writes `requests` requests into `streams` streams. `size` is what one request writes: `small` (2 records, 1 span),
 * `medium` (5, 3 spans) or `full` (8, 4 spans, one effect). `failEvery`: each so-many-th fails. `paddingBytes` makes records
 * larger. Returns what was written, with some of the ids.
 */
export function generate(root, options) {
  const { seed = 1, streams, requests, size = 'full', isSealed = true } = options;
  const { failEvery = 50, paddingBytes = 0, startMs = startMsDefault, idEvery = 1000 } = options;
  const { identity, segmentBytesMax } = options;
  const perLane = size === 'small' ? 1 : Math.min(4, streams);
  const lanes = Math.max(1, Math.floor(streams / perLane));
  const random = new Random(seed);
  const padding = paddingBytes === 0 ? '' : `,"pad":"${'x'.repeat(paddingBytes)}"`;
  const report = { records: 0, bytes: 0, requests: 0, failed: 0, ids: [] };
  for (let lane = 0; lane < lanes; lane += 1) {
    const make = (role) =>
      new StreamBytes(root, {
        role,
        writerId: `${role}-${random.ulid(startMs)}`,
        identity,
        segmentBytesMax,
      });
    const wm = make('wm');
    const runners = Array.from({ length: perLane - 1 }, () => make('er'));
    const share = Math.floor(requests / lanes) + (lane < requests % lanes ? 1 : 0);
    let atUs = startMs * 1000 + lane * 8;
    for (let index = 0; index < share; index += 1) {
      report.requests += 1;
      const isFailed = failEvery > 0 && report.requests % failEvery === 0;
      if (isFailed) report.failed += 1;
      const correlationId = random.ulid(Math.floor(atUs / 1000));
      if (report.requests % idEvery === 0) report.ids.push(correlationId);
      const runner = runners[index % Math.max(1, runners.length)];
      const context = { random, wm, runner, atUs, correlationId, isFailed, size, padding };
      atUs = request(context) + 8 * random.below(200);
    }
    for (const stream of [wm, ...runners]) {
      stream.end(atUs, isSealed);
      report.records += stream.records;
      report.bytes += stream.bytes;
    }
  }
  return report;
}

const actions = ['lint', 'format', 'check', 'build', 'test', 'type_check'];
const clients = ['claude-code', 'vscode', 'zed', 'nvim'];

/** One request; returns when it ended. Times go in steps of 8 µs, so that each has a reading of its own. */
function request({ random, wm, runner, atUs, correlationId, isFailed, size, padding }) {
  let at = atUs;
  const step = () => (at += 8 * (1 + random.below(60)));
  const [front, run] = [random.spanId(), random.spanId()];
  const action = actions[random.below(actions.length)];
  const origin = `,"origin":{"front":"mcp","method":"tools/call","name":"${action}","client":"${clients[random.below(clients.length)]}"}`;
  const fields = (id, parent, runId) =>
    `,"wal_run_id":"${runId}","action_name":"${action}","correlation_id":"${correlationId}","span_id":"${id}","parent_span_id":"${parent}"`;
  const runId = random.ulid(Math.floor(at / 1000));
  const own = fields(run, front, runId);
  const hash = random.spanId().repeat(4);
  wm.add(
    step(),
    'run.accepted',
    `{"durability":"barrier","params_hash":"${hash}"${padding}}`,
    own + origin,
  );
  if (size !== 'small' && runner !== undefined) {
    const [attempt, below, handler] = [random.spanId(), random.spanId(), random.spanId()];
    wm.add(
      step(),
      'run.dispatched',
      `{"attempt":1,"runner":"er-1"${padding}}`,
      fields(attempt, run, runId),
    );
    const belowId = random.ulid(Math.floor(at / 1000));
    const inner = fields(below, attempt, belowId);
    runner.add(
      step(),
      'run.accepted',
      `{"durability":"barrier","params_hash":"${hash}"${padding}}`,
      inner + origin,
    );
    if (size === 'full') {
      const work = fields(handler, below, belowId);
      runner.add(step(), 'handler.started', `{"handler":"ruff"${padding}}`, work);
      const path = `/home/me/project/src/module_${random.below(5000)}.py`;
      runner.add(
        step(),
        'effect.applied',
        `{"path":"${path}","change":"modified","before":{"sha256":"${hash}","bytes":512},"after":{"sha256":"${random.spanId().repeat(4)}","bytes":530}${padding}}`,
        work,
      );
      runner.add(
        step(),
        'handler.completed',
        `{"handler":"ruff","duration_ms":1.25${padding}}`,
        work,
      );
    }
    runner.add(step(), ...end(isFailed, padding), inner);
  }
  wm.add(step(), ...end(isFailed, padding), own);
  return at;
}

function end(isFailed, padding) {
  return isFailed
    ? [
        'run.failed',
        `{"duration_ms":2.5,"answered":true,"error":{"class":"ExitError","code":"1","message":"exit 1"}${padding}}`,
      ]
    : ['run.completed', `{"duration_ms":2.5,"answered":true${padding}}`];
}

/** Streams of five records each: header, a run with one handler's start, its end, a seal. */
export function generateMany(
  root,
  { seed = 1, streams, startMs = startMsDefault, identity, isSealed = true },
) {
  const random = new Random(seed);
  const ids = [];
  for (let index = 0; index < streams; index += 1) {
    const atUs = startMs * 1000 + index * 1600;
    const writerId = `er-${random.ulid(Math.floor(atUs / 1000))}`;
    const stream = new StreamBytes(root, { role: 'er', writerId, identity });
    const correlationId = random.ulid(Math.floor(atUs / 1000));
    ids.push(correlationId);
    const fields = `,"wal_run_id":"${random.ulid(startMs)}","action_name":"lint","correlation_id":"${correlationId}","span_id":"${random.spanId()}"`;
    stream.add(atUs, 'run.accepted', '{"durability":"barrier","root":true}', fields);
    stream.add(atUs + 400, 'partial_result.first_sent', '{}', fields);
    stream.add(atUs + 800, 'run.completed', '{"duration_ms":0.8,"answered":true}', fields);
    stream.end(atUs + 800, isSealed);
  }
  return { records: streams * (isSealed ? 5 : 4), ids };
}

/** One failed request of 498 spans: eight attempts at runners, sixty handlers in each, one more in the one that failed. */
export function generateWide(root, { seed = 1, startMs = startMsDefault, identity } = {}) {
  const random = new Random(seed);
  const make = (role) =>
    new StreamBytes(root, { role, writerId: `${role}-${random.ulid(startMs)}`, identity });
  const [wm, ...runners] = [make('wm'), make('er'), make('er')];
  const correlationId = random.ulid(startMs);
  let at = startMs * 1000;
  const step = (us) => (at += us);
  const fields = (action, id, parent, runId) =>
    `,"wal_run_id":"${runId}","action_name":"${action}","correlation_id":"${correlationId}","span_id":"${id}","parent_span_id":"${parent}"`;
  const origin =
    ',"origin":{"front":"lsp","method":"textDocument/codeAction","name":"format","client":"vscode"}';
  const [front, run, runId] = [random.spanId(), random.spanId(), random.ulid(startMs)];
  wm.add(
    step(8),
    'run.accepted',
    '{"durability":"barrier"}',
    fields('format', run, front, runId) + origin,
  );
  for (let part = 0; part < 8; part += 1) {
    const isFailed = part === 5;
    const runner = runners[part % 2];
    const [attempt, below, belowId] = [random.spanId(), random.spanId(), random.ulid(startMs)];
    wm.add(
      step(8),
      'run.dispatched',
      `{"attempt":1,"runner":"er-${part % 2}"}`,
      fields('format', attempt, run, runId),
    );
    runner.add(
      step(8),
      'run.accepted',
      '{"durability":"barrier"}',
      fields('format_part', below, attempt, belowId),
    );
    for (let index = 0; index < (isFailed ? 61 : 60); index += 1) {
      const work = fields('format_part', random.spanId(), below, belowId);
      runner.add(step(8), 'handler.started', '{"handler":"ruff_format"}', work);
      const isLast = index === 60;
      const error = isLast ? ',"error":{"class":"ExitError","code":"1","message":"exit 1"}' : '';
      const name = isLast ? 'handler.failed' : 'handler.completed';
      runner.add(step(14_000), name, `{"handler":"ruff_format","duration_ms":14${error}}`, work);
    }
    runner.add(step(8), ...end(isFailed, ''), fields('format_part', below, attempt, belowId));
  }
  wm.add(step(8), ...end(true, ''), fields('format', run, front, runId));
  for (const stream of [wm, ...runners]) stream.end(at);
  return { correlationId, spans: 498 };
}
