/** Commands about requests: what was asked, what it caused and how it ended. Read-only. */
import type { Command } from './command.js';
import { reading, runHelp } from './options.js';

export const requestCommands: readonly Command[] = [
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
];
