/**
 * One request and its answer over TCP: directly, through a process that only pipes, through `proxy finecode` and through
 * `record finecode`. Everything in one run, interleaved; what counts are the ratios to the pipe. `--quick` for a look.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 10 : 60;
const perRound = 50;
const hopRatioMax = 1.6;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = file('../../../dist/src/cli/main.js');
const scratch = mkdtempSync(join(tmpdir(), 'tl-bench-finecode-'));
const children = [];

function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function portIn(path) {
  for (;;) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text !== '') return Number(text);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function target(name) {
  const path = join(scratch, name);
  start([file('target.mjs'), '--port-file', path]);
  return portIn(path);
}

async function pipe() {
  const child = start([file('pipe.mjs'), String(await target('behind-pipe'))]);
  return new Promise((found) => child.stdout.once('data', (text) => found(Number(text))));
}

function ours(command, ...own) {
  const venv = join(scratch, command);
  mkdirSync(venv);
  writeFileSync(join(venv, 'pyvenv.cfg'), '');
  start([
    cli,
    command,
    'finecode',
    '--venv',
    venv,
    ...own,
    '--',
    process.execPath,
    file('target.mjs'),
  ]);
  return portIn(join(venv, 'cache', 'finecode', 'wm_port'));
}

/** One client, which asks and waits. */
class Client {
  constructor(port) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.left = 0;
    this.socket.on('data', (chunk) => {
      this.left -= chunk.length;
      if (this.left === 0) this.answered();
    });
  }

  /** Microseconds until the last byte of the answer. */
  async ask({ wire, answerBytes }) {
    this.left = answerBytes;
    const answered = new Promise((settle) => {
      this.answered = settle;
    });
    const startMs = performance.now();
    this.socket.write(wire);
    await answered;
    return (performance.now() - startMs) * 1000;
  }
}

function request(method, trigger, textBytes, answer) {
  const params = {
    answer,
    actionSource: 'fine_format.FormatAction',
    project: '/home/dev/demo',
    options: { resultFormats: ['json'], trigger, devEnv: 'ide' },
    params: { uri: 'file:///home/dev/demo/src/a.py', text: 'x'.repeat(textBytes) },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const text = `{"jsonrpc": "2.0", "id": 1, "result": {"returnCode": 0, "text": ""}}`;
  const length = text.length + answer;
  return {
    wire: Buffer.from(`Content-Length: ${body.length}\r\n\r\n${body}`),
    answerBytes: `Content-Length: ${length}\r\n\r\n`.length + length,
  };
}

const cases = {
  'a run of 0.4 kB': request('actions/run', 'system', 60, 60),
  'a run of 16 kB': request('actions/run', 'system', 16_000, 60),
  'a run, 64 kB back': request('actions/run', 'system', 60, 64_000),
  'no run, 0.4 kB': request('runners/list', 'system', 60, 60),
};

const at = (values, part) =>
  values.toSorted((one, two) => one - two)[Math.floor(values.length * part)];
const clients = {
  direct: new Client(await target('direct')),
  pipe: new Client(await pipe()),
  proxy: new Client(await ours('proxy')),
  record: new Client(await ours('record', '--root', join(scratch, 'root'))),
};
const failures = [];
console.log(
  `${rounds} rounds of ${perRound} requests each, interleaved; microseconds: p50 and p99, and p50 to the pipe's`,
);
for (const [what, message] of Object.entries(cases)) {
  const taken = Object.fromEntries(Object.keys(clients).map((name) => [name, []]));
  // The first rounds are the compiler's.
  for (let round = -8; round < rounds; round += 1) {
    for (let one = 0; one < perRound; one += 1) {
      // One after the other, so that what else the machine does hits them all.
      for (const [name, client] of Object.entries(clients)) {
        const took = await client.ask(message);
        if (round >= 0) taken[name].push(took);
      }
    }
  }
  const hop = at(taken.pipe, 0.5);
  const cells = Object.entries(taken).map(
    ([name, values]) =>
      `${name} ${at(values, 0.5).toFixed(0)} ${at(values, 0.99).toFixed(0)} ${(at(values, 0.5) / hop).toFixed(2)}x`,
  );
  console.log(`${what.padEnd(20)} ${cells.map((cell) => cell.padEnd(24)).join(' ')}`);
  const ratio = at(taken.proxy, 0.5) / hop;
  if (ratio > hopRatioMax)
    failures.push(`${what}: the proxy takes ${ratio.toFixed(2)}x of a pipe, not ${hopRatioMax}`);
}
for (const { socket } of Object.values(clients)) socket.destroy();
await Promise.all(
  children.map((child) => {
    child.kill('SIGINT');
    return new Promise((ended) => child.once('exit', ended));
  }),
);
rmSync(scratch, { recursive: true, force: true });
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
