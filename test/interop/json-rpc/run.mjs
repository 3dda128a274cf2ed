// Runs the LSP and JSON-RPC tests of the main suite once for each supported version of the vscode packages on each
// supported Node, and looks that versions without a message strategy are refused. Needs a build; `npm ci` in this folder
// first. `--node 20,24` chooses among 20, 22 and 24.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
const packages = (jsonrpc, languageserver) => ({
  TEST_JSONRPC: require.resolve(`${jsonrpc}/node`),
  TEST_LANGUAGESERVER: require.resolve(`${languageserver}/node`),
});

// `--quick`: the oldest supported, for CI; the newest is what the main suite runs.
const isQuick = process.argv.includes('--quick');
const supported = [
  ['jsonrpc-8.1', 'languageserver-8.1'],
  ['jsonrpc-8.2', 'languageserver-9'],
  ['jsonrpc-9', 'languageserver-9'],
  ['jsonrpc-10', 'languageserver-9'],
  ['jsonrpc-10', 'languageserver-10'],
];

// The newer packages export a subpath; in the older ones it is a file.
const subpath = (name) => (/^(jsonrpc-8|languageserver-[89])/.test(name) ? 'node.js' : 'node');

/** Whether the adapters' types fit those of these versions. */
function isTyped(jsonrpc, languageserver) {
  const source = readFileSync(new URL('types.txt', import.meta.url), 'utf8')
    .replaceAll('@jsonrpc@', `${jsonrpc}/${subpath(jsonrpc)}`)
    .replaceAll('@languageserver@', `${languageserver}/${subpath(languageserver)}`);
  const file = fileURLToPath(new URL(`types-${jsonrpc}-${languageserver}.ts`, import.meta.url));
  writeFileSync(file, source);
  const flags = '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck';
  const target = '--module nodenext --target es2023 --lib es2023,esnext.disposable --types node';
  const { status } = spawnSync(
    process.execPath,
    [`${root}node_modules/typescript/bin/tsc`, ...flags.split(' '), ...target.split(' '), file],
    { cwd: root, stdio: 'inherit' },
  );
  rmSync(file);
  return status === 0;
}

/** Programs of Node by major version: this one, and the others from npm. */
function nodes() {
  const own = process.versions.node.split('.')[0];
  const at = process.argv.indexOf('--node');
  const majors = at === -1 ? ['20', '22', '24'] : process.argv[at + 1].split(',');
  return (isQuick ? [own] : majors).map((major) => {
    if (major === own) return { major, program: process.execPath };
    const wanted = ['-y', '-p', `node@${major}`, '--', 'node', '-p', 'process.execPath'];
    const { status, stdout } = spawnSync('npx', wanted, { encoding: 'utf8' });
    return { major, program: status === 0 ? stdout.trim() : undefined };
  });
}

let failures = 0;
const chosen = isQuick ? supported.filter(([name]) => name === 'jsonrpc-8.1') : supported;
for (const { major, program } of nodes()) {
  if (program === undefined) {
    failures += 1;
    console.log(`FAILED: npm has no Node ${major}`);
    continue;
  }
  for (const [jsonrpc, languageserver] of chosen) {
    const { status } = spawnSync(
      program,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=dot',
        // A matrix is run on busy machines, too.
        '--testTimeout=60000',
        'test/lsp',
        'test/json-rpc/host.test.ts',
        'test/json-rpc/record.test.ts',
        'test/json-rpc/links.test.ts',
      ],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, ...packages(jsonrpc, languageserver) },
      },
    );
    const isGood = status === 0 && isTyped(jsonrpc, languageserver);
    if (!isGood) failures += 1;
    console.log(`${isGood ? 'ok' : 'FAILED'}: Node ${major}, ${jsonrpc} with ${languageserver}`);
  }
}

// The last line without a message strategy: the first request ends the server with a sentence that says why.
const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { processId: null, rootUri: null, capabilities: {} },
});
const { status, stderr, signal } = spawnSync(
  process.execPath,
  ['test/lsp/fixtures/server.mjs', '--stdio'],
  {
    cwd: root,
    encoding: 'utf8',
    timeout: 10_000,
    input: `Content-Length: ${initialize.length}\r\n\r\n${initialize}`,
    env: { ...process.env, ...packages('jsonrpc-8.0', 'languageserver-8.0') },
  },
);
const isRefused = stderr.includes('CONNECTION_UNSUPPORTED') && status !== 0;
if (!isRefused) {
  failures += 1;
  console.log(stderr, status, signal);
}
console.log(`${isRefused ? 'ok' : 'FAILED'}: jsonrpc-8.0 is refused`);
process.exitCode = failures === 0 ? 0 : 1;
