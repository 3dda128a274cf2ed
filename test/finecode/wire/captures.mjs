// Replays captured traffic of FineCode's clients through the built proxy, and compares FineCode's own params hashes:
// node test/finecode/wire/captures.mjs DIR
// DIR has folders with client-wm.jsonl (`dir`, `conn`, `raw`, `msg`, `ts`) and wal/*/wm/*.jsonl. Reads them and writes
// nothing. Not a part of the tests: the captures are not in the repository.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finecodeRequest } from '../../../dist/src/hook/proxied/finecode-request.js';
import { readPython } from '../../../dist/src/protocol/index.js';
import { frame, reader } from './fixtures/frames.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node test/finecode/wire/captures.mjs DIR');
  process.exit(2);
}
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const lines = (path) =>
  readFileSync(path, 'utf8')
    // A torn line has the next one glued to it.
    .replaceAll(/(?<=.)(?=\{"schema_version")/g, '\n')
    .split('\n')
    .flatMap(parsed);

function parsed(line) {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}

let failures = 0;
for (const name of readdirSync(folder).toSorted()) {
  const capture = join(folder, name, 'client-wm.jsonl');
  if (!existsSync(capture)) continue;
  // What was captured without its text is spelled anew: no number of these messages has two spellings.
  const entries = lines(capture)
    .filter(({ conn }) => conn !== undefined)
    .map((one) => ({ ...one, raw: one.raw ?? JSON.stringify(one.msg) }));
  const replayed = await replay(entries);
  const hashed = hashes(entries, join(folder, name, 'wal'));
  failures += replayed.wrong + hashed.wrong;
  console.log(
    `${name}: ${replayed.messages} messages on ${replayed.connections} connections, ${replayed.stamped} runs stamped, ` +
      `${replayed.wrong} differ in another byte; params_hash: ${hashed.equal} of ${hashed.compared} equal` +
      ` (${hashed.withPaths} more hold a path that the capture replaced, ${hashed.unrecorded} are in no WM record)`,
  );
}
process.exitCode = failures === 0 ? 0 : 1;

/** Every connection's messages through the proxy and back from a WM that says what it hears. */
async function replay(entries) {
  const venv = mkdtempSync(join(tmpdir(), 'tl-captures-'));
  mkdirSync(join(venv, 'cache', 'finecode'), { recursive: true });
  writeFileSync(join(venv, 'pyvenv.cfg'), '');
  const portFile = join(venv, 'cache', 'finecode', 'wm_port');
  const wm = [process.execPath, file('fixtures/fake-wm.mjs'), 'start-wm-server', '--echo'];
  const args = [
    file('../../../dist/src/cli/main.js'),
    'proxy',
    'finecode',
    '--venv',
    venv,
    '--',
    ...wm,
  ];
  const proxy = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!existsSync(portFile)) await new Promise((wake) => setTimeout(wake, 20));
  const port = Number(readFileSync(portFile, 'utf8'));
  const connections = Map.groupBy
    ? Map.groupBy(entries, ({ conn }) => conn)
    : entries.reduce(
        (map, one) => map.set(one.conn, [...(map.get(one.conn) ?? []), one]),
        new Map(),
      );
  const counts = { connections: connections.size, messages: 0, stamped: 0, wrong: 0 };
  for (const told of connections.values()) {
    const sent = told.filter((one) => one.dir === 'c>s').map(({ raw }) => raw);
    const back = await through(port, sent);
    counts.messages += sent.length;
    if (back.length !== sent.length) counts.wrong += 1;
    for (const [index, raw] of sent.entries()) {
      const isRun = /^actions\/run(?:Batch)?$/.test(JSON.parse(raw).method);
      const without = (back[index] ?? '').replace(
        /"_traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-03",?/,
        '',
      );
      if (isRun && without !== back[index]) counts.stamped += 1;
      if (without !== raw || isRun === (without === back[index])) counts.wrong += 1;
    }
  }
  proxy.kill('SIGINT');
  await new Promise((ended) => proxy.once('exit', ended));
  rmSync(venv, { recursive: true });
  return counts;
}

function through(port, sent) {
  return new Promise((settle, failed) => {
    const back = [];
    const push = reader((body) => back.push(body.toString()));
    const socket = connect(port, '127.0.0.1');
    socket.on('data', push);
    socket.once('error', failed);
    socket.once('close', () => settle(back));
    socket.end(Buffer.concat(sent.map((raw) => frame(raw))));
  });
}

/** Each accepted run that the WM's WAL has, against the hash of the request it lies within. */
function hashes(entries, wal) {
  const accepted = readdirSync(wal)
    .map((env) => join(wal, env, 'wm'))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).flatMap((name) => lines(join(path, name))))
    .filter(({ event_type: event }) => event === 'run.accepted');
  const counts = { compared: 0, equal: 0, withPaths: 0, unrecorded: 0, wrong: 0 };
  for (const asked of entries.filter((one) => one.dir === 'c>s')) {
    const body = Buffer.from(asked.raw);
    const { found, read } = readPython(body);
    if (!/^actions\/run(?:Batch)?$/.test(found.method)) continue;
    const answer = entries.find(
      (one) => one.dir === 's>c' && one.conn === asked.conn && one.msg.id === asked.msg.id,
    );
    const [from, to] = [Date.parse(asked.ts) - 1, Date.parse(answer?.ts ?? '2999') + 1];
    for (const { paramsHash } of finecodeRequest(body, read, found.params.start - 1).targets) {
      const within = accepted.filter(({ ts }) => Date.parse(ts) >= from && Date.parse(ts) <= to);
      const hasPath = /\/home\//.test(JSON.stringify(asked.msg.params.params ?? {}));
      if (within.length === 0 || asked.msg.params.partialResultToken !== undefined)
        counts.unrecorded += 1;
      else if (hasPath) counts.withPaths += 1;
      else {
        counts.compared += 1;
        if (within.some(({ payload }) => payload.params_hash === paramsHash)) counts.equal += 1;
        else counts.wrong += 1;
      }
    }
  }
  return counts;
}
