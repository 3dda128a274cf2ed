/** Faults of real processes on a real kernel: errors, hangs and full disks injected from outside. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { can, runFixture, type Ended } from './support/child.js';
import { readRoot, types } from './support/events.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-fault-'));
});

afterEach(() => rmSync(root, { recursive: true }));

interface Told {
  readonly outcomes: readonly string[];
  readonly waitedMs: number;
  readonly heldMs: number;
  readonly state: string;
  readonly lastError?: string;
}

function told(ended: Ended): Told {
  expect(ended).toMatchObject({ code: 0, signal: null });
  return JSON.parse(ended.stdout) as Told;
}

/** How many marked records are readable. */
async function marked(): Promise<number> {
  return types(await readRoot(root)).filter((type) => type === 'test.marked').length;
}

function strace(...inject: readonly string[]): readonly string[] {
  const calls = inject.map((one) => one.split(':')[0]).join(',');
  return [
    'strace',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${calls}`,
    ...inject.flatMap((one) => ['-e', `inject=${one}`]),
  ];
}

const hasStrace = can('fault injection', 'strace', '-qq', '-o', '/dev/null', 'true');

describe.skipIf(!hasStrace)('a host whose disk', () => {
  it(
    'hangs for five seconds goes on after one, with a free event loop, and the record says so',
    { retry: 2, timeout: 30_000 },
    async () => {
      // Tried again because a neighbour on the CPU may hold the event loop as well; the disk must not.
      const ended = await runFixture(
        'host.mjs',
        { stream: { root, sync: 'worker' }, appends: 4 },
        strace('fdatasync:delay_enter=5000000:when=3'),
      );
      const { outcomes, waitedMs, heldMs } = told(ended);
      expect(outcomes).toContain('late');
      expect(outcomes[0]).toBe('durable');
      expect(waitedMs).toBeLessThan(1500);
      expect(heldMs).toBeLessThan(50);
      const found = await readRoot(root);
      expect(found.faults).toEqual([]);
      expect(await marked()).toBe(4);
      const late = found.records.find(({ event_type }) => event_type === 'wal.late');
      expect(Number(late?.payload['waited_ms'])).toBeGreaterThan(4000);
    },
  );

  for (const sync of ['inline', 'worker']) {
    it(`fails one datasync has it acknowledged from a second file (${sync})`, async () => {
      const ended = await runFixture(
        'host.mjs',
        { stream: { root, sync }, appends: 4 },
        strace('fdatasync:error=EIO:when=3'),
      );
      expect(told(ended).outcomes).toEqual(['durable', 'durable', 'durable', 'durable']);
      const found = await readRoot(root);
      expect(found.faults.map(({ verdict }) => verdict)).toEqual(['SUPERSEDED']);
      expect(await marked()).toBe(4);
    });

    it(`fails every datasync from one on acknowledges nothing more (${sync})`, async () => {
      const ended = await runFixture(
        'host.mjs',
        { stream: { root, sync }, appends: 4 },
        strace('fdatasync:error=EIO:when=3+'),
      );
      const { outcomes, state, lastError } = told(ended);
      expect(outcomes).toEqual(['durable', 'dropped', 'dropped', 'dropped']);
      expect(state).toBe('degraded');
      expect(lastError).toMatch(/^EIO/);
    });
  }

  it('ends the process if it was configured so', async () => {
    const ended = await runFixture(
      'host.mjs',
      { stream: { root, sync: 'inline', onFailure: 'exit' }, appends: 4 },
      strace('fdatasync:error=EIO:when=3+'),
    );
    expect(ended.code).toBe(74);
    expect(ended.stderr).toMatch(/^throughline: the WAL under .* EIO/);
    expect(await marked()).toBeGreaterThanOrEqual(1);
  });
});

describe('a host without a descriptor left', () => {
  it('goes on in the file it has, and says why it did not rotate', async () => {
    const stream = { root, sync: 'inline', segmentBytesMax: 700, retention: false };
    const ended = await runFixture('host.mjs', { stream, appends: 6, exhaust: true }, [
      'bash',
      '-c',
      'ulimit -n 64; exec "$0" "$@"',
    ]);
    const { outcomes, state, lastError } = told(ended);
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'durable'));
    expect(state).toBe('open');
    expect(lastError).toMatch(/^EMFILE/);
    expect(await marked()).toBe(6);
    expect((await readRoot(root)).faults).toEqual([]);
  });
});

describe('a host with a full disk', () => {
  it('is told at the limit of a file size what is not durable', async () => {
    // 16 blocks of 512 or 1024 bytes, whichever the shell counts in; SIGXFSZ is ignored by Node.
    const ended = await runFixture(
      'host.mjs',
      { stream: { root, sync: 'inline' }, appends: 8, padBytes: 4000 },
      ['bash', '-c', 'ulimit -f 16; exec "$0" "$@"'],
    );
    const { outcomes } = told(ended);
    expect(outcomes[0]).toBe('durable');
    const durable = outcomes.filter((outcome) => outcome === 'durable').length;
    expect(await marked()).toBeGreaterThanOrEqual(durable);
    const found = await readRoot(root);
    expect(found.faults.map(({ verdict }) => verdict).filter((one) => one === 'CORRUPT')).toEqual(
      [],
    );
  });
});

function inNamespace(script: string): readonly string[] {
  return ['unshare', '--mount', 'bash', '-c', script];
}

const hasTmpfs = can(
  'a small file system in memory',
  'unshare',
  '--mount',
  'mount',
  '-t',
  'tmpfs',
  'tmpfs',
  '/mnt',
);

describe.skipIf(!hasTmpfs)('a host on a file system', () => {
  it('without a byte left is told what is not durable', async () => {
    const ended = await runFixture(
      'host.mjs',
      { stream: { root: '/mnt/root', sync: 'worker' }, appends: 8, padBytes: 5000 },
      inNamespace('mount -t tmpfs -o size=16k tmpfs /mnt && exec "$0" "$@"'),
    );
    const { outcomes, state, lastError } = told(ended);
    expect(outcomes[0]).toBe('durable');
    expect(outcomes.at(-1)).toBe('dropped');
    expect(state).toBe('degraded');
    expect(lastError).toMatch(/^ENOSPC/);
  });

  it('that is read-only goes on without a record', async () => {
    const ended = await runFixture(
      'host.mjs',
      { stream: { root: '/mnt/root', sync: 'worker' }, appends: 2 },
      inNamespace('mount -t tmpfs -o ro tmpfs /mnt && exec "$0" "$@"'),
    );
    const { outcomes, lastError } = told(ended);
    expect(outcomes).toEqual(['dropped', 'dropped']);
    expect(lastError).toMatch(/^EROFS/);
  });
});

describe('a process that ends', () => {
  const whole = ['wal.opened', 'run.accepted', 'handler.started', 'wal.sealed'];
  const cases = [
    { end: 'exit', code: 3, signal: null },
    { end: 'natural', code: 3, signal: null },
    { end: 'throw', code: 1, signal: null },
    { end: 'SIGTERM', code: null, signal: 'SIGTERM' },
  ];
  for (const { end, code, signal } of cases) {
    for (const sync of ['inline', 'worker']) {
      it(`seals what it wrote and what it still had to write: ${end} (${sync})`, async () => {
        const ended = await runFixture('end.mjs', { root, sync, end });
        expect(ended).toMatchObject({ code, signal });
        const found = await readRoot(root);
        expect(types(found)).toEqual(whole);
        expect(found.faults).toEqual([]);
      });
    }
  }
});
