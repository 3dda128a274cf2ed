/** Answers each request as fast as a server of one line can. */
let held = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
  for (;;) {
    const match = /^Content-Length: (\d+)\r\n\r\n/.exec(held.subarray(0, 48).toString('latin1'));
    if (match === null) return;
    const end = match[0].length + Number(match[1]);
    if (held.length < end) return;
    const { id } = JSON.parse(held.subarray(match[0].length, end).toString());
    held = held.subarray(end);
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: { contents: 'const a: string', end: 1 },
    });
    process.stdout.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  }
});
process.stdin.on('end', () => process.exit(0));
