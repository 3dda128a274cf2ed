/** The commands that stand between a client and its server and give ids. They write nothing. */
import type { Command, Option } from './command.js';
import { asTheServer, inject, trust } from './options.js';

/** Which workspace manager of FineCode it is. */
export const finecodeOptions: readonly Option[] = [
  {
    name: 'venv',
    value: 'DIR',
    help: "the venv whose Python runs FineCode; default: COMMAND's, VIRTUAL_ENV, .venvs/dev_workspace",
  },
  { name: 'attach', help: 'stand before the workspace manager that runs already' },
];

/** For editors that connect. */
export const lspTcp: Option = {
  name: 'tcp',
  help: 'the server prints port:N and the editor connects to what it reads there: it reads a port of ours',
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
    name: 'proxy lsp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'gives every message to a language server an id; writes nothing',
    details: [
      'Nothing is ever added to what goes to the editor. What the server prints between messages goes to stderr.',
      'Exits as the server does: its code, or its signal; 127 not found, 126 not executable, 125 usage (docs/proxy.md).',
    ],
    options: [
      inject,
      lspTcp,
      {
        name: 'socket',
        value: 'PORT',
        help: 'the server listens on this port of the loopback, or on the one it prints: printed; the editor speaks stdio',
      },
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
    name: 'proxy json-rpc',
    usage: '--listen ADDRESS --connect ADDRESS [OPTION…]',
    summary: 'gives every message over TCP or a Unix socket an id; writes nothing',
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
  {
    name: 'proxy finecode',
    usage: '[OPTION…] -- COMMAND [ARGUMENT…], or [OPTION…] --attach',
    summary:
      'gives every run asked of FineCode’s workspace manager an id; writes only its port file',
    details: [
      'COMMAND starts the workspace manager, such as .venvs/dev_workspace/bin/python -m finecode start-wm-server (docs/finecode.md).',
      'Clients find the proxy in VENV/cache/finecode/wm_port. Nothing but params._traceparent of a run is changed.',
      'Exits as the workspace manager does: its code, or its signal; 127 not found, 126 not executable, 125 usage, or another one runs.',
    ],
    options: finecodeOptions,
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/proxy-finecode.js'),
  },
];
