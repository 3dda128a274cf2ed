// A server that answers each request with the request. Started by witness.mjs.
let buffer = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  const end = buffer.indexOf('\r\n\r\n');
  if (end === -1) return;
  const length = Number(/\d+/.exec(buffer.toString('latin1', 0, end))[0]);
  if (buffer.length < end + 4 + length) return;
  const message = JSON.parse(buffer.toString('utf8', end + 4, end + 4 + length));
  buffer = buffer.subarray(end + 4 + length);
  const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
});
process.stdin.on('end', () => process.exit(0));
