/** A real MCP client with the fixture server as a real child process, for tests that compare ids. */
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { correlate, type CorrelateOptions } from '../../adapters/mcp/index.js';
import { currentContext } from '../../src/context/index.js';

/** What a handler saw of its scope. */
export interface Seen {
  readonly marker?: string;
  readonly trace?: string;
  readonly span?: string;
  readonly parent?: string;
  readonly links?: readonly unknown[];
  readonly origin?: unknown;
  readonly stable?: boolean;
}

export interface Fixture extends AsyncDisposable {
  readonly client: Client;
  readonly transport: StdioClientTransport;
}

const server = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));

export function newClient(): Client {
  return new Client(
    { name: 'test-agent', version: '1.0.0' },
    { capabilities: { elicitation: {}, sampling: {}, roots: {} } },
  );
}

/** Answers what a server may ask, with the scope the answer was made in. */
export function answerServer(client: Client): void {
  client.setRequestHandler(ElicitRequestSchema, (request) => ({
    action: 'accept',
    content: { marker: request.params.message, trace: currentContext()?.traceId ?? 'none' },
  }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: [{ uri: 'file:///root', name: currentContext()?.traceId ?? 'none' }],
  }));
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: currentContext()?.traceId ?? 'none' },
  }));
}

/** The fixture server over stdio. `correlated` instruments the client, too. */
export async function startFixture(
  options: {
    env?: Record<string, string>;
    correlated?: CorrelateOptions;
    nodeArgs?: readonly string[];
  } = {},
): Promise<Fixture> {
  const client = newClient();
  answerServer(client);
  if (options.correlated !== undefined) correlate(client, options.correlated);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...(options.nodeArgs ?? []), server],
    env: { ...getDefaultEnvironment(), ...options.env },
  });
  await client.connect(transport);
  return { client, transport, [Symbol.asyncDispose]: () => client.close() };
}

export interface CallOptions {
  readonly meta?: Record<string, unknown>;
  readonly request?: Parameters<Client['callTool']>[2];
}

/** Calls a tool of the fixture and returns what its handler saw. */
export async function call(
  client: Client,
  name: string,
  marker: string,
  { meta, request }: CallOptions = {},
): Promise<Seen & Record<string, unknown>> {
  const params = { name, arguments: { marker }, ...(meta === undefined ? {} : { _meta: meta }) };
  const result = await client.callTool(params, undefined, request);
  const content = result.content as readonly { text: string }[];
  return JSON.parse(content[0]?.text ?? '{}') as Seen & Record<string, unknown>;
}

/** A foreign trace id that names its number: what arrives can be compared by eye. */
export function foreign(number: number): { trace: string; span: string; traceparent: string } {
  const trace = `f${number.toString(16).padStart(31, '0')}`;
  const span = `e${number.toString(16).padStart(15, '0')}`;
  return { trace, span, traceparent: `00-${trace}-${span}-01` };
}
