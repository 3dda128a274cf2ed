/** The one table of commands: what is dispatched, helped and documented. A command's code is loaded when it is called. */
import type { Command } from './command.js';
import { finecode, json, root, utc } from './options.js';
import { exportCommands } from './table-export.js';
import { finecodeCommands } from './table-finecode.js';
import { proxyCommands } from './table-proxies.js';
import { recordCommands } from './table-recorders.js';
import { requestCommands } from './table-requests.js';
import { streamCommands } from './table-streams.js';

export const commands: readonly Command[] = [
  ...requestCommands,
  ...exportCommands,
  ...streamCommands,
  {
    name: 'id',
    group: 'ids',
    usage: 'VALUE',
    summary: 'one id in all its spellings',
    details: ['VALUE is a ULID, a trace id or a traceparent.'],
    options: [json, utc],
    arguments: { min: 1, max: 1 },
    schemas: ['id/1'],
    examples: [['throughline id "$TRACEPARENT"', 'the id of this shell command']],
    load: () => import('./commands/id.js'),
  },
  {
    name: 'run',
    usage: '[OPTION…] -- COMMAND [ARGUMENT…]',
    summary: 'runs a command under an id of its own; writes nothing',
    details: [
      'Continues a valid TRACEPARENT or begins a root, and sets TRACEPARENT and TRACESTATE for the command.',
      'Exits as the command does: its code, or its signal; 127 not found, 126 not executable, 125 usage.',
    ],
    options: [
      { name: 'name', value: 'NAME', help: "what was asked for; default: the command's name" },
      {
        name: 'origin',
        value: 'KEY=VALUE',
        isRepeatable: true,
        help: 'what this front says of itself: front, method, name or client',
      },
      {
        name: 'trust',
        value: 'MODE',
        values: ['join', 'link', 'ignore'],
        help: 'what to make of TRACEPARENT: join (default), link or ignore',
      },
      { name: 'print-id', help: 'the id and traceparent, one line on stderr' },
      {
        name: 'finecode',
        value: 'WHEN',
        values: ['auto', 'always', 'never'],
        help: 'load the FineCode hook (docs/finecode.md): auto (default) when the command is finecode or python -m finecode',
      },
      {
        name: 'detach-context',
        help: 'no id at all: for starting a daemon, which would keep it for days',
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/run.js'),
  },
  {
    name: 'shell-init',
    usage: 'bash|zsh|fish|sh',
    summary: 'prints a hook that gives every interactive command an id',
    details: [
      'For .bashrc or .zshrc: eval "$(throughline shell-init bash)"; for config.fish: throughline shell-init fish | source.',
      'Starts no process per command. In sh there is one id for the whole session (docs/shell.md).',
    ],
    options: [],
    arguments: { min: 1, max: 1, offer: ['bash', 'zsh', 'fish', 'sh'] },
    load: () => import('./commands/shell-init.js'),
  },
  ...proxyCommands,
  ...recordCommands,
  ...finecodeCommands,
  {
    name: 'mcp',
    usage: '[--root DIR…]',
    summary: 'a read-only MCP server over stdio: lets an agent ask all of this itself',
    details: [
      'Tools: list_runs, run_outline, expand, get_records, in_flight, who, reconcile, compare and verify; a resource for each run. Opens files for reading only, has no tool that writes and opens no socket (docs/agents.md).',
      'Needs the package @modelcontextprotocol/sdk (npm install @modelcontextprotocol/sdk@1). Started by an MCP client; ends when its input does.',
    ],
    options: [root, finecode],
    arguments: { min: 0, max: 0 },
    examples: [
      [
        'throughline mcp --root ~/project/.throughline',
        "as the command of a server in an MCP client's configuration",
      ],
    ],
    isServer: true,
    load: () => import('./commands/mcp.js'),
  },
  {
    name: 'wrap',
    usage: 'FILE',
    summary:
      "edits an MCP client's configuration: its servers go through the proxy or the recorder",
    details: [
      'Shows the difference first. Comments and formatting stay; --undo takes back exactly what was done (docs/wrap.md).',
      'Exits with 1 when --check finds a server that does not answer; then nothing is written.',
    ],
    options: [
      {
        name: 'record',
        value: 'NAME',
        isRepeatable: true,
        help: 'a server that does its work itself: through the recorder instead',
      },
      { name: 'http', help: 'move remote servers behind the proxy, too' },
      { name: 'check', help: 'start each server once before anything is written' },
      { name: 'dry-run', help: 'show, and write nothing' },
      { name: 'undo', help: 'every server by itself again' },
    ],
    arguments: { min: 1, max: 1 },
    load: () => import('./commands/wrap.js'),
  },
  {
    name: 'completion',
    usage: 'bash|zsh|fish',
    summary: "prints a shell's completion of this command line",
    details: [
      'For .bashrc: eval "$(throughline completion bash)". For zsh into a file _throughline in a directory of fpath, for fish into ~/.config/fish/completions/throughline.fish. Starts no process when it completes.',
    ],
    options: [],
    arguments: { min: 1, max: 1, offer: ['bash', 'zsh', 'fish'] },
    load: async () => (await import('./commands/completion.js')).completionOf(commands),
  },
];
