// `throughline mcp` asked by programs that are not ours: the Inspector's command line, and the scenarios of the MCP
// project's conformance tests that are about any server (most are about the tools of a server made for them). Then, but
// for `--quick`, a root of 1,000,000 records: what each tool takes, and that the others are answered meanwhile.
// Needs a build; the conformance tests need Node 22, which npx gets.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { generateWide } from '../../support/generate.mjs';
import { connect } from '../mcp-servers/client.mjs';
import { measure } from './huge.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bin = path('../../../dist/src/cli/throughline.cjs');
// Not its bin: without `--cli` that starts a page in a browser, and says so with exit code 0.
const inspector = path('node_modules/@modelcontextprotocol/inspector-cli/build/index.js');
const suite = path('node_modules/@modelcontextprotocol/conformance/dist/index.js');
const scenarios = [
  'server-initialize',
  'ping',
  'tools-list',
  'resources-list',
  'completion-complete',
];

const base = mkdtempSync(join(tmpdir(), 'throughline-mcp-agent-'));
const root = join(base, 'wide');
const { correlationId } = generateWide(root);
const tools = [
  { name: 'list_runs', given: { limit: 5 } },
  { name: 'run_outline', given: { run: correlationId } },
  { name: 'list_runs', given: { limit: 500 } },
  { name: 'get_records', given: { run: '@0', limit: 3 } },
  { name: 'in_flight', given: {} },
  { name: 'who', given: { path: '/nobody' } },
  { name: 'reconcile', given: {} },
  { name: 'compare', given: { a: '@0', b: '@0' } },
  { name: 'verify', given: {} },
];
const server = [process.execPath, bin, 'mcp'];
process.env.THROUGHLINE_ROOT = root;

const isQuick = process.argv.includes('--quick');
let failures = 0;
try {
  await inspect();
  await conform();
  if (isQuick) console.log('did not run: 1,000,000 records (--quick)');
  else for (const problem of await measure(join(base, 'huge'), bin)) fail(problem);
} finally {
  rmSync(base, { recursive: true, force: true });
}
console.log(failures === 0 ? 'ok' : `${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;

/** The Inspector prints what a client that interprets nothing gets. */
async function inspect() {
  const client = connect(server);
  await client.ask('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'interop', version: '1' },
  });
  client.tell('notifications/initialized');
  const ask = async (method, params, words) => {
    const { result } = await client.ask(method, params);
    const said = await outputOf(process.execPath, [
      inspector,
      ...server,
      '--method',
      method,
      ...words,
    ]);
    const label = ['inspector', method, words[1] ?? ''].join(' ').trimEnd();
    if (isSame(said, result)) console.log(`${label}: the same, ${said.length} characters`);
    else fail(`${label}: ${said.slice(0, 500)}\nis not ${JSON.stringify(result).slice(0, 500)}`);
  };
  const uri = `throughline://run/${correlationId}`;
  await ask('tools/list', undefined, []);
  await ask('resources/list', undefined, []);
  await ask('resources/templates/list', undefined, []);
  await ask('resources/read', { uri }, ['--uri', uri]);
  for (const { name, given } of isQuick ? tools.slice(0, 3) : tools) {
    const words = Object.entries(given).flatMap(([key, value]) => [
      '--tool-arg',
      `${key}=${value}`,
    ]);
    await ask('tools/call', { name, arguments: given }, ['--tool-name', name, ...words]);
  }
  await client.end();
}

function isSame(said, result) {
  try {
    return isDeepStrictEqual(JSON.parse(said), result);
  } catch {
    return false;
  }
}

async function outputOf(file, args) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return text.trim();
}

/** Over HTTP, because the suite speaks nothing else: through a bridge that hands on bytes. */
async function conform() {
  const node = modernNode();
  if (node === '') {
    console.log('did not run: conformance (no Node 22 to be had)');
    return;
  }
  const site = spawn(process.execPath, [path('../mcp-conformance/bridge.mjs'), ...server], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(site.stdout, 'data');
  const url = `http://127.0.0.1:${String(port).trim()}/mcp`;
  for (const scenario of scenarios) {
    const results = mkdtempSync(join(base, 'conformance-'));
    const args = ['server', '--url', url, '--scenario', scenario, '--output-dir', results];
    await outputOf(node, [suite, ...args]);
    const checks = readdirSync(results, { recursive: true })
      .filter((file) => file.endsWith('checks.json'))
      .flatMap((file) => JSON.parse(readFileSync(join(results, file), 'utf8')));
    const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
    const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
    if (passed === 0 || failed.length > 0) fail(`${scenario}: ${JSON.stringify(checks)}`);
    else console.log(`conformance ${scenario}: ${passed} passed`);
  }
  const ended = once(site, 'exit');
  site.kill();
  await ended;
}

function modernNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const shell = process.platform === 'win32';
  const args = ['-y', '-p', 'node@22', '--', 'node', '-p', 'process.execPath'];
  return spawnSync('npx', args, { encoding: 'utf8', shell }).stdout.trim();
}

function fail(message) {
  failures += 1;
  console.error(`FAILED: ${message}`);
}
