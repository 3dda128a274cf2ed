/** The commands that stand between a client and its server. */
import type { Command, Option } from './command.js';
import { root } from './options.js';

const asTheServer =
  'Exits as the server does: its code, or its signal; 127 not found, 126 not executable, 125 usage.';
const trust: Option = {
  name: 'trust',
  value: 'MODE',
  values: ['join', 'link', 'ignore'],
  help: 'what to make of a context that a message carries: join (default), link or ignore',
};

export const proxyCommands: readonly Command[] = [
  {
    name: 'proxy mcp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…], or [OPTION…] --http URL',
    summary: 'gives every request to an MCP server an id; writes nothing',
    details: [
      'Stands in for the server in a client’s configuration and changes nothing but params._meta (docs/proxy.md).',
      asTheServer,
    ],
    options: [
      trust,
      {
        name: 'http',
        value: 'URL',
        help: 'the server is at URL (Streamable HTTP) instead of behind --',
      },
      {
        name: 'header',
        value: '"NAME: VALUE"',
        isRepeatable: true,
        help: 'sent with every HTTP request; ${NAME} in the value is an environment variable',
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/proxy-mcp.js'),
  },
  {
    name: 'record mcp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'the same for an MCP server that does the work itself, and records what it was asked',
    details: [
      'Each request that does work is a run: accepted on disk before a tool is called, ended before its answer leaves (docs/record.md).',
      asTheServer,
    ],
    options: [{ ...root, isRepeatable: false, help: 'where the stream is written' }, trust],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-mcp.js'),
  },
];
