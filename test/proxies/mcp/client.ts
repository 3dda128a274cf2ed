/** The SDK's own client, on stdio, directly to the fixture's server or through one of our commands. */
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { bin, plainEnv } from '../../cli/bin.js';

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** What the fixture's `echo` says it was called with. */
export interface Echo {
  readonly text: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
}

export interface Connected {
  readonly client: Client;
  readonly transport: StdioClientTransport;
}

export async function connect(
  through: readonly string[],
  env: Readonly<Record<string, string>> = {},
  server = 'server.mjs',
): Promise<Connected> {
  const client = new Client({ name: 'tester', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      ...(through.length === 0 ? [] : [bin, ...through, '--', process.execPath]),
      fixture(server),
    ],
    env: { PATH: plainEnv['PATH'] ?? '', HOME: '/nonexistent', ...env },
    stderr: 'inherit',
  });
  await client.connect(transport);
  return { client, transport };
}

export async function echo(
  client: Client,
  text: string,
  extra: { readonly delayMs?: number; readonly meta?: Record<string, unknown> } = {},
): Promise<Echo> {
  const { delayMs, meta } = extra;
  const result = await client.callTool({
    name: 'echo',
    arguments: { text, ...(delayMs === undefined ? {} : { delayMs }) },
    ...(meta === undefined ? {} : { _meta: meta }),
  });
  const [first] = result.content as { readonly text: string }[];
  return JSON.parse(first?.text ?? '') as Echo;
}
