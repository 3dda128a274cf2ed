/**
 * The LSP proxy beside a proxy made of vscode-jsonrpc, and the splicer beside parse and stringify. Everything in one
 * run, interleaved, medians; what counts are the ratios. `--quick` for a look.
 */
import { execFileSync } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { pump } from '../../../dist/adapters/proxies/json-rpc-pump.js';
import { lspFront } from '../../../dist/adapters/proxies/lsp-front.js';
import { Context } from '../../../dist/src/context/index.js';
import { FramingGate, outline, splice } from '../../../dist/src/protocol/index.js';
import { chunks, clientToServer, serverToClient } from './dialogue.mjs';
import { latencies } from './latency.mjs';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 5 : 15;
const median = (values) => values.toSorted((one, two) => one - two)[values.length >> 1];
const wrong = [];
const floor = (what, ratio, least) => {
  if (ratio < least) wrong.push(`${what}: ${ratio.toFixed(2)}, not ${least}`);
  return `${ratio.toFixed(1)}x (floor ${least})`;
};
const ceiling = (what, ratio, most) => {
  if (ratio > most) wrong.push(`${what}: ${ratio.toFixed(2)}, not ${most}`);
  return `${ratio.toFixed(2)} (at most ${most})`;
};

/** Milliseconds of each of several functions, taken in turn. */
async function compare(subjects, times, warmUps = 5) {
  const taken = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  // The first rounds are the compiler's.
  for (let round = -warmUps; round < times; round += 1) {
    for (const [name, run] of Object.entries(subjects)) {
      const startMs = performance.now();
      await run();
      if (round >= 0) taken[name].push(performance.now() - startMs);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
}

const source = (wire) => Readable.from(wire, { objectMode: false, highWaterMark: 65_536 });
const sink = () => new Writable({ write: (_chunk, _encoding, written) => written() });

const gateWith = (options) => (write) =>
  new FramingGate({ messageBytesMax: 64 * 1024 * 1024, stray: () => undefined, write, ...options });

function throughGate(wire, options) {
  return new Promise((ended) => {
    pump(source(wire), sink(), gateWith(options), { ended, broken: () => undefined });
  });
}

function throughJsonRpc(wire, count) {
  return new Promise((done) => {
    const writer = new StreamMessageWriter(sink());
    let left = count;
    const written = () => {
      left -= 1;
      if (left === 0) done();
    };
    const reader = new StreamMessageReader(source(wire));
    reader.listen((read) => void writer.write(read).then(written));
  });
}

const constantText = Buffer.from(
  '"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03","tracestate":"tl=6C2TV1HWJ7C00;lsp;textDocument/hover"},',
);
/** What no proxy that puts something in can do without: the frames, and the same bytes into each message, unread. */
const constant = () => ({ at: 1, text: constantText });

const size = (messages) => messages.reduce((sum, { length }) => sum + length, 0);
const say = (what, taken, messages, ratio) =>
  console.log(
    `${what.padEnd(42)} ${((taken * 1000) / messages.length).toFixed(1).padStart(8)} us a message  ${ratio}`,
  );

async function throughput() {
  const up = clientToServer();
  const down = serverToClient();
  const [upWire, downWire] = [chunks(up), chunks(down)];
  console.log(
    `to the server: ${up.length} messages, ${size(up)} bytes, median ${median(up.map(({ length }) => length))}`,
  );
  console.log(
    `to the editor: ${down.length} messages, ${size(down)} bytes, ${down.filter(({ length }) => length > 1e5).length} over 100 kB`,
  );
  const least = process.versions.node.startsWith('20.') ? 4 : 1.5;
  const ours = () => {
    const front = lspFront({ inject: 'meta', env: {} });
    return throughGate(upWire, { rewrite: front });
  };
  const upTaken = await compare(
    {
      ours,
      peer: () => throughJsonRpc(upWire, up.length),
    },
    rounds,
    40,
  );
  // By itself and behind: what is compared above must not run beside it.
  const bound = await compare(
    { ours, constant: () => throughGate(upWire, { rewrite: constant }) },
    rounds,
  );
  const downTaken = await compare(
    {
      copied: () => throughGate(downWire, {}),
      scanned: () => throughGate(downWire, { take: outline }),
      peer: () => throughJsonRpc(downWire, down.length),
    },
    rounds,
  );
  say('to the server, vscode-jsonrpc', upTaken.peer, up, '');
  say(
    'to the server, scan and splice',
    upTaken.ours,
    up,
    floor('to the server', upTaken.peer / upTaken.ours, 6),
  );
  say(
    'to the server, frames and a constant',
    bound.constant,
    up,
    `the least there could be: ${((100 * bound.constant) / bound.ours).toFixed(0)} % of scan and splice`,
  );
  say('to the editor, vscode-jsonrpc', downTaken.peer, down, '');
  say(
    'to the editor, as the proxy does it',
    downTaken.copied,
    down,
    floor('to the editor', downTaken.peer / downTaken.copied, least),
  );
  say(
    'to the editor, scanned as the recorder does',
    downTaken.scanned,
    down,
    floor('to the editor, scanned', downTaken.peer / downTaken.scanned, least),
  );
}

function message(bytes) {
  const text = 'const a = "some text";\n\tif (b) { return déf; } // a comment goes on and on\n';
  const body = { text: text.repeat(Math.max(1, Math.round(bytes / text.length))) };
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: body }));
}

async function splicing() {
  const context = Context.begin();
  for (const [bytes, least] of [
    [100, 0],
    [10_000, 3],
    [1_000_000, 5],
  ]) {
    const body = message(bytes);
    const repeats = Math.max(3, Math.round((isQuick ? 2e6 : 1e7) / bytes));
    const times = (work) => () => {
      for (let count = 0; count < repeats; count += 1) work();
    };
    const taken = await compare(
      {
        ours: times(() => splice(body, outline(body), 'params-meta', context)),
        peer: times(() => {
          const parsed = JSON.parse(body.toString());
          parsed.params._meta = {
            traceparent: context.traceparent,
            tracestate: 'tl=6C2TV1HWJ7C00',
          };
          Buffer.from(JSON.stringify(parsed));
        }),
      },
      rounds,
    );
    const us = (ms) => ((ms * 1000) / repeats).toFixed(1).padStart(8);
    console.log(
      `splice ${String(body.length).padStart(8)} bytes: ${us(taken.ours)} us, parse and stringify ${us(taken.peer)} us  ${floor(`splice of ${bytes}`, taken.peer / taken.ours, least)}`,
    );
  }
}

console.log(
  `node ${process.version}, ${execFileSync('uname', ['-srm'], { encoding: 'utf8' }).trim()}`,
);
await throughput();
await splicing();
const { direct, ours, peer } = await latencies(isQuick);
console.log(
  `a small request there and back: direct ${direct.toFixed(0)} us, proxy lsp ${ours.toFixed(0)}, vscode-jsonrpc proxy ${peer.toFixed(0)}`,
);
console.log(
  `what the proxy adds of what the other adds: ${ceiling('added p50', (ours - direct) / (peer - direct), 0.7)}`,
);
for (const one of wrong) console.error(`MISSED ${one}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
