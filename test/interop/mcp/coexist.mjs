// Beside Sentry and OpenTelemetry, whoever came first: our ids are right, and theirs are as they would be without us.
import { fileURLToPath } from 'node:url';
import { Context, runInContext } from 'throughline';
import { correlate } from 'throughline/mcp';
import { activeTrace, otelApi, startOtel } from './observers.mjs';
import { call, newClient, stdio } from './sdks.mjs';

const server = fileURLToPath(new URL('./observed-server.mjs', import.meta.url));
const count = 50;
const isQuick = process.argv.includes('--quick');
const otel = startOtel();
let failures = 0;

function report(title, isGood, detail) {
  if (!isGood) failures += 1;
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${title}`);
  if (!isGood) console.log(JSON.stringify(detail));
}

async function burst(client, scoped) {
  return await Promise.all(
    Array.from({ length: count }, (_, number) =>
      scoped(async (asked) => ({ asked, ...(await call(client, 'both', `call-${number}`)) })),
    ),
  );
}

for (const version of [1, 2]) {
  for (const order of ['ours-first', 'ours-last']) {
    // Sentry reads no carrier: its spans are its own, and ours must be the caller's.
    const client = newClient(version);
    correlate(client, { env: {} });
    await client.connect(stdio(version, [server, String(version), 'sentry', order]));
    const answers = await burst(client, (fn) => {
      const scope = Context.begin();
      return runInContext(scope, () => fn(scope.traceId));
    });
    const { spans } = await call(client, 'spans', '');
    const wrong = answers.filter(
      (one, number) => one.asked !== one.trace || one.marker !== `call-${number}`,
    );
    const served = spans.filter((name) => name === 'tools/call both').length;
    const title = `SDK v${version}, Sentry, ${order}: ${wrong.length} wrong of ${count}, ${served} of its spans`;
    report(title, wrong.length === 0 && served === count, { wrong: wrong.slice(0, 3), spans });
    await client.close();
  }
  const orders = [
    ['ours-first', 'ours-last'],
    ['ours-last', 'ours-first'],
    ['ours-first', 'ours-first'],
    ['ours-last', 'ours-last'],
  ];
  for (const [here, there] of isQuick ? orders.slice(0, 2) : orders) {
    // OpenTelemetry carries its own context, and ours continues it: one trace id in both worlds, on both sides.
    const client = newClient(version);
    const ours = () => correlate(client, { env: {}, otel: otelApi });
    if (here === 'ours-first') ours();
    otel.instrument(client);
    if (here === 'ours-last') ours();
    await client.connect(stdio(version, [server, String(version), 'otel', there]));
    const answers = await burst(client, (fn) =>
      otel.tracer.startActiveSpan('caller', async (span) => {
        const answer = await fn(activeTrace());
        span.end();
        return answer;
      }),
    );
    const wrong = answers.filter(
      (one, number) =>
        one.marker !== `call-${number}` || one.asked !== one.trace || one.theirs !== one.trace,
    );
    const traces = new Set(answers.map((one) => one.trace)).size;
    const title = `SDK v${version}, OpenTelemetry, client ${here}, server ${there}: ${wrong.length} wrong of ${count}`;
    report(title, wrong.length === 0 && traces === count, wrong.slice(0, 3));
    await client.close();
  }
}
process.exitCode = failures === 0 ? 0 : 1;
