/** What most people would write: vscode-jsonrpc's reader and writer both ways, an id put into each request. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
const toServer = new StreamMessageWriter(child.stdin);
const toEditor = new StreamMessageWriter(process.stdout);
new StreamMessageReader(process.stdin).listen((message) => {
  if (message.method !== undefined) {
    const id = randomBytes(24).toString('hex');
    message._meta = { traceparent: `00-${id.slice(0, 32)}-${id.slice(32)}-03` };
  }
  void toServer.write(message);
});
new StreamMessageReader(child.stdout).listen((message) => void toEditor.write(message));
process.stdin.on('end', () => child.stdin.end());
child.on('exit', (code) => process.exit(code ?? 1));
