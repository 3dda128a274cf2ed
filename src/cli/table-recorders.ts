/** The commands that run what nobody can edit, and record for it. */
import type { Command } from './command.js';
import { asTheServer, inject, root, trust } from './options.js';
import { finecodeOptions, lspTcp } from './table-proxies.js';

export const recordCommands: readonly Command[] = [
  {
    name: 'record exec',
    usage: '[OPTION…] -- COMMAND [ARGUMENT…]',
    summary: 'runs a command and records its start, its end and, if asked, what it changed',
    details: [
      'Continues a valid TRACEPARENT or begins a root; what the command records itself nests under it (docs/record.md).',
      'Exits as the command does: its code, or its signal; 127 not found, 126 not executable, 125 usage.',
    ],
    options: [
      { ...root, isRepeatable: false, help: 'where the stream is written' },
      {
        name: 'action',
        value: 'NAME',
        help: "what the run is called; default: the command's name",
      },
      { name: 'record-args', help: 'keep the arguments, too; else only how many there are' },
      {
        name: 'watch-paths',
        value: 'GLOB',
        isRepeatable: true,
        help: 'files to compare before and after; what differs is recorded as inferred',
      },
      {
        name: 'tail-bytes',
        value: 'N',
        help: 'keep the last N bytes of stderr when the command fails',
      },
      {
        name: 'on-failure',
        value: 'MODE',
        values: ['degrade', 'reject'],
        help: 'when nothing can be written: degrade (default) runs the command all the same, reject does not',
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-exec.js'),
  },
  {
    name: 'record mcp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'runs an MCP server and records what it was asked and how that ended',
    details: [
      'Each request that does work is a run: accepted on disk before a tool is called, ended before its answer leaves (docs/record.md).',
      asTheServer,
    ],
    options: [{ ...root, isRepeatable: false, help: 'where the stream is written' }, trust],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-mcp.js'),
  },
  {
    name: 'record lsp',
    usage: '[OPTION…] -- SERVER [ARGUMENT…]',
    summary: 'runs a language server and records what it was asked and what it changed',
    details: [
      'A run for each command, format, rename, code action and diagnostic; edits are effects with their files (docs/record.md).',
      asTheServer,
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
      lspTcp,
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-lsp.js'),
  },
  {
    name: 'record finecode',
    usage: '[OPTION…] -- COMMAND [ARGUMENT…], or [OPTION…] --attach',
    summary: 'runs FineCode’s workspace manager and records every run that clients ask of it',
    details: [
      'A run for each actions/run and actions/runBatch, with a dispatch for each action and project: also for streamed ones (docs/finecode.md).',
      'COMMAND, the port file and the exit code are as for proxy finecode.',
    ],
    options: [
      { ...root, isRepeatable: false, help: 'where the stream is written' },
      ...finecodeOptions,
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-finecode.js'),
  },
];
