// Answers each message at once, with as many bytes as it asks for in `"answer":N`: what is measured is the way there.
// target.mjs --port-file FILE
import { unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const portFile = process.argv[process.argv.indexOf('--port-file') + 1];
const server = createServer({ noDelay: true }, (socket) => {
  let held = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const blank = held.indexOf('\r\n\r\n');
      if (blank === -1) return;
      const end = blank + 4 + Number(held.toString('latin1', 16, blank));
      if (held.length < end) return;
      const bytes = Number(/"answer":(\d+)/.exec(held.toString('latin1', blank, blank + 300))[1]);
      held = held.subarray(end);
      const body = `{"jsonrpc": "2.0", "id": 1, "result": {"returnCode": 0, "text": "${'x'.repeat(bytes)}"}}`;
      socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    }
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(portFile, String(server.address().port)));
process.on('SIGINT', () => {
  unlinkSync(portFile);
  process.exit(0);
});
