/** The commands that stand before language servers and other JSON-RPC servers that nobody can edit. */
import type { Command, Option } from './command.js';
import { root } from './options.js';

const inject: Option = {
  name: 'inject',
  value: 'FORM',
  values: ['meta', 'w3c', 'params-meta', 'none'],
  help: 'where the id is put: meta (default), w3c, params-meta or none',
};

export const lspCommands: readonly Command[] = [
  {
    name: 'proxy lsp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'an id for each message of an editor to its language server; writes nothing',
    details: [
      'Nothing is ever added to what goes to the editor. What the server prints between messages goes to stderr.',
      'Exits as the server does: its code, or its signal; 127 not found, 126 not executable, 125 usage (docs/proxy.md).',
    ],
    options: [
      inject,
      { name: 'tcp', help: 'the server listens on a port and prints it: port:N' },
      { name: 'socket', value: 'PORT', help: 'the server listens on this port of the loopback' },
      {
        name: 'own-process-id',
        help: "tell the server to watch the proxy's process instead of the editor's",
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/proxy-lsp.js'),
  },
  {
    name: 'record lsp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'the same for a language server that does the work itself, and records what it did',
    details: [
      'A run for each command, format, rename, code action and diagnostic; edits are effects with their files (docs/record.md).',
      'Exits as the server does: its code, or its signal; 127 not found, 126 not executable, 125 usage.',
    ],
    options: [
      { ...root, isRepeatable: false, help: 'where the stream is written' },
      {
        name: 'methods',
        value: 'METHOD,…',
        isRepeatable: true,
        help: 'record these requests instead of the default ones',
      },
      {
        ...inject,
        values: ['meta', 'w3c', 'params-meta'],
        help: 'where the id is put: meta (default), w3c or params-meta',
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-lsp.js'),
  },
  {
    name: 'proxy json-rpc',
    usage: '--listen ADDRESS --connect ADDRESS [OPTION…]',
    summary: 'an id for each message over TCP or Unix sockets; writes nothing',
    details: [
      'ADDRESS is PORT (of the loopback), HOST:PORT or unix:PATH. Port 0 is any; the first line of stdout names it.',
      'One connection of a client is one to the server (docs/proxy.md).',
    ],
    options: [
      { name: 'listen', value: 'ADDRESS', help: 'where clients connect to' },
      { name: 'connect', value: 'ADDRESS', help: 'where the server listens' },
      inject,
      {
        name: 'framing',
        value: 'KIND',
        values: ['content-length', 'lines'],
        help: 'content-length or lines; default: told by the first byte of each connection',
      },
    ],
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/proxy-json-rpc.js'),
  },
];
