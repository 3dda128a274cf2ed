/** The one table of commands: what is dispatched, helped and documented. A command's code is loaded when it is called. */
import type { Command, Option } from './command.js';

const json: Option = {
  name: 'json',
  help: 'one JSON object a line (docs/cli.md); text is no contract',
};
const utc: Option = { name: 'utc', help: 'times in UTC instead of local time' };
const root: Option = {
  name: 'root',
  value: 'DIR',
  isRepeatable: true,
  help: 'where the streams are; may be given several times',
};
const reading: readonly Option[] = [root, json, utc];
const runHelp =
  'RUN is @0 (the newest), @-1 (the one before), a ULID, a trace id, a traceparent, or the last 4 or more characters of the ULID.';

export const commands: readonly Command[] = [
  {
    name: 'runs',
    usage: '[--failed]',
    summary: 'what was asked, by which front, and how it ended',
    options: [{ name: 'failed', help: 'only failed, rejected and lost requests' }, ...reading],
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/runs.js'),
  },
  {
    name: 'show',
    usage: 'RUN',
    summary: 'everything one request caused, across processes, as a tree',
    details: [runHelp],
    options: [{ name: 'full', help: 'every span: fold nothing' }, ...reading],
    arguments: { min: 1, max: 1 },
    load: () => import('./commands/show.js'),
  },
  {
    name: 'inflight',
    usage: '',
    summary: 'what was open when the streams end, and whether its writer is alive, gone or unknown',
    details: ['Exits with 1 when something is open.'],
    options: reading,
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/inflight.js'),
  },
  {
    name: 'records',
    usage: '[RUN]',
    summary: 'the merged records, in causal order',
    details: [runHelp],
    options: reading,
    arguments: { min: 0, max: 1 },
    load: () => import('./commands/records.js'),
  },
  {
    name: 'who',
    usage: 'PATH',
    summary: 'which request wrote this file',
    options: reading,
    arguments: { min: 1, max: 1 },
    load: () => import('./commands/who.js'),
  },
  {
    name: 'verify',
    usage: '[--key FILE]',
    summary: 'whether every stream is as it was written, byte for byte',
    details: ['Reads everything and repairs nothing. Exits with 1 when a stream is damaged.'],
    options: [
      {
        name: 'key',
        value: 'FILE',
        help: 'Ed25519 public key, PEM: every seal must be signed with its private half',
      },
      root,
      json,
    ],
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'prune',
    usage: '[--dry-run]',
    summary: 'removes finished streams that are too old or too much, and records that it did',
    details: [
      'Keeps what is open, unknown, or lost for less than 14 days and not resolved (docs/durability.md).',
    ],
    options: [
      { name: 'dry-run', help: 'say what would go, and remove nothing' },
      { name: 'keep-days', value: 'N', help: 'younger streams stay; default 30' },
      {
        name: 'keep-bytes',
        value: 'N',
        help: 'the oldest streams go while a root holds more; default 1 GiB',
      },
      root,
      json,
    ],
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/prune.js'),
  },
  {
    name: 'id',
    usage: 'VALUE',
    summary: 'one id in all its spellings',
    details: ['VALUE is a ULID, a trace id or a traceparent.'],
    options: [json, utc],
    arguments: { min: 1, max: 1 },
    load: () => import('./commands/id.js'),
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
    arguments: { min: 1, max: 1 },
    load: () => import('./commands/shell-init.js'),
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
        help: 'what to make of TRACEPARENT: join (default), link or ignore',
      },
      { name: 'print-id', help: 'the id and traceparent, one line on stderr' },
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
        help: 'when nothing can be written: degrade (default) runs the command all the same, reject does not',
      },
    ],
    arguments: { min: 0, max: 0 },
    takesCommand: true,
    load: () => import('./commands/record-exec.js'),
  },
];
