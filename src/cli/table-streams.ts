/** Commands about streams and where they are. All but `prune` read only. */
import type { Command } from './command.js';
import { json, root } from './options.js';

export const streamCommands: readonly Command[] = [
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
];
