/** Processes of the Python writer that fork, end, are killed, and whose disks fail. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { can } from '../../wal/support/child.js';
import { judge, judgeOne, marked, types } from './support/judge.js';
import { ask, pythons, runPython } from './support/python.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-python-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const durable = (count: number): readonly string[] =>
  Array.from({ length: count }, () => 'durable');

interface Told {
  readonly outcomes: readonly string[];
  readonly waited: number;
  readonly state: string;
  readonly error: string | null;
  readonly log: readonly (readonly [string, number])[];
}

describe.each(pythons)('a process of %s', (python) => {
  const without312Warning = { python, env: { PYTHONWARNINGS: 'ignore' } };

  it('that forks goes on in its stream, and its child writes one of its own', async () => {
    const told = await ask<{ readonly status: number; readonly parent: string }>(
      'host.py',
      { scenario: 'fork', root },
      without312Warning,
    );
    expect(told.status).toBe(0);
    const streams = await judge(root);
    expect(streams.map(({ verdicts }) => verdicts)).toEqual([[], []]);
    const parent = streams.find(({ writerId }) => writerId === told.parent);
    const child = streams.find(({ writerId }) => writerId !== told.parent);
    expect(parent?.records.map(({ event_type, payload }) => [event_type, payload['by']])).toEqual([
      ['wal.opened', undefined],
      ['run.accepted', 'parent'],
      ['handler.started', 'parent'],
      ['run.completed', 'parent'],
      ['wal.sealed', undefined],
    ]);
    expect(types(child as NonNullable<typeof child>)).toEqual([
      'wal.opened',
      'run.accepted',
      'wal.sealed',
    ]);
    const [mine, its] = [parent?.records[0]?.payload, child?.records[0]?.payload];
    expect(its?.['forked_from']).toBe(told.parent);
    expect(its?.['pid']).not.toBe(mine?.['pid']);
  });

  it('forks again and again while its threads append, and no child hangs or is lost', async () => {
    const forks = 10;
    const told = await ask<{ readonly statuses: readonly number[]; readonly parent: string }>(
      'host.py',
      { scenario: 'forks', root, forks },
      without312Warning,
    );
    expect(told.statuses).toEqual(Array(forks).fill(0));
    const streams = await judge(root);
    expect(streams).toHaveLength(forks + 1);
    const parent = streams.find(({ writerId }) => writerId === told.parent);
    expect(parent).toMatchObject({ verdicts: [], isSealed: true });
    expect(new Set(parent && marked(parent).map(({ payload }) => payload['by']))).toEqual(
      new Set(['parent']),
    );
    const children = streams.filter(({ writerId }) => writerId !== told.parent);
    // A child that ends by `_exit` seals nothing.
    const verdicts = new Set(children.flatMap((child) => child.verdicts));
    expect(verdicts).toEqual(new Set(['UNSEALED']));
    const numbers = children.flatMap((one) => marked(one).map(({ payload }) => payload['number']));
    expect(numbers.toSorted((one, other) => Number(one) - Number(other))).toEqual([
      ...Array(forks).keys(),
    ]);
  });

  const ends = [
    { end: 'exit', code: 3, signal: null },
    { end: 'natural', code: 0, signal: null },
    { end: 'throw', code: 1, signal: null },
    { end: 'SIGTERM', code: null, signal: 'SIGTERM' },
    { end: 'handler', code: 5, signal: null },
  ];
  for (const { end, code, signal } of ends) {
    it(`that ends seals what it wrote and what it still had to write: ${end}`, async () => {
      const ended = await runPython('host.py', { scenario: 'end', root, end }, { python });
      expect(ended).toMatchObject({ code, signal });
      const stream = await judgeOne(root);
      expect(types(stream)).toEqual([
        'wal.opened',
        'run.accepted',
        'handler.started',
        'wal.sealed',
      ]);
      expect(stream.verdicts).toEqual([]);
    });
  }

  it('keeps the handler for SIGTERM that it had, and has none of ours when its stream is closed', async () => {
    for (const end of ['handler before', 'closed']) {
      const ended = await runPython('host.py', { scenario: 'end', root, end }, { python });
      expect({ end, ...ended }).toMatchObject({ end, code: 0, stderr: '' });
    }
  });
});

const onDisk = (more: object, command: readonly string[] = []): Promise<Told> =>
  ask<Told>('host.py', { scenario: 'faults', root, ...more }, { command });

describe.skipIf(pythons.length === 0)('a disk that', () => {
  it('fails one datasync has it acknowledged from a second file, and that file is never synced again', async () => {
    const told = await onDisk({ appends: 4, fails: [['datasync', 3]] });
    expect(told).toMatchObject({
      outcomes: durable(4),
      state: 'open',
      error: 'EIO: Input/output error',
    });
    const failed = told.log.find(([what]) => what === 'failed');
    const after = told.log.slice(told.log.indexOf(failed ?? ['', 0]) + 1);
    expect(after.filter(([, descriptor]) => descriptor === failed?.[1])).toEqual([]);
    const stream = await judgeOne(root);
    expect(marked(stream).map(({ payload }) => payload['count'])).toEqual([0, 1, 2, 3]);
    expect([...new Set(stream.verdicts)]).toEqual(['SUPERSEDED']);
  });

  it('is full for one write has it acknowledged from a second file', async () => {
    const told = await onDisk({ appends: 4, fails: [['write', 3]], code: 'ENOSPC' });
    expect(told).toMatchObject({ outcomes: durable(4), error: 'ENOSPC: No space left on device' });
    const stream = await judgeOne(root);
    expect(marked(stream).map(({ payload }) => payload['count'])).toEqual([0, 1, 2, 3]);
    expect(stream.verdicts).toEqual([]);
  });

  for (const [what, code] of [
    ['datasync', 'EIO'],
    ['write', 'ENOSPC'],
    ['write', 'EROFS'],
  ] as const) {
    it(`fails four times (${what}, ${code}) loses what the next stream says is missing`, async () => {
      const fails = [3, 4, 5, 6].map((count) => [what, count]);
      const options = { reopen_delay_ms: 30 };
      const told = await onDisk({ appends: 3, reopens: true, fails, code, options });
      expect(told.outcomes.slice(0, 3)).toEqual(['durable', 'dropped', 'dropped']);
      expect(told).toMatchObject({ state: 'degraded' });
      expect(told.error).toMatch(new RegExp(`^${code}: `));
      expect(told.waited).toBeLessThan(1.5);
      expect(told.outcomes.at(-1)).toBe('durable');
      // Those that could not be opened have left nothing behind.
      expect(readdirSync(join(root, 'wal', 'wm'))).toHaveLength(2);
      const [first, last] = await judge(root);
      expect(readdirSync(join(root, 'wal', 'wm', first?.writerId ?? ''))).toEqual([
        'wal-000001.jsonl',
      ]);
      // What was written and not synced may be there; nobody was told so.
      expect(first && marked(first)).toHaveLength(what === 'datasync' ? 2 : 1);
      const gap = last?.records.find(({ event_type }) => event_type === 'wal.gap');
      expect(gap?.payload).toMatchObject({
        records: told.outcomes.filter((outcome) => outcome === 'dropped').length,
        lost_writer_id: first?.writerId,
        after_sequence: 2,
      });
      expect(last).toMatchObject({ verdicts: [], isSealed: true });
    });
  }

  it('loses its root is told of it before anything more is acknowledged, and gets a new one', async () => {
    const told = await onDisk({
      root: join(root, 'root'),
      appends: 3,
      remove_at: 1,
      reopens: true,
      options: { reopen_delay_ms: 30 },
    });
    expect(told.outcomes.slice(0, 3)).toEqual(['durable', 'dropped', 'dropped']);
    expect(told.outcomes.at(-1)).toBe('durable');
    const stream = await judgeOne(join(root, 'root'));
    expect(marked(stream).map(({ payload }) => payload['count'])).toEqual([
      told.outcomes.length - 1,
    ]);
    expect(types(stream)).toContain('wal.gap');
    expect(stream.verdicts).toEqual([]);
  });

  it('has a limit on a file’s size, where a write is short, is told what is not durable', async () => {
    const command = ['bash', '-c', 'ulimit -f 16; exec "$0" "$@"'];
    const told = await onDisk({ appends: 8, pad: 4000 }, command);
    expect(told.outcomes[0]).toBe('durable');
    const streams = await judge(root);
    const found = streams.flatMap((one) => marked(one).map(({ payload }) => payload['count']));
    const kept = told.outcomes.flatMap((outcome, count) => (outcome === 'durable' ? [count] : []));
    expect(found).toEqual(expect.arrayContaining(kept));
    expect(told.error).toMatch(/^EFBIG: /);
  });

  const hasTmpfs = can(
    'a full file system under the writer in Python',
    'unshare',
    '--mount',
    'mount',
    '-t',
    'tmpfs',
    'tmpfs',
    '/mnt',
  );
  it.skipIf(!hasTmpfs)('is full or read-only leaves its host unharmed', async () => {
    for (const [options, code] of [
      ['size=16k', 'ENOSPC'],
      ['ro', 'EROFS'],
    ] as const) {
      const script = `mount -t tmpfs -o ${options} tmpfs /mnt && exec "$0" "$@"`;
      const command = ['unshare', '--mount', 'bash', '-c', script];
      const told = await onDisk({ root: '/mnt/root', appends: 8, pad: 5000 }, command);
      expect(told.outcomes.at(-1)).toBe('dropped');
      expect(told).toMatchObject({ state: 'degraded' });
      expect(told.error).toMatch(new RegExp(`^${code}: `));
      expect(told.waited).toBeLessThan(1.5);
    }
  });
});

describe.skipIf(pythons.length === 0)('a process that is killed', () => {
  it('keeps every acknowledged record after SIGKILL', async () => {
    const script = fileURLToPath(new URL('../../crash/sigkill.mjs', import.meta.url));
    const options = [script, '--kills', '8', '--writer', 'python'];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    console.log(stdout.trim());
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({
      kills: 8,
      lost: 0,
      falsely: 0,
    });
  }, 120_000);
});
