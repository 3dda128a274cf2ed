// What a hop through `throughline proxy mcp` costs: `npm run build`, then `node test/bench/proxy/main.mjs [--quick]`.
// One call at a time over stdio to the same small server, directly and through relays, which take turns of ten calls, in
// another order each round: what else the machine does meets all of them. A ratio is made within a round.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 200 : 2000;
const callsPerRound = 10;
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const server = [process.execPath, at('echo.mjs')];
const folder = mkdtempSync(join(tmpdir(), 'tl-hop-'));
const relay = join(folder, 'relay');
execFileSync(process.env.CC ?? 'cc', ['-O2', '-o', relay, at('relay.c')]);
const main = at('../../../dist/src/cli/main.js');
const chains = {
  direct: server,
  'raw pipe, C': [relay, ...server],
  'raw pipe, Node': [process.execPath, at('raw.mjs'), ...server],
  'proxy mcp': [process.execPath, main, 'proxy', 'mcp', '--', ...server],
};
/** It waits for the disk twice a call, and would disturb the others. */
const recorded = {
  'raw pipe, Node': chains['raw pipe, Node'],
  'record mcp': [process.execPath, main, 'record', 'mcp', '--root', folder, '--', ...server],
};

/** A client of one chain: one call at a time. */
function clientOf([file, ...args]) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let answered;
  child.stdout.on('data', (chunk) => {
    if (chunk.at(-1) === 10) answered?.();
  });
  let id = 0;
  return {
    call(text) {
      id += 1;
      const message = {
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'echo', arguments: { text } },
      };
      const line = `${JSON.stringify(message)}\n`;
      return new Promise((done) => {
        const startedMs = performance.now();
        answered = () => done((performance.now() - startedMs) * 1000);
        child.stdin.write(line);
      });
    },
    end: () =>
      new Promise((ended) => {
        child.once('exit', ended);
        child.stdin.end();
      }),
  };
}

const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const quantile = (values, part) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * part)];

async function measure(bytes, measured) {
  const text = 'x'.repeat(Math.max(bytes - 90, 1));
  const clients = Object.entries(measured).map(([name, chain]) => [name, clientOf(chain)]);
  for (const [, client] of clients)
    for (let warm = 0; warm < 5000; warm += 1) await client.call(text);
  const medians = Object.fromEntries(clients.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < clients.length; turn += 1) {
      const [name, client] =
        clients[(turn * (round % 2 === 0 ? 1 : clients.length - 1) + round) % clients.length];
      const times = [];
      for (let call = 0; call < callsPerRound; call += 1) times.push(await client.call(text));
      medians[name].push(median(times));
    }
  }
  await Promise.all(clients.map(([, client]) => client.end()));
  console.log(`\n${bytes} bytes, ${rounds} rounds of ${callsPerRound} calls`);
  for (const [name, values] of Object.entries(medians)) {
    const ratios = values.map((value, round) => value / medians['raw pipe, Node'][round]);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(0));
    const spread = [0.25, 0.75].map((part) => quantile(ratios, part).toFixed(2)).join('–');
    console.log(
      `${name.padEnd(16)} p50 ${middle.padStart(5)} µs (${low}–${high})  ÷ raw pipe, Node ${median(ratios).toFixed(2)} (${spread})`,
    );
  }
  return medians;
}

for (const bytes of [100, 10_000]) {
  const medians = await measure(bytes, chains);
  const addedBy = (name) =>
    median(medians[name].map((value, round) => value - medians.direct[round]));
  const [proxy, raw] = ['proxy mcp', 'raw pipe, Node'].map(addedBy);
  console.log(
    `added by the proxy ${proxy.toFixed(0)} µs, by the raw pipe ${raw.toFixed(0)} µs: ${(proxy / raw).toFixed(2)}`,
  );
}
await measure(100, recorded);
rmSync(folder, { recursive: true });
