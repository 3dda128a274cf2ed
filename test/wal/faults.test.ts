/**
 * Faults of real processes on a real kernel: errors, hangs and full disks injected from outside. Of each it is asked:
 * is everything acknowledged readable, was the host answered in time, did its event loop turn, and does the record say
 * what happened?
 */
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

afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Told {
  readonly outcomes: readonly string[];
  readonly waitedMs: number;
  readonly heldMs: number;
  readonly state: string;
  readonly lastError?: string;
  readonly read: readonly number[];
  readonly verdicts: readonly string[];
  readonly late: readonly { readonly barriers: number; readonly waited_ms: number }[];
  readonly gaps: readonly { readonly records: number; readonly reason: string }[];
}

/** What the host said, after the checks that hold whatever the fault: nothing durable is missing, nobody waited long. */
function told(ended: Ended, sync: 'worker' | 'inline'): Told {
  expect(ended).toMatchObject({ code: 0, signal: null });
  const said = JSON.parse(ended.stdout) as Told;
  const durable = said.outcomes.flatMap((outcome, count) => (outcome === 'durable' ? [count] : []));
  expect(said.read).toEqual(expect.arrayContaining(durable));
  expect(new Set(said.read).size).toBe(said.read.length);
  for (const verdict of said.verdicts)
    expect(['SUPERSEDED', 'TORN', 'UNSEALED']).toContain(verdict);
  expect(said.waitedMs).toBeLessThan(1500);
  if (sync === 'worker') expect(said.heldMs).toBeLessThan(50);
  return said;
}

/** Only the calls with a fault stop the process: the others would be slow, and hold the event loop. */
function strace(...inject: readonly string[]): readonly string[] {
  const calls = inject.map((one) => one.split(':')[0]).join(',');
  const faults = inject.flatMap((one) => ['-e', `inject=${one}`]);
  return [
    'strace',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-o',
    '/dev/null',
    '-e',
    `trace=${calls}`,
    ...faults,
  ];
}

const hasStrace = can(
  'fault injection',
  'strace',
  '-f',
  '-qq',
  '--seccomp-bpf',
  '-o',
  '/dev/null',
  'true',
);
const both = ['inline', 'worker'] as const;
const durable = (count: number): readonly string[] =>
  Array.from({ length: count }, () => 'durable');

