// One SDK: blocks of 100 sequential tool calls of each variant, in another order each round; each block is compared
// with the bare one of its own round. `node rounds.mjs SDK ROUNDS`.
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport as MemoryV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { InMemoryTransport as MemoryV2, McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Context, runInContext } from '../../../dist/src/context/index.js';
import { correlate } from '../../../dist/adapters/mcp/index.js';

const [sdk, rounds] = [process.argv[2], Number(process.argv[3])];
const calls = 100;
const warmUpRounds = 40;
const [Client, Server, Memory] =
  sdk === '1' ? [ClientV1, ServerV1, MemoryV1] : [ClientV2, ServerV2, MemoryV2];

const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
provider.register();
const tracer = trace.getTracer('bench');

const text = { content: [{ type: 'text', text: 'done' }] };
const params = { name: 'echo', arguments: { path: 'src/index.ts' } };
const meta = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const carrying = { ...params, _meta: meta };

/** A connected pair; returns a function that makes one call. */
async function pair({ handler = async () => text, prepare = () => undefined, call }) {
  const info = { name: 'bench', version: '1.0.0' };
  const [client, server] = [new Client(info), new Server(info)];
  const path = z.string();
  const inputSchema = sdk === '1' ? { path } : z.object({ path });
  server.registerTool('echo', { inputSchema }, handler);
  prepare(client, server);
  const [here, there] = Memory.createLinkedPair();
  await server.connect(there);
  await client.connect(here);
  return () => call(client);
}

/** As the semantic conventions say: a span on each side, the context in `_meta`. */
async function served(extra) {
  const carrier = extra._meta ?? extra.mcpReq?._meta ?? {};
  const parent = propagation.extract(ROOT_CONTEXT, carrier);
  return await tracer.startActiveSpan(
    'tools/call echo',
    {
      kind: SpanKind.SERVER,
      attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'echo' },
    },
    parent,
    async (span) => {
      span.end();
      return text;
    },
  );
}
async function asked(client) {
  const attributes = { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'echo' };
  return await tracer.startActiveSpan(
    'tools/call echo',
    { kind: SpanKind.CLIENT, attributes },
    async (span) => {
      const _meta = {};
      propagation.inject(context.active(), _meta);
      const result = await client.callTool({ ...params, _meta });
      span.end();
      return result;
    },
  );
}

const plain = (client) => client.callTool(params);
const variants = {
  bare: await pair({ call: plain }),
  '`_meta` only': await pair({ call: (client) => client.callTool(carrying) }),
  'server only': await pair({
    prepare: (_, server) => correlate(server, { env: {} }),
    call: (client) => client.callTool(carrying),
  }),
  'both sides': await pair({
    prepare: (client, server) => {
      correlate(client, { env: {} });
      correlate(server, { env: {} });
    },
    call: (client) => runInContext(Context.begin(), () => plain(client)),
  }),
  OpenTelemetry: await pair({ handler: async (_, extra) => await served(extra), call: asked }),
};

const names = Object.keys(variants);
const samples = Object.fromEntries(names.map((name) => [name, []]));

async function block(call) {
  const startMs = performance.now();
  for (let number = 0; number < calls; number += 1) await call();
  return ((performance.now() - startMs) * 1000) / calls;
}

function shuffled(list) {
  return list
    .map((one) => [Math.random(), one])
    .toSorted(([first], [second]) => first - second)
    .map(([, one]) => one);
}

function quantile(list, part) {
  const sorted = list.toSorted((first, second) => first - second);
  return sorted[Math.floor((sorted.length - 1) * part)];
}

for (let round = 0; round < warmUpRounds + rounds; round += 1) {
  for (const name of shuffled(names)) {
    const micros = await block(variants[name]);
    if (round >= warmUpRounds) samples[name].push(micros);
  }
}

console.log(
  `\nSDK v${sdk}          p25 µs   median of differences   ratio to bare (medians)   p25 ratio`,
);
const bare = samples.bare;
for (const name of names) {
  const differences = samples[name].map((micros, round) => micros - bare[round]);
  const ratios = samples[name].map((micros, round) => micros / bare[round]);
  const p25 = quantile(samples[name], 0.25);
  console.log(
    `${name.padEnd(15)} ${p25.toFixed(2).padStart(8)} ${quantile(differences, 0.5).toFixed(2).padStart(15)} ` +
      `${quantile(ratios, 0.5).toFixed(3).padStart(22)} ${(p25 / quantile(bare, 0.25)).toFixed(3).padStart(18)}`,
  );
}
await provider.shutdown();
process.exit();
