// Starts a server and adds a member to each message that it sends: what no part of throughline may ever do to an editor.
import { spawn } from 'node:child_process';

const child = spawn(process.argv[2], process.argv.slice(3), { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdin.pipe(child.stdin);
let buffer = Buffer.alloc(0);
child.stdout.on('data', (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = Number(/\d+/.exec(buffer.toString('latin1', 0, end))[0]);
    if (buffer.length < end + 4 + length) return;
    const body = `{"_meta":{},${buffer.toString('utf8', end + 5, end + 4 + length)}`;
    buffer = buffer.subarray(end + 4 + length);
    process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
});
child.on('exit', (code) => process.exit(code ?? 1));
