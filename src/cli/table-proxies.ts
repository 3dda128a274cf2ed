/** The commands that stand between a client and its server. */
import type { Command, Option } from './command.js';

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
    usage: '[--trust MODE] -- SERVER [ARGUMENT…]',
    summary: 'gives every request to an MCP server an id; writes nothing',
    details: [
      'Stands in for the server in a client’s configuration and changes nothing but params._meta (docs/proxy.md).',
      asTheServer,
    ],
    options: [trust],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/proxy-mcp.js'),
  },
];
