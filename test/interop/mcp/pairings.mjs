// Every client on every server: over real stdio with bursts of concurrent calls, over loopback HTTP in every mode the
// SDKs offer. Each answer names the trace and the parent its handler saw; both must be the caller's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Context, currentContext, runInContext } from 'throughline';
import { correlate } from 'throughline/mcp';
import { call, http, newClient, stdio } from './sdks.mjs';

const isQuick = process.argv.includes('--quick');
const here = fileURLToPath(new URL('./', import.meta.url));
let failures = 0;

function report(title, calls, wrong) {
  const lost = calls.expected - calls.answers.length;
  const isGood = wrong.length === 0 && lost === 0;
  if (!isGood) failures += 1;
  console.log(
    `${isGood ? 'ok' : 'FAILED'}: ${title}: ${wrong.length} wrong, ${lost} lost of ${calls.expected}`,
  );
  if (wrong.length > 0) console.log(JSON.stringify(wrong.slice(0, 3)));
}

/** `count` calls at once, each in a scope of its own. */
async function burst(client, tool, count) {
  const settled = await Promise.allSettled(
    Array.from({ length: count }, (_, number) => {
      const context = Context.begin();
      return runInContext(context, async () => {
        const answer = await call(client, tool, `call-${number}`);
        const { traceId: trace, spanId: span } = context;
        return { number, trace, span, answer, after: currentContext() === context };
      });
    }),
  );
  for (const { reason } of settled.filter((one) => one.status === 'rejected').slice(0, 3)) {
    console.log(reason);
  }
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return { expected: count, answers };
}

const isWrong = ({ number, trace, span, answer, after }) =>
  answer.marker !== `call-${number}` ||
  answer.trace !== trace ||
  answer.parent !== span ||
  answer.isStable !== true ||
  !after;

/** Where the handler asked, the question's scope and that of the leg before it are the caller's, too. */
const isAskedWrong = (one) =>
  isWrong(one) ||
  one.answer.asked !== `call-${one.number} ${one.trace}` ||
  (one.answer.first !== undefined && (one.answer.first !== one.trace || !one.answer.isOwnState));

/** SDK 2 sends the header beside `_meta`, and both are one id. */
const isUnheard = ({ trace, span, answer }) => answer.header?.slice(3, 52) !== `${trace}-${span}`;

async function check(title, { client, transport, counts, asks, hasHeader = false }) {
  correlate(client, { env: {} });
  await client.connect(transport);
  for (const count of counts) {
    const calls = await burst(client, 'seen', count);
    const wrong = calls.answers.filter((one) => isWrong(one) || (hasHeader && isUnheard(one)));
    report(`${title}, ${count} calls at once`, calls, wrong);
  }
  if (asks > 0) {
    const calls = await burst(client, 'asks', asks);
    report(`${title}, ${asks} that ask back`, calls, calls.answers.filter(isAskedWrong));
  }
  await client.close();
}

const pairs = [
  ['v1', 'v1', 'legacy'],
  ['v1', 'v2', 'legacy'],
  ['v2', 'v1', 'legacy'],
  ['v2', 'v2', 'legacy'],
  ['v2', 'v1', 'auto'],
  ['v2', 'v2', 'auto'],
];
for (const [from, to, negotiation] of pairs) {
  const version = Number(from.slice(1));
  await check(`stdio, client ${from} (${negotiation}) on server ${to}`, {
    client: newClient(version, { negotiation }),
    transport: stdio(version, [`${here}stdio-server.mjs`, to.slice(1)]),
    counts: isQuick ? [500] : [500, 500, 500],
    asks: 50,
  });
}

// A client that sends no context: the server's key joins the legs of its calls, each call a trace of its own.
async function checkPlain(title, { client, transport }) {
  await client.connect(transport);
  const settled = await Promise.allSettled(
    Array.from({ length: 50 }, async (_, number) => ({
      number,
      answer: await call(client, 'asks', `call-${number}`),
    })),
  );
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const traces = new Set(answers.map(({ answer }) => answer.trace));
  const wrong = answers.filter(
    ({ number, answer }) =>
      answer.first !== answer.trace || !answer.isOwnState || answer.asked !== `call-${number} none`,
  );
  if (traces.size !== answers.length) wrong.push([...traces]);
  report(
    `${title}, 50 multi-round-trip calls that carry nothing`,
    { expected: 50, answers },
    wrong,
  );
  await client.close();
}

// What the client's own cache answers is no message: no id on the wire, and nothing moves.
async function checkCached(title, { client, transport }) {
  correlate(client, { env: {} });
  await client.connect(transport);
  const read = async () => {
    const scope = Context.begin();
    return await runInContext(scope, async () => {
      const { contents } = await client.readResource({ uri: 'fixture://plain' });
      const next = await call(client, 'seen', 'next');
      const isRight = currentContext() === scope && next.trace === scope.traceId;
      return { trace: JSON.parse(contents[0].text).trace, scope: scope.traceId, isRight };
    });
  };
  const [first, second] = [await read(), await read()];
  const isGood = first.isRight && second.isRight && first.trace === first.scope;
  const isCached = second.trace === first.trace;
  report(
    `${title}, an answer from the cache`,
    { expected: 2, answers: [first, second] },
    isGood && isCached ? [] : [first, second],
  );
  await client.close();
}

async function startSite(args) {
  const child = spawn(process.execPath, [`${here}http-server.mjs`, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  return { child, url: `http://127.0.0.1:${String(port).trim()}/mcp` };
}

// A stateless server of the 2025 protocol cannot ask back: there is no stream to ask on.
const legacy = [1, 2].map((version) => ({ version, negotiation: 'legacy' }));
const modes = [
  { server: '1', mode: 'stateless', clients: legacy, asks: 0 },
  { server: '1', mode: 'json', clients: legacy, asks: 0 },
  { server: '1', mode: 'stateful', clients: legacy, asks: 20 },
  { server: '2', mode: 'stateless', clients: legacy, asks: 0 },
  { server: '2', mode: 'json', clients: legacy, asks: 0 },
  { server: '2', mode: 'stateful', clients: legacy, asks: 20 },
  { server: '2', mode: 'handler', clients: legacy, asks: 0 },
  { server: '2', mode: 'handler', clients: [{ version: 2, negotiation: 'auto' }], asks: 50 },
];
// The first SDK's own modes are in the main test suite.
for (const { server, mode, clients, asks } of isQuick ? modes.slice(5) : modes) {
  const { child, url } = await startSite([server, mode]);
  for (const { version, negotiation } of clients) {
    await check(`HTTP, client v${version} (${negotiation}) on server v${server} (${mode})`, {
      client: newClient(version, { negotiation }),
      transport: http(version, url),
      counts: [50],
      asks,
      hasHeader: version === 2 && server === '2',
    });
  }
  child.kill();
}

await checkPlain('stdio, plain client v2 (auto)', {
  client: newClient(2, { negotiation: 'auto' }),
  transport: stdio(2, [`${here}stdio-server.mjs`, '2']),
});
await checkCached('stdio, client v2 (auto)', {
  client: newClient(2, { negotiation: 'auto' }),
  transport: stdio(2, [`${here}stdio-server.mjs`, '2']),
});
const { child, url } = await startSite(['2', 'handler']);
await checkPlain('HTTP, plain client v2 (auto)', {
  client: newClient(2, { negotiation: 'auto' }),
  transport: http(2, url),
});
child.kill();
process.exitCode = failures === 0 ? 0 : 1;
