/**
 * Two short streams whose every byte matters, and the views that are asked about what is left of them. The test of
 * damage goes through every cut and every bit of them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ReadPort } from '../../src/wal/disk/read-port.js';
import { correlation, RunRecords, StreamFile } from '../read/stream-file.js';
import { elsewhere } from '../read/here.js';

export interface Corpus {
  readonly file: string;
  readonly bytes: Buffer;
  /** From here on its bytes differ from the other corpus's. */
  readonly own: number;
  /** Where the record that says how the run ended begins, and the first byte behind its newline; none: it is open. */
  readonly end: { readonly from: number; readonly to: number } | undefined;
}

/** Each is asked of damaged streams: all commands that read, but those that pack or remove. */
export const views: readonly (readonly string[])[] = [
  ['runs'],
  ['show', '@0'],
  ['inflight'],
  ['records'],
  ['failed'],
  ['critical-path', '@0'],
  ['diff', '@0', '@0'],
  ['replay', '@0'],
  ['reconcile'],
  ['stats'],
  ['where'],
  ['who', '/ws/a.ts'],
  ['verify'],
  ['runs', 'state=completed'],
  ['replay', '@0', '--at', '6ms'],
];

/** A run that wrote a file and was completed, in a sealed stream. */
export function completedRun(root: string): Corpus {
  const { stream, run, own } = begin(root);
  run.add(7, 'effect.applied', {
    path: '/ws/a.ts',
    change: 'modified',
    before: null,
    after: { sha256: 'a'.repeat(64), bytes: 5 },
  });
  const from = bytesOf(stream).length;
  run.completed(9, 9);
  const unsealed = bytesOf(stream);
  const sha256 = createHash('sha256').update(unsealed).digest('hex');
  const payload = { count: stream.sequence, bytes: unsealed.length, sha256, next: null };
  stream.add(20, 'wal.sealed', { payload });
  return { file: stream.file, bytes: bytesOf(stream), own, end: { from, to: unsealed.length } };
}

/** A run that was under way when its stream stopped, on another machine: nobody can tell here what became of it. */
export function openRun(root: string): Corpus {
  const { stream, run, own } = begin(root);
  run.handler(6, 5, 'lint');
  return { file: stream.file, bytes: bytesOf(stream), own, end: undefined };
}

function begin(root: string): {
  readonly stream: StreamFile;
  readonly run: RunRecords;
  readonly own: number;
} {
  const stream = new StreamFile(root, 'er', 'E001', { header: elsewhere });
  const run = new RunRecords(stream, {
    correlationId: correlation('R8Y2XEW'),
    action: 'check',
    span: 2,
    parent: 1,
    origin: { front: 'cli' },
  });
  run.accepted(0);
  return { stream, run, own: bytesOf(stream).length };
}

function bytesOf(stream: StreamFile): Buffer {
  stream.write();
  return readFileSync(stream.file);
}

/** A file system with this one file in it. */
export function portOf(file: string, bytes: Buffer): ReadPort {
  return {
    list: async (path) => {
      const inside = path.endsWith('/') ? path : `${path}/`;
      if (!file.startsWith(inside)) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      const [name = '', ...below] = file.slice(inside.length).split('/');
      return [{ name, kind: below.length > 0 ? 'directory' : 'file' }];
    },
    open: async (path) => {
      if (path !== file) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return {
        read: async (target, position) =>
          bytes.copy(target, 0, position, position + target.byteLength),
        size: async () => bytes.length,
        close: async () => undefined,
      };
    },
  };
}
