// The server over Streamable HTTP with sessions: `node http-host.mjs [bare|correlated]`. It prints its port.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { correlate } from 'throughline/mcp';
import { newServer } from './everything.mjs';
import { isLocal } from './local.mjs';

const sessions = new Map();

async function transportFor(request) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known;
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  const server = newServer();
  if (process.argv[2] === 'correlated') correlate(server);
  await server.connect(transport);
  return transport;
}

const site = createServer((request, response) => {
  if (!isLocal(request)) {
    response.writeHead(403).end();
    return;
  }
  transportFor(request)
    .then((transport) => transport.handleRequest(request, response))
    .catch((error) => response.writeHead(500).end(String(error)));
});
site.listen(0, '127.0.0.1', () => console.log(site.address().port));