describe.skipIf(!hasStrace)('a host whose disk', () => {
  it('hangs for five seconds goes on after one, with a free event loop, and the record says so', async () => {
    const ended = await runFixture(
      'host.mjs',
      { stream: { root, sync: 'worker' }, appends: 4 },
      strace('pwrite64:delay_enter=5000000:when=3'),
    );
    const { outcomes, read, verdicts, late } = told(ended, 'worker');
    expect(outcomes[0]).toBe('durable');
    expect(outcomes).toContain('late');
    expect(verdicts).toEqual([]);
    expect(read).toEqual([0, 1, 2, 3]);
    expect(late[0]?.waited_ms).toBeGreaterThan(4000);
    // Each of them is on record, and also when it was let go after the last flush but one.
    const letGo = outcomes.filter((outcome) => outcome === 'late').length;
    expect(late.reduce((sum, { barriers }) => sum + barriers, 0)).toBe(letGo);
  }, 30_000);

  it('hangs for two seconds holds a one-shot command for as long, and the record says so', async () => {
    const host = { stream: { root, sync: 'inline' }, appends: 4 };
    const inject = strace('pwrite64:delay_enter=2000000:when=3');
    const ended = await runFixture('host.mjs', host, inject);
    expect(ended).toMatchObject({ code: 0 });
    const { outcomes, read, verdicts, late } = JSON.parse(ended.stdout) as Told;
    expect(outcomes).toEqual(durable(4));
    expect(read).toEqual([0, 1, 2, 3]);
    expect(verdicts).toEqual([]);
    expect(late.map(({ barriers }) => barriers)).toEqual([1]);
    expect(late[0]?.waited_ms).toBeGreaterThan(1990);
  });

  /** Where each flush is a write and a datasync. */
  const elsewhere = { platform: 'freebsd' };
  /** The room is one write more, before the first append. */
  const preallocated = { preallocateBytes: 65_536 };
  /** One error, from which the stream recovers in a second file: nothing is missing. */
  const once = [
    {
      fault: 'fails one durable write',
      inject: 'pwrite64:error=EIO:when=3',
      lastError: /^EIO: /,
      verdicts: [],
    },
    {
      fault: 'fails one write past the page cache',
      host: preallocated,
      inject: 'pwrite64:error=EIO:when=4',
      lastError: /^EIO: /,
      verdicts: [],
    },
    {
      fault: 'fails one datasync',
      host: elsewhere,
      inject: 'fdatasync:error=EIO:when=3',
      lastError: /^EIO: /,
      verdicts: ['SUPERSEDED'],
    },
    {
      fault: 'is full for one write',
      inject: 'pwrite64:error=ENOSPC:when=3',
      lastError: /^ENOSPC: /,
      verdicts: [],
    },
  ];
  /** Errors in the second file as well, and then none: records are missing, and the next stream says so. */
  const more = [
    {
      fault: 'fails four durable writes',
      inject: 'pwrite64:error=EIO:when=3..6',
      lastError: /^EIO: /,
    },
    {
      fault: 'fails four datasyncs',
      host: elsewhere,
      inject: 'fdatasync:error=EIO:when=3..6',
      lastError: /^EIO: /,
    },
    {
      fault: 'is full for four writes',
      inject: 'pwrite64:error=ENOSPC:when=3..6',
      lastError: /^ENOSPC: /,
    },
    {
      fault: 'is read-only for four writes',
      inject: 'pwrite64:error=EROFS:when=3..6',
      lastError: /^EROFS: /,
    },
  ];
  for (const sync of both) {
    for (const { fault, host: where, inject, lastError, verdicts } of once) {
      it(`${fault} has it acknowledged from a second file (${sync})`, async () => {
        const host = { stream: { root, sync }, appends: 4, ...where };
        const said = told(await runFixture('host.mjs', host, strace(inject)), sync);
        expect(said.outcomes).toEqual(durable(4));
        expect(said.read).toEqual([0, 1, 2, 3]);
        expect(said.verdicts).toEqual(verdicts);
        expect(said.lastError).toMatch(lastError);
      });
    }

    for (const { fault, host: where, inject, lastError } of more) {
      it(`${fault} loses what the next stream says is missing (${sync})`, async () => {
        const stream = { root, sync, reopenDelayMs: 50 };
        const host = { stream, appends: 3, reopens: true, ...where };
        const said = told(await runFixture('host.mjs', host, strace(inject)), sync);
        expect(said.outcomes.slice(0, 3)).toEqual(['durable', 'dropped', 'dropped']);
        expect(said.state).toBe('degraded');
        expect(said.lastError).toMatch(lastError);
        expect(said.outcomes.at(-1)).toBe('durable');
        const dropped = said.outcomes.filter((outcome) => outcome === 'dropped').length;
        expect(said.gaps.map(({ records }) => records)).toEqual([dropped]);
        expect(said.gaps[0]?.reason).toMatch(lastError);
      });
    }

    /** Nothing of it is an error: everything is in the first file. */
    const mended = [
      {
        fault: 'writes nothing at the first try has it written at the second',
        inject: 'pwrite64:retval=0:when=3',
      },
      {
        fault: 'writes nothing past the page cache at the first try has it written at the second',
        host: preallocated,
        inject: 'pwrite64:retval=0:when=4',
      },
      {
        fault: 'refuses sectors of either size has each flush synced',
        host: preallocated,
        inject: 'pwrite64:error=EINVAL:when=4..5',
      },
    ];
    for (const { fault, host: where, inject } of mended) {
      it(`${fault} (${sync})`, async () => {
        const host = { stream: { root, sync }, appends: 4, ...where };
        const said = told(await runFixture('host.mjs', host, strace(inject)), sync);
        expect(said).toMatchObject({ outcomes: durable(4), read: [0, 1, 2, 3], verdicts: [] });
        expect(said.lastError).toBeUndefined();
      });
    }
  }

  it('ends the process if it was configured so', async () => {
    const ended = await runFixture(
      'host.mjs',
      { stream: { root, sync: 'inline', onFailure: 'exit' }, appends: 4 },
      strace('pwrite64:error=EIO:when=3+'),
    );
    expect(ended.code).toBe(74);
    expect(ended.stderr).toMatch(/^throughline: the WAL under .* EIO/);
    expect(types(await readRoot(root))).toContain('test.marked');
  });
});

const fewDescriptors = ['bash', '-c', 'ulimit -n 64; exec "$0" "$@"'];

