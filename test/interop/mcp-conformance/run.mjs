// The conformance tests of the MCP project against one server: over HTTP without and with the adapter, and over stdio
// directly and through `throughline proxy mcp`. Which checks pass must be the same. They need Node 22, which npx gets.
// Needs a build; `npm ci` in this folder first.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const suite = `${here}node_modules/@modelcontextprotocol/conformance/dist/index.js`;
const bin = `${root}dist/src/cli/throughline.cjs`;
const link = `${here}node_modules/throughline`;
if (!existsSync(link)) symlinkSync(root, link, 'junction');

/** Node 22 or later, for the conformance tests only: the servers run on the Node that runs this. */
function modernNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const shell = process.platform === 'win32';
  const args = ['-y', '-p', 'node@22', '--', 'node', '-p', 'process.execPath'];
  return spawnSync('npx', args, { encoding: 'utf8', shell }).stdout.trim();
}

/** The outcome of each check, against the server that the program starts. */
async function outcomes(node, program) {
  const site = spawn(process.execPath, program, {
    cwd: here,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(site.stdout, 'data');
  const results = mkdtempSync(join(tmpdir(), 'tl-conformance-'));
  const url = `http://127.0.0.1:${String(port).trim()}/mcp`;
  const run = spawn(node, [suite, 'server', '--url', url, '--output-dir', results], {
    cwd: results,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  run.stdout.resume();
  run.stderr.resume();
  await once(run, 'exit');
  const exited = once(site, 'exit');
  site.kill();
  await exited;
  const found = readdirSync(results, { recursive: true })
    .filter((file) => file.endsWith('checks.json'))
    .flatMap((file) => {
      const scenario = file
        .split(/[\\/]/)
        .at(-2)
        .replace(/-\d{4}-\d\d-\d\d.*$/, '');
      const checks = JSON.parse(readFileSync(join(results, file), 'utf8'));
      return checks.map(({ id, status }) => `${scenario} ${id} ${status}`);
    });
  rmSync(results, { recursive: true });
  return found.toSorted((one, other) => (one < other ? -1 : 1));
}

const node = modernNode();
const cli = [bin, 'proxy', 'mcp', '--', process.execPath, 'stdio-server.mjs'];
const pairs = [
  {
    title: 'in process',
    programs: [
      ['http-host.mjs', 'bare'],
      ['http-host.mjs', 'correlated'],
    ],
  },
  {
    title: 'through the proxy',
    programs: [
      ['bridge.mjs', process.execPath, 'stdio-server.mjs'],
      ['bridge.mjs', process.execPath, ...cli],
    ],
  },
];
// They mostly wait, so all four at once.
const compared = await Promise.all(
  pairs.map(async ({ title, programs }) => {
    const [before, after] = await Promise.all(programs.map((one) => outcomes(node, one)));
    return { title, before, after };
  }),
);
for (const { title, before, after } of compared) {
  const passed = before.filter((line) => line.endsWith('SUCCESS')).length;
  const changed = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  // A suite that found nothing to check would agree with itself, too.
  const isGood = changed.length === 0 && passed >= 30;
  if (!isGood) process.exitCode = 1;
  console.log(
    `${isGood ? 'ok' : 'FAILED'}: ${title}: ${passed} of ${before.length} checks pass in both`,
  );
  for (const line of changed) console.log(line);
  for (const line of before.filter((one) => one.endsWith('FAILURE')))
    console.log(`  fails in both: ${line}`);
}
