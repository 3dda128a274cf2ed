/** Commands about streams and where they are. All but `prune` read only; `bundle` writes the one file it is told to. */
import type { Command } from './command.js';
import {
  finecode,
  json,
  limit,
  matchHelp,
  reading,
  root,
  runHelp,
  since,
  until,
  utc,
} from './options.js';

export const streamCommands: readonly Command[] = [
  {
    name: 'stats',
    group: 'streams',
    usage: '[FIELD=VALUE…] [--since TIME]',
    summary: 'how many, how long and how they ended: by action, by handler, by writer',
    details: [
      'Durations are the median (p50), the 99th percentile and the longest of what ended.',
      matchHelp,
    ],
    options: [since, until, ...reading],
    arguments: { min: 0, max: 64 },
    schemas: ['stat/1', 'stream/1'],
    examples: [
      ['throughline stats --since 1d', 'a day by numbers'],
      ['throughline stats via=mcp', 'what agents asked for'],
    ],
    load: () => import('./commands/stats.js'),
  },
  {
    name: 'reconcile',
    group: 'streams',
    usage: '[--since TIME]',
    summary: 'where streams contradict each other, and what it means for doing work again',
    details: [
      'Names each contradiction with the records that prove it: sent and never arrived, done and never noted, ended twice, an effect before its cause, parents that nobody recorded, repeats, clock steps.',
    ],
    options: [since, until, limit, ...reading],
    arguments: { min: 0, max: 0 },
    finding: 'something contradicts',
    schemas: ['finding/1'],
    examples: [['throughline reconcile', 'after a crash: what is safe to run again?']],
    load: () => import('./commands/reconcile.js'),
  },
  {
    name: 'verify',
    group: 'streams',
    usage: '[--key FILE] [--checkpoints FILE]',
    summary: 'whether every stream is as it was written, byte for byte',
    details: ['Reads everything and repairs nothing.'],
    options: [
      {
        name: 'key',
        value: 'FILE',
        help: 'Ed25519 public key, PEM: every seal must be signed with its private half',
      },
      {
        name: 'checkpoints',
        value: 'FILE',
        help: 'notes kept elsewhere: what they say of the streams must be there. Needs --key',
      },
      root,
      finecode,
      json,
    ],
    arguments: { min: 0, max: 0 },
    finding: 'a stream is damaged',
    schemas: ['verify/1'],
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'doctor',
    group: 'streams',
    usage: '[--sync-test]',
    summary: 'whether this machine, the root and the streams in it are as they should be',
    details: [
      'Looks at the file system and its free space, retention, clock steps, other roots that hold streams, writers of other machines and namespaces, dead writers with open runs, formats of later versions, and the version of Node. Writes nothing, unless asked to.',
    ],
    options: [
      {
        name: 'sync-test',
        help: 'write and sync a small file 100 times beside the streams, take the times, remove it',
      },
      root,
      json,
      utc,
    ],
    elsewhere: {
      '--finecode':
        'doctor looks at what throughline records: verify --finecode DIR looks at FineCode’s WAL, and finecode status --venv DIR at the hook',
    },
    arguments: { min: 0, max: 0 },
    finding: 'something needs attention',
    schemas: ['check/1'],
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'where',
    group: 'streams',
    usage: '',
    summary: 'which root is used here and why, and the streams in it',
    options: [root, json, utc],
    elsewhere: {
      '--finecode':
        'where shows what throughline records: runs --finecode DIR reads FineCode’s WAL, and verify --finecode DIR lists its streams',
    },
    arguments: { min: 0, max: 0 },
    schemas: ['rule/1', 'stream/1'],
    load: () => import('./commands/where.js'),
  },
  {
    name: 'prune',
    group: 'streams',
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
    elsewhere: {
      '--finecode':
        'prune removes what throughline recorded: the files of FineCode’s WAL are FineCode’s to remove',
    },
    arguments: { min: 0, max: 0 },
    schemas: ['removal/1'],
    load: () => import('./commands/prune.js'),
  },
  {
    name: 'bundle',
    group: 'streams',
    usage: 'RUN [--output FILE]',
    summary: 'packs what is recorded of a request for a bug report, without the texts in it',
    details: [
      runHelp,
      'A .tar.gz with the records as streams of their own, what `show` prints of them, and a manifest: hashes of all files, how the streams were verified, the truth line. `throughline show @0 --root DIR` reads it once it is unpacked.',
      'Paths, messages, arguments and every other text that may be private are replaced; names of actions, runners and handlers, ids, times and sizes stay. Look through it before you send it all the same.',
    ],
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        help: 'where to write; must not exist. Default: standard output, unless it is a terminal',
      },
      { name: 'keep-text', help: 'replace nothing' },
      root,
      utc,
    ],
    elsewhere: {
      '--finecode':
        'a bundle holds what throughline recorded: show RUN --full --finecode DIR prints what FineCode’s WAL has of a request',
    },
    arguments: { min: 1, max: 1, offer: 'run' },
    examples: [
      ['throughline bundle @0 -o report.tar.gz', 'the newest request'],
      ['tar -xzf report.tar.gz && throughline show @0 --root throughline-*', 'and to look at it'],
    ],
    load: () => import('./commands/bundle.js'),
  },
];
