// Real MCP servers: the same dialogue directly twice, then through the proxy and through the recorder. What differs
// between the two direct runs is listed and may be at most 2 % of all keys; nothing else may differ at all.
// `--quick` asks the three small servers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from './client.mjs';
import { isChromiumThere, prepare, servers } from './servers.mjs';

const noiseShareMax = 0.02;
const answersMin = 3;
const rootsMs = 600;
const isQuick = process.argv.includes('--quick');
const throughline = fileURLToPath(
  new URL('../../../dist/src/cli/throughline.cjs', import.meta.url),
);
const base = mkdtempSync(join(tmpdir(), 'throughline-mcp-servers-'));
const folder = join(base, 'work');
const root = join(base, 'streams');
const ways = {
  proxy: [process.execPath, throughline, 'proxy', 'mcp', '--'],
  recorder: [process.execPath, throughline, 'record', 'mcp', '--root', root, '--'],
};

let failures = 0;
const rows = [];
for (const server of servers.filter((one) => !isQuick || one.isQuick)) {
  rows.push(await compare(server));
}
console.table(rows);
inspect();
if (!isQuick && !isChromiumThere)
  console.log('SKIPPED: no /usr/bin/chromium; playwright answered with errors only');
audit();
rmSync(base, { recursive: true, force: true });
console.log(failures === 0 ? 'all the same' : `${failures} differences`);
process.exitCode = failures === 0 ? 0 : 1;

async function compare(server) {
  const first = await talk(server, []);
  // What names a second differs by itself; two dialogues in one second would not show it.
  await sleep(1100);
  const second = await talk(server, []);
  const noise = new Set(differences(first.keys, second.keys));
  const answers = server.asks(folder).length - first.empty;
  const row = { server: server.name, keys: first.keys.size, answers, noise: noise.size };
  for (const key of noise) console.log(`${server.name}: differs by itself: ${key}`);
  if (noise.size > noiseShareMax * first.keys.size)
    fail(`${server.name}: ${noise.size} of ${first.keys.size} keys differ by themselves`);
  if (answers < answersMin) fail(`${server.name}: only ${answers} answers`);
  for (const [way, words] of Object.entries(ways)) {
    const through = await talk(server, words);
    const changed = differences(first.keys, through.keys).filter((key) => !noise.has(key));
    row[way] = changed.length === 0 ? 'same' : `${changed.length} differ`;
    for (const key of changed) {
      fail(
        `${server.name} through the ${way}: ${key}: ${first.keys.get(key)} became ${through.keys.get(key)}`,
      );
    }
  }
  return row;
}

/** The whole dialogue; every answer flattened to one value a key. */
async function talk(server, words) {
  prepare(folder);
  const client = connect([...words, ...server.command(folder)], {
    cwd: folder,
    env: server.env?.(folder),
  });
  const keys = new Map();
  let empty = 0;
  const ask = async (label, method, params) => {
    const { result, error, ended } = await client.ask(method, params);
    if (ended !== undefined)
      fail(`${server.name}: ended at ${method}: ${JSON.stringify(ended)} ${client.stderr()}`);
    if (result === undefined || JSON.stringify(result).length <= 2) empty += 1;
    flatten(label, { result, error }, keys);
  };
  await ask('initialize', 'initialize', {
    protocolVersion: '2025-06-18',
    capabilities: { roots: {} },
    clientInfo: { name: 'interop', version: '1' },
  });
  client.tell('notifications/initialized');
  // Some servers ask for roots a moment later, and do not end while they wait for those.
  await sleep(rootsMs);
  for (const [index, [method, params]] of server.asks(folder).entries()) {
    await ask(`${index} ${method} ${params?.name ?? ''}`.trimEnd(), method, params);
  }
  flatten('end', await client.end(), keys);
  return { keys, empty };
}

function flatten(path, value, into) {
  if (value === null || typeof value !== 'object') {
    into.set(path, JSON.stringify(value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) into.set(path, JSON.stringify(value));
  for (const [key, inner] of entries) flatten(`${path} / ${key}`, inner, into);
}

function differences(one, other) {
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (key) => one.get(key) !== other.get(key),
  );
}

/** The Inspector's command line as the client: the same text directly and through either. */
function inspect() {
  // Not its bin: without `--cli` that starts a page in a browser, and says so with exit code 0.
  const entry = 'node_modules/@modelcontextprotocol/inspector-cli/build/index.js';
  const inspector = fileURLToPath(new URL(entry, import.meta.url));
  const [server] = servers;
  for (const asked of [
    ['--method', 'tools/list'],
    ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=hi'],
  ]) {
    const say = (words) => {
      // Through a shell: what stands behind `--` the Inspector would take for itself.
      const line = [...words, ...server.command()].map((word) => `'${word}'`).join(' ');
      const command = ['sh', '-c', `exec ${line}`];
      return spawnSync(process.execPath, [inspector, ...command, ...asked], { encoding: 'utf8' });
    };
    const direct = say([]);
    if (direct.status !== 0 || !direct.stdout.startsWith('{'))
      fail(`inspector: ${direct.stderr}${direct.stdout}`);
    for (const [way, words] of Object.entries(ways)) {
      const through = say(words);
      if (through.stdout === direct.stdout)
        console.log(`inspector ${asked[1]} through the ${way}: same`);
      else fail(`inspector ${asked[1]} through the ${way}: ${through.stdout}${through.stderr}`);
    }
  }
}

/** The recorder's streams hold a finished run for each call, and nothing is open or damaged. */
function audit() {
  for (const command of ['verify', 'inflight']) {
    const { status, stdout } = spawnSync(process.execPath, [throughline, command, '--root', root], {
      encoding: 'utf8',
    });
    if (status !== 0) fail(`throughline ${command}: ${stdout}`);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [throughline, 'records', '--root', root, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const calls = stdout
    .split('\n')
    .filter((line) => line.includes('"run.accepted"') && line.includes('tools/call'));
  console.log(`${calls.length} calls are recorded; verify and inflight find nothing`);
  if (calls.length === 0) fail('no call is recorded');
}

function fail(message) {
  failures += 1;
  console.error(message);
}