for (const sync of both) {
  describe(`a host (${sync})`, () => {
    it('without a descriptor left from the start goes on, and has a stream that says what is missing when there is one', async () => {
      const stream = { root, sync, reopenDelayMs: 50 };
      const host = { stream, appends: 2, exhaust: 'before', reopens: true };
      const said = told(await runFixture('host.mjs', host, fewDescriptors), sync);
      expect(said.outcomes.slice(0, 2)).toEqual(['dropped', 'dropped']);
      expect(said.state).toBe('degraded');
      expect(said.outcomes.at(-1)).toBe('durable');
      const dropped = said.outcomes.filter((outcome) => outcome === 'dropped').length;
      expect(said.read).toEqual([dropped]);
      expect(said.gaps).toEqual([{ records: dropped, reason: said.lastError }]);
      // Where the thread cannot be started, Node says so in words of its own.
      expect(said.lastError).toContain('EMFILE');
      expect(said.verdicts).toEqual([]);
    });

    it('without a descriptor left goes on in the file it has, and says why it did not rotate', async () => {
      const stream = { root, sync, segmentBytesMax: 700 };
      const host = { stream, appends: 6, exhaust: 'after' };
      const said = told(await runFixture('host.mjs', host, fewDescriptors), sync);
      expect(said).toMatchObject({ outcomes: durable(6), state: 'open', verdicts: [] });
      expect(said.lastError).toMatch(/^EMFILE: /);
    });

    it('whose root was removed is told of it before anything more is acknowledged, and goes on in a new one', async () => {
      const stream = { root, sync, reopenDelayMs: 50 };
      const ended = await runFixture('host.mjs', {
        stream,
        appends: 3,
        removeAt: 1,
        reopens: true,
      });
      const said = JSON.parse(ended.stdout) as Told;
      expect(said.outcomes.slice(0, 3)).toEqual(['durable', 'dropped', 'dropped']);
      expect(said.waitedMs).toBeLessThan(1500);
      expect(said.outcomes.at(-1)).toBe('durable');
      expect(said.read).toEqual([said.outcomes.length - 1]);
      expect(said.gaps).toHaveLength(1);
    });

    it('at the limit of a file size, where a write is short, is told what is not durable', async () => {
      // 16 blocks of 512 or 1024 bytes, whichever the shell counts in; SIGXFSZ is ignored by Node.
      const ended = await runFixture(
        'host.mjs',
        { stream: { root, sync }, appends: 8, padBytes: 4000 },
        ['bash', '-c', 'ulimit -f 16; exec "$0" "$@"'],
      );
      const said = told(ended, sync);
      expect(said.outcomes[0]).toBe('durable');
      expect(said.verdicts).toContain('TORN');
    });
  });
}

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
  for (const sync of both) {
    it(`without a byte left is told what is not durable (${sync})`, async () => {
      const ended = await runFixture(
        'host.mjs',
        { stream: { root: '/mnt/root', sync }, appends: 8, padBytes: 5000 },
        inNamespace('mount -t tmpfs -o size=16k tmpfs /mnt && exec "$0" "$@"'),
      );
      const { outcomes, state, lastError } = told(ended, sync);
      expect(outcomes[0]).toBe('durable');
      expect(outcomes.at(-1)).toBe('dropped');
      expect(state).toBe('degraded');
      expect(lastError).toMatch(/^ENOSPC: /);
    });

    it(`that is read-only goes on without a record (${sync})`, async () => {
      const ended = await runFixture(
        'host.mjs',
        { stream: { root: '/mnt/root', sync }, appends: 2 },
        inNamespace('mount -t tmpfs -o ro tmpfs /mnt && exec "$0" "$@"'),
      );
      const { outcomes, lastError } = told(ended, sync);
      expect(outcomes).toEqual(['dropped', 'dropped']);
      expect(lastError).toMatch(/^EROFS: /);
    });
  }
});

describe('a process that ends', () => {
  const whole = ['wal.opened', 'run.accepted', 'handler.started', 'wal.sealed'];
  const cases = [
    { end: 'exit', code: 3, signal: null },
    { end: 'exit', code: 3, signal: null, preallocateBytes: 65_536 },
    { end: 'natural', code: 3, signal: null },
    { end: 'throw', code: 1, signal: null },
    { end: 'SIGTERM', code: null, signal: 'SIGTERM' },
  ];
  for (const { end, code, signal, preallocateBytes = 0 } of cases) {
    const how = preallocateBytes === 0 ? end : `${end}, preallocated`;
    for (const sync of ['inline', 'worker']) {
      it(`seals what it wrote and what it still had to write: ${how} (${sync})`, async () => {
        const ended = await runFixture('end.mjs', { root, sync, end, preallocateBytes });
        expect(ended).toMatchObject({ code, signal });
        const found = await readRoot(root);
        expect(types(found)).toEqual(whole);
        expect(found.faults).toEqual([]);
      });
    }
  }
});
