// The hop that is the measure: a process that pipes TCP connections to a port and does nothing else. pipe.mjs PORT
import { connect, createServer } from 'node:net';

const target = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
  client.pipe(upstream).pipe(client);
  for (const socket of [client, upstream]) socket.on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
