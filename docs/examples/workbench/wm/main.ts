/**
 * The workspace manager (WM), a daemon: `main.js --workspace DIR [--root DIR] [--port-file FILE]`. Listens on the
 * loopback interface only and hands every action to the ER of its environment. Does no work on files itself.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openRecorder } from 'throughline/hook';
import { correlated, stampWriter } from 'throughline/json-rpc';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { settleRuns } from '../settle.js';
import { Environments } from './environments.js';
import { serveActions } from './serve.js';

const { values } = parseArgs({
  options: {
    workspace: { type: 'string', default: process.cwd() },
    root: { type: 'string' },
    'port-file': { type: 'string' },
  },
});
const { root, 'port-file': portFile } = values;
const workspace = resolve(values.workspace);

const recorder = await openRecorder({
  role: 'wm',
  workspace,
  ...(root === undefined ? {} : { root }),
});
const environments = new Environments({
  recorder,
  workspace,
  serve: (connection) => serveActions(connection, { recorder, environments }),
});

const server = createServer((socket) => {
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    stampWriter(new StreamMessageWriter(socket)),
    undefined,
    correlated(),
  );
  // A front that dies in mid-sentence is its own problem.
  socket.on('error', () => socket.destroy());
  // Nobody waits for these answers any more.
  connection.onClose(() => connection.dispose());
  serveActions(connection, { recorder, environments });
  connection.listen();
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  if (portFile !== undefined) writeFileSync(portFile, `${port}\n`);
  process.stdout.write(`${JSON.stringify({ port, root: recorder.root, workspace })}\n`);
});

const settleMsMax = 2000;

async function stop(): Promise<void> {
  server.close();
  await environments.close();
  await settleRuns(recorder, settleMsMax);
  await recorder.close();
  if (portFile !== undefined) rmSync(portFile, { force: true });
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
