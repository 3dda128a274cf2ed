// recordMcp on servers of SDK 2, over stdio and HTTP, for clients of both SDKs: what stands on disk is compared with
// what the client sent and got.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, http, newClient, stdio } from './sdks.mjs';

const isQuick = process.argv.includes('--quick');
const server = fileURLToPath(new URL('./recording-server.mjs', import.meta.url));

let failures = 0;

function report(title, problems) {
  if (problems.length > 0) failures += 1;
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${title}`);
  for (const problem of problems.slice(0, 5)) console.log(`  ${problem}`);
}

const traceOf = (number) => `f${number.toString(16).padStart(31, '0')}`;
const spanOf = (number) => `e${number.toString(16).padStart(15, '0')}`;
const carrierOf = (number) => ({ traceparent: `00-${traceOf(number)}-${spanOf(number)}-01` });

const endOf = (run) => run?.at(-1);

function linesOf(root) {
  const folder = join(root, 'wal', 'wm');
  return readdirSync(folder).flatMap((writer) =>
    readdirSync(join(folder, writer)).flatMap((segment) => {
      const lines = readFileSync(join(folder, writer, segment), 'utf8')
        .split('\n')
        .slice(0, -1);
      return lines.map((line) => JSON.parse(line));
    }),
  );
}

/** The records of each run. */
function runsIn(root) {
  const runs = new Map();
  for (const line of linesOf(root)) {
    const id = line.wal_run_id;
    runs.set(id, [...(runs.get(id) ?? []), line]);
  }
  runs.delete(undefined);
  return [...runs.values()];
}

async function check(order, transport, version, negotiation) {
  const root = mkdtempSync(join(tmpdir(), 'tl-interop-record-'));
  const env = { THROUGHLINE_ROOT: root, ORDER: order };
  const client = newClient(version, { negotiation });
  let site;
  if (transport === 'http') {
    site = spawn(process.execPath, [server, 'http'], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [port] = await once(site.stdout, 'data');
    await client.connect(http(version, `http://127.0.0.1:${String(port).trim()}/mcp`));
  } else {
    await client.connect(stdio(version, [server, 'stdio'], env));
  }
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, number) => call(client, 'ids', '', carrierOf(number))),
  );
  // The first client of 2025 over HTTP has no stream that a server could ask on.
  const canAsk = transport === 'stdio' || negotiation === 'auto';
  const asked = canAsk ? await call(client, 'asks', 'asked') : undefined;
  const failed = await client.callTool({ name: 'fails', arguments: {} });
  const unknown = await client
    .callTool({ name: 'no-such-tool', arguments: {} })
    .catch((error) => error);
  const abort = new AbortController();
  const waits = client.callTool(
    { name: 'waits', arguments: {} },
    ...(version === 1 ? [undefined] : []),
    {
      signal: abort.signal,
    },
  );
  waits.catch(() => undefined);
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  abort.abort('enough');
  await client.ping().catch(() => client.listTools());
  await client.close();
  if (site !== undefined) {
    const exited = once(site, 'exit');
    site.stdin.end();
    await exited;
  }
  for (let tries = 0; tries < 100; tries += 1) {
    if (linesOf(root).at(-1)?.event_type === 'wal.sealed') break;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  report(
    `recorded (${order}), ${transport}, client v${version} (${negotiation})`,
    problemsOf({
      runs: runsIn(root),
      answers,
      asked,
      failed,
      unknown,
      canAsk,
      negotiation,
      transport,
    }),
  );
  rmSync(root, { recursive: true });
}

function problemsOf({ runs, answers, asked, failed, unknown, canAsk, negotiation, transport }) {
  const problems = [];
  const expect = (isTrue, problem) => isTrue || problems.push(problem);
  for (const [number, answer] of answers.entries()) {
    const run = runs.find(([{ wal_run_id: id }]) => id === answer.run);
    const [accepted, end] = run ?? [];
    expect(answer.trace === traceOf(number), `call ${number} ran in ${answer.trace}`);
    expect(accepted?.span_id === answer.span, `call ${number} has another span than its run`);
    expect(accepted?.parent_span_id === spanOf(number), `call ${number}: another parent`);
    expect(end?.payload.outcome === 'complete', `call ${number} ended ${end?.payload.outcome}`);
  }
  const named = (name) => runs.filter(([accepted]) => accepted.action_name === name);
  const quoted = (run, traceparent) =>
    expect(traceparent?.split('-')[2] === run?.[0].span_id, `not its run: ${traceparent}`);
  if (canAsk && negotiation === 'auto') {
    const legs = named('asks');
    const [first, last] = legs;
    expect(legs.length === 2, `${legs.length} legs`);
    expect(endOf(first)?.payload.outcome === 'input_required', 'the first leg did not ask');
    expect(endOf(last)?.payload.outcome === 'complete', 'the second leg did not complete');
    expect(first?.[0].correlation_id === last?.[0].correlation_id, 'legs of two ids');
    expect(last?.[0].parent_span_id === first?.[0].span_id, 'the second leg hangs elsewhere');
    expect(asked.first === asked.trace && asked.isOwnState, 'the handler saw another state');
  } else if (canAsk) {
    expect(named('asks').length === 1, 'a call that the SDK asks for inside is one run');
  }
  const [fails] = named('fails');
  expect(endOf(fails)?.event_type === 'run.failed', `fails: ${endOf(fails)?.event_type}`);
  expect(endOf(fails)?.payload.outcome === 'tool_error', `fails: ${endOf(fails)?.payload.outcome}`);
  quoted(fails, failed._meta?.traceparent);
  const [none] = named('no-such-tool');
  expect(endOf(none)?.payload.outcome === 'rpc_error', `no tool: ${endOf(none)?.payload.outcome}`);
  quoted(none, unknown.data?.traceparent);
  const [waits] = named('waits');
  // In the modern era over HTTP the client cancels by hanging up.
  const isHungUp = transport === 'http';
  const noted = waits?.map((record) => record.event_type).join();
  const cancel = isHungUp ? 'run.client_gone' : 'run.cancel_requested';
  expect(noted === `run.accepted,${cancel},run.cancelled`, `waits: ${noted}`);
  const outcome = isHungUp ? 'connection_closed' : 'cancelled';
  expect(endOf(waits)?.payload.outcome === outcome, `waits: ${endOf(waits)?.payload.outcome}`);
  expect(endOf(waits)?.payload.answered === false, 'waits: somebody heard');
  return problems;
}

const orders = isQuick ? ['record-first'] : ['record-only', 'record-first', 'correlate-first'];
for (const order of orders) {
  await check(order, 'stdio', 1, 'legacy');
  await check(order, 'stdio', 2, 'auto');
  await check(order, 'http', 2, 'auto');
}
process.exitCode = failures === 0 ? 0 : 1;
