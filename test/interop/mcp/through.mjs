// Every client on every server over real stdio, through `proxy mcp` and through `record mcp`, in bursts. A client with
// the adapter keeps its ids; to a client that sends none the proxy gives each call one. What was recorded is compared
// with what the handlers saw.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Context, runInContext } from 'throughline';
import { correlate } from 'throughline/mcp';
import { call, newClient, stdio } from './sdks.mjs';

const isQuick = process.argv.includes('--quick');
const count = isQuick ? 200 : 500;
const here = fileURLToPath(new URL('./', import.meta.url));
const bin = fileURLToPath(new URL('../../../dist/src/cli/throughline.cjs', import.meta.url));
let failures = 0;

function linesOf(root) {
  const folder = join(root, 'wal', 'mcp');
  return readdirSync(folder).flatMap((writer) =>
    readdirSync(join(folder, writer)).flatMap((segment) =>
      readFileSync(join(folder, writer, segment), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ),
  );
}

/** `count` calls at once, each in a scope of its own where the client has the adapter. */
async function burst(client, tool, calls, isPlain) {
  return await Promise.all(
    Array.from({ length: calls }, async (_, number) => {
      const marker = `call-${number}`;
      if (isPlain) return { marker, answer: await call(client, tool, marker) };
      const scope = Context.begin();
      return { marker, scope, answer: await runInContext(scope, () => call(client, tool, marker)) };
    }),
  );
}

/** The runs that a burst left, by the span that the handler saw as its parent. */
function runsBySpan(root) {
  const runs = new Map();
  const ended = new Map();
  for (const line of linesOf(root)) {
    if (line.event_type === 'run.accepted') runs.set(line.span_id, line);
    if (line.event_type === 'run.completed') ended.set(line.wal_run_id, line);
  }
  return { runs, ended };
}

function problemsOf({ answers, root, asks }) {
  const problems = [];
  const expect = (isTrue, problem) => isTrue || problems.push(problem);
  const { runs, ended } = root === undefined ? {} : runsBySpan(root);
  for (const { marker, scope, answer } of answers) {
    expect(answer.marker === marker && answer.isStable, `${marker} got ${answer.marker}`);
    if (scope !== undefined) expect(answer.trace === scope.traceId, `${marker}: another trace`);
    if (asks) expect(answer.asked === `${marker} ${scope.traceId}`, `${marker}: ${answer.asked}`);
    if (root === undefined) {
      if (scope !== undefined) expect(answer.parent === scope.spanId, `${marker}: another parent`);
      continue;
    }
    const run = runs.get(answer.parent);
    expect(run !== undefined, `${marker}: no run has the span that the handler saw`);
    expect(run?.parent_span_id === scope?.spanId, `${marker}: its run hangs elsewhere`);
    expect(ended.has(run?.wal_run_id), `${marker}: its run has not ended`);
  }
  const traces = new Set(answers.map(({ answer }) => answer.trace));
  expect(traces.size === answers.length, `${traces.size} traces of ${answers.length} calls`);
  return problems;
}

async function check({ from, to, negotiation, through, isPlain }) {
  const isRecorded = through === 'record';
  const root = mkdtempSync(join(tmpdir(), 'tl-interop-through-'));
  const client = newClient(from, { negotiation });
  if (!isPlain) correlate(client, { env: {} });
  const options = isRecorded ? ['--root', root] : [];
  const server = [process.execPath, `${here}stdio-server.mjs`, String(to)];
  await client.connect(stdio(from, [bin, through, 'mcp', ...options, '--', ...server]));
  const seen = await burst(client, 'seen', count, isPlain);
  const asked = isPlain ? [] : await burst(client, 'asks', 50, isPlain);
  await client.close();
  const disk = isRecorded ? root : undefined;
  const problems = [
    ...problemsOf({ answers: seen, root: disk, asks: false }),
    ...problemsOf({ answers: asked, root: disk, asks: true }),
  ];
  rmSync(root, { recursive: true });
  if (problems.length > 0) failures += 1;
  const who = `${isPlain ? 'plain client' : 'client'} v${from} (${negotiation}) on server v${to}`;
  const calls = `${seen.length} calls at once, ${asked.length} that ask back`;
  console.log(
    `${problems.length === 0 ? 'ok' : 'FAILED'}: through ${through} mcp, ${who}: ${calls}: ${problems.length} wrong`,
  );
  for (const problem of problems.slice(0, 5)) console.log(`  ${problem}`);
}

const pairs = [
  [1, 1, 'legacy'],
  [1, 2, 'legacy'],
  [2, 1, 'legacy'],
  [2, 2, 'legacy'],
  [2, 1, 'auto'],
  [2, 2, 'auto'],
];
for (const through of ['proxy', 'record']) {
  for (const [from, to, negotiation] of pairs) {
    for (const isPlain of isQuick && from !== to ? [false] : [false, true]) {
      await check({ from, to, negotiation, through, isPlain });
    }
  }
}
process.exitCode = failures === 0 ? 0 : 1;
