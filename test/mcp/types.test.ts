import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { expect, it } from 'vitest';
import { correlate } from '../../adapters/mcp/index.js';

it('takes the SDK classes Server, McpServer and Client as they are', () => {
  const info = { name: 'types', version: '1.0.0' };
  const all = [
    correlate(new Server(info)),
    correlate(new McpServer(info)),
    correlate(new Client(info)),
  ];
  for (const { dispose } of all) dispose();
  // @ts-expect-error -- An object without connect is refused by the compiler, too.
  expect(() => correlate({ name: 'no server' })).toThrow('connect');
});
