// A server over Streamable HTTP on loopback: `node http-server.mjs VERSION MODE`. It prints its port.
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { correlate } from 'throughline/mcp';
import { newServer, randomUUID } from './sdks.mjs';

const [version, mode] = [Number(process.argv[2]), process.argv[3]];
const options = JSON.parse(process.env.CORRELATE ?? '{}');
const setUp = (server) => correlate(server, options);
const sessions = new Map();

async function transportFor(request) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known;
  const Transport =
    version === 1 ? StreamableHTTPServerTransport : NodeStreamableHTTPServerTransport;
  const transport = new Transport({
    sessionIdGenerator: mode === 'stateful' ? () => randomUUID() : undefined,
    enableJsonResponse: mode === 'json',
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await newServer(version, setUp).connect(transport);
  return transport;
}

const handler =
  mode === 'handler'
    ? toNodeHandler(createMcpHandler(() => newServer(2, setUp)))
    : async (request, response) => {
        const transport = await transportFor(request);
        await transport.handleRequest(request, response);
      };
const site = createServer((request, response) => {
  Promise.resolve(handler(request, response)).catch((error) => {
    console.error(error);
    response.writeHead(500).end(String(error));
  });
});
site.listen(0, '127.0.0.1', () => console.log(site.address().port));
