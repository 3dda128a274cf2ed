// Both SDKs behind one face: clients and servers with the same tools, so that one check runs on every pairing.
import { randomUUID } from 'node:crypto';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitRequestSchema, ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  acceptedContent,
  inputRequired,
  McpServer as ServerV2,
} from '@modelcontextprotocol/server';
import { currentContext } from 'throughline';
import { z } from 'zod';

export { randomUUID };
const info = { name: 'interop', version: '1.0.0' };
const marked = z.object({ marker: z.string() });
const question = { type: 'object', properties: { trace: { type: 'string' } } };

/** What a handler sees of its scope, before and after it gave up the thread. */
async function seen(marker) {
  const before = currentContext();
  await new Promise((resolve) => {
    setTimeout(resolve, Math.random() * 5);
  });
  const { traceId, parentSpanId } = currentContext() ?? {};
  return { marker, trace: traceId, parent: parentSpanId, isStable: currentContext() === before };
}

const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

/** Answers an elicitation with the scope the answer was made in. */
const answer = (request) => ({
  action: 'accept',
  content: { trace: `${request.params.message} ${currentContext()?.traceId ?? 'none'}` },
});

export function newClient(version, { negotiation = 'legacy', ...options } = {}) {
  const capabilities = { elicitation: {}, sampling: {}, roots: {} };
  if (version === 1) {
    const client = new ClientV1(info, { capabilities, ...options });
    client.setRequestHandler(ElicitRequestSchema, answer);
    return client;
  }
  const versionNegotiation = { mode: negotiation };
  const client = new ClientV2(info, { capabilities, versionNegotiation, ...options });
  client.setRequestHandler('elicitation/create', answer);
  return client;
}

export function newServer(version, setUp = () => undefined) {
  return version === 1 ? newServerV1(setUp) : newServerV2(setUp);
}

function newServerV1(setUp) {
  const server = new ServerV1(info);
  setUp(server);
  server.registerTool('seen', { inputSchema: marked.shape }, async ({ marker }) =>
    text(await seen(marker)),
  );
  server.registerTool('asks', { inputSchema: marked.shape }, async ({ marker }, extra) => {
    const params = { message: marker, requestedSchema: question };
    const request = { method: 'elicitation/create', params };
    const { content } = await extra.sendRequest(request, ElicitResultSchema);
    return text({ ...(await seen(marker)), asked: content.trace });
  });
  addCommon(server);
  return server;
}

function newServerV2(setUp) {
  const server = new ServerV2(info);
  setUp(server);
  server.registerTool('seen', { inputSchema: marked }, async ({ marker }, ctx) => {
    const header = ctx.http?.req?.headers.get('traceparent') ?? undefined;
    return text({ ...(await seen(marker)), header });
  });
  // One return value for both eras: to a client of 2025 the SDK sends a request, to one of 2026 a result.
  server.registerTool('asks', { inputSchema: marked }, async ({ marker }, ctx) => {
    const content = acceptedContent(ctx.mcpReq.inputResponses, 'ask');
    const state = ctx.mcpReq.requestState();
    if (content === undefined) {
      const { trace } = await seen(marker);
      const ask = inputRequired.elicit({ message: marker, requestedSchema: question });
      return inputRequired({ inputRequests: { ask }, requestState: `${marker} ${trace}` });
    }
    const [ofMarker, first] = String(state).split(' ');
    const isOwnState = ofMarker === marker;
    return text({ ...(await seen(marker)), asked: content.trace, first, isOwnState });
  });
  addCommon(server);
  return server;
}

function addCommon(server) {
  server.registerTool('fails', {}, async () => {
    throw new Error('no such thing');
  });
  // SDK 2's client answers a second read of it by itself.
  const cached = { cacheHint: { ttlMs: 60_000, cacheScope: 'private' } };
  server.registerResource('plain', 'fixture://plain', cached, async () => ({
    contents: [{ uri: 'fixture://plain', text: JSON.stringify(await seen('plain')) }],
  }));
}

export function stdio(version, args, env = {}) {
  const Transport = version === 1 ? StdioV1 : StdioV2;
  return new Transport({
    command: process.execPath,
    // A burst makes the SDK wait for one pipe with hundreds of listeners; that warning is its own.
    args: ['--disable-warning=MaxListenersExceededWarning', ...args],
    env: { PATH: process.env.PATH, ...env },
    stderr: 'inherit',
  });
}

export function http(version, url, options = {}) {
  const Transport = version === 1 ? HttpV1 : HttpV2;
  return new Transport(new URL(url), options);
}

export async function call(client, name, marker, meta) {
  const result = await client.callTool({
    name,
    arguments: { marker },
    ...(meta === undefined ? {} : { _meta: meta }),
  });
  return JSON.parse(result.content[0].text);
}
