/** What a recorder's stream promises its host, on a real disk. */
import * as nodeFs from 'node:fs';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HybridClock, hlcAt } from '../../src/context/index.js';
import { createNodeFileSystem } from '../../src/wal/disk/file-system.js';
import { openStream, type JsonObject, type Stream } from '../../src/wal/index.js';
import { readRoot, types } from './support/events.js';
import { failingDisk } from './support/failing-disk.js';
import { until } from './support/poll.js';
import { slowDisk } from './support/slow-disk.js';

let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'throughline-stream-')), 'root');
});

afterEach(() => rmSync(join(root, '..'), { recursive: true }));

function lines(stream: Stream, file = 'wal-000001.jsonl'): readonly string[] {
  return readFileSync(join(stream.directory, file), 'latin1').split('\n').slice(0, -1);
}

describe('a stream', () => {
  for (const sync of ['inline', 'worker'] as const) {
    it(`has a record on disk before its barrier resolves (${sync})`, async () => {
      await using stream = await openStream({ root, role: 'wm', sync });
      const appended = await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
      expect(appended).toMatchObject({ outcome: 'durable', sequence: 2 });
      expect(JSON.parse(lines(stream)[1] ?? '')).toMatchObject({
        schema_version: 2,
        sequence: 2,
        event_type: 'run.accepted',
        project_path: '',
        writer_id: stream.writerId,
        payload: {},
        wal_run_id: 'r1',
        hlc: appended.hlc,
      });
    });
  }

  it('is readable by its owner alone', async () => {
    await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(statSync(stream.directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(stream.directory, 'wal-000001.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('lets the event loop turn every few milliseconds while callers append again and again', async () => {
    const fs = slowDisk({ holdMs: 1 });
    await using stream = await openStream({ root, role: 'wm', fs });
    let turns = 0;
    let handle = setImmediate(function turn() {
      turns += 1;
      handle = setImmediate(turn);
    });
    // A flush takes a millisecond, so that there is a turn after each second or third one.
    for (let count = 0; count < 60; count += 1) await stream.append({ event_type: 'run.accepted' });
    clearImmediate(handle);
    expect(turns).toBeGreaterThanOrEqual(20);
  });

  it('puts what one turn appends into one flush', async () => {
    await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
    const before = stream.metrics().syncs;
    await Promise.all([
      stream.append({ event_type: 'run.accepted' }),
      stream.append({ event_type: 'run.dispatched' }),
    ]);
    expect(stream.metrics().syncs - before).toBe(1);
    expect(lines(stream)[1]).toContain('"synced":1,');
    expect(lines(stream)[2]).not.toContain('"synced"');
  });

  it('writes a relaxed record without a barrier, soon', async () => {
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      relaxedDelayMsMax: 5,
    });
    const { outcome } = await stream.append(
      { event_type: 'run.accepted' },
      { durability: 'relaxed' },
    );
    expect(outcome).toBe('queued');
    await until(() => lines(stream).length === 2);
  });

  it('makes everything durable at flush, and a seal at close', async () => {
    const stream = await openStream({ root, role: 'wm', sync: 'inline' });
    void stream.append({ event_type: 'run.accepted' }, { durability: 'none' });
    await stream.flush();
    expect(stream.metrics()).toMatchObject({ recordsPending: 0, bytesPending: 0 });
    await stream.close();
    await stream.close();
    expect(stream.state).toBe('closed');
    await expect(stream.append({ event_type: 'run.accepted' })).rejects.toMatchObject({
      code: 'STREAM_CLOSED',
    });
    const found = await readRoot(root);
    expect(found.faults).toEqual([]);
    expect(types(found)).toEqual(['wal.opened', 'run.accepted', 'wal.sealed']);
  });

  it('rotates, and the whole is one chain', async () => {
    const stream = await openStream({ root, role: 'wm', sync: 'inline', segmentBytesMax: 2000 });
    for (let count = 0; count < 20; count += 1) {
      await stream.append({ event_type: 'test.marked', payload: { count } });
    }
    await stream.close();
    const found = await readRoot(root);
    expect(found.faults).toEqual([]);
    expect(found.records.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: found.records.length }, (_, index) => index + 1),
    );
    expect(types(found).filter((type) => type === 'test.marked')).toHaveLength(20);
    expect(types(found).filter((type) => type === 'wal.opened').length).toBeGreaterThan(3);
    const hlcs = found.records.map(({ hlc }) => hlc ?? '');
    expect(hlcs).toEqual(hlcs.toSorted());
  });

  it('starts its clock behind the last stream of its role', async () => {
    const ahead = new HybridClock();
    ahead.startAfter(hlcAt(4_000_000_000_000_000));
    const first = await openStream({ root, role: 'wm', sync: 'inline', clock: ahead });
    const { hlc } = await first.append({ event_type: 'run.accepted' });
    await first.close();
    await using second = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      clock: new HybridClock(),
    });
    const later = await second.append({ event_type: 'run.accepted' });
    expect(later.hlc > hlc).toBe(true);
    expect(JSON.parse(lines(second)[0] ?? '')).toMatchObject({
      payload: { previous_stream: { writer_id: first.writerId, last_sequence: 3 } },
    });
  });

  it('says that it is alive while a run is open, and only then', async () => {
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      aliveIntervalMs: 5,
      relaxedDelayMsMax: 1,
    });
    await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
    await until(() => lines(stream).some((line) => line.includes('"wal.alive"')));
    await stream.append({ event_type: 'run.completed', wal_run_id: 'r1' });
    await stream.flush();
    const count = lines(stream).length;
    await stream.append({ event_type: 'test.marked' });
    expect(lines(stream)).toHaveLength(count + 1);
  });

  it('opens a new one in a copy of the process', async () => {
    await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
    const first = stream.writerId;
    await stream.append({ event_type: 'run.accepted' });
    const { pid } = process;
    try {
      Object.defineProperty(process, 'pid', { value: pid + 1, configurable: true });
      await stream.append({ event_type: 'run.dispatched' });
      await until(() => stream.state === 'open');
      const { outcome } = await stream.append({ event_type: 'run.completed' });
      expect(outcome).toBe('durable');
    } finally {
      Object.defineProperty(process, 'pid', { value: pid, configurable: true });
    }
    expect(stream.writerId).not.toBe(first);
    const found = await readRoot(root);
    const ofFirst = found.records.filter((record) => record.writer_id === first);
    expect(ofFirst.map((record) => record.event_type)).toEqual(['wal.opened', 'run.accepted']);
  });

  it('seals the new one in a copy that is closed while it is made', async () => {
    const stream = await openStream({ root, role: 'wm', sync: 'inline' });
    const first = stream.writerId;
    const { pid } = process;
    try {
      Object.defineProperty(process, 'pid', { value: pid + 1, configurable: true });
      void stream.append({ event_type: 'run.dispatched' });
      await stream.close();
    } finally {
      Object.defineProperty(process, 'pid', { value: pid, configurable: true });
    }
    expect(stream.writerId).not.toBe(first);
    const { records } = await readRoot(root);
    const made = records.filter((record) => record.writer_id === stream.writerId);
    expect(made.map((record) => record.event_type)).toEqual([
      'wal.opened',
      'wal.gap',
      'wal.sealed',
    ]);
  });
});

describe('an append that cannot be written', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const unfit: readonly [string, unknown][] = [
    ['NaN', { value: Number.NaN }],
    ['infinity', { value: [Number.POSITIVE_INFINITY] }],
    ['a big integer', { value: 1n }],
    ['a function', { value: () => 1 }],
    ['a cycle', cyclic],
    ['an array for a payload', [1]],
    ['a text for a payload', 'lint'],
    ['a number for a payload', 1],
    ['more than a record may have', { value: 'x'.repeat(5000) }],
  ];
  for (const [name, payload] of unfit) {
    it(`is refused alone: ${name}`, async () => {
      await using stream = await openStream({
        root,
        role: 'wm',
        sync: 'inline',
        recordBytesMax: 4096,
      });
      const refused = stream.append({ event_type: 'test.marked', payload: payload as JsonObject });
      const next = stream.append({ event_type: 'test.marked' });
      await expect(refused).rejects.toMatchObject({ code: 'RECORD_INVALID' });
      expect((await next).sequence).toBe(2);
    });
  }

  it('is not refused at the limit', async () => {
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      recordBytesMax: 200,
    });
    const fields = ',"event_type":"test.marked","project_path":"","payload":{"pad":""}'.length;
    const pad = 'x'.repeat(200 - fields);
    await expect(
      stream.append({ event_type: 'test.marked', payload: { pad } }),
    ).resolves.toMatchObject({
      outcome: 'durable',
    });
    await expect(
      stream.append({ event_type: 'test.marked', payload: { pad: `${pad}x` } }),
    ).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });
});

describe('when the disk fails', () => {
  it('the batch goes once into a new file, and is acknowledged there', async () => {
    const fs = failingDisk((kind, count) => kind === 'datasync' && count === 3);
    const stream = await openStream({ root, role: 'wm', fs });
    await stream.append({ event_type: 'test.marked', payload: { mark: 'one' } });
    const two = await stream.append({ event_type: 'test.marked', payload: { mark: 'two' } });
    expect(two).toMatchObject({ outcome: 'durable', sequence: 4 });
    expect(stream.metrics()).toMatchObject({ failovers: 1, lastError: 'EIO: injected' });
    await stream.close();
    const found = await readRoot(root);
    expect(found.faults.map(({ verdict }) => verdict)).toEqual(['SUPERSEDED']);
    expect(types(found)).toEqual([
      'wal.opened',
      'test.marked',
      'wal.opened',
      'test.marked',
      'wal.sealed',
    ]);
  });

  it('a next file that cannot be made leaves the old one in use, and is tried for again', async () => {
    const fs = failingDisk((kind, count) => kind === 'create' && count === 2);
    const stream = await openStream({ root, role: 'wm', fs, segmentBytesMax: 1200 });
    for (let count = 0; count < 12; count += 1) {
      expect((await stream.append({ event_type: 'test.marked' })).outcome).toBe('durable');
    }
    expect(stream.metrics().rotations).toBeGreaterThan(0);
    expect(stream.metrics().lastError).toBe('EIO: injected');
    await stream.close();
    const found = await readRoot(root);
    expect(found.faults).toEqual([]);
    expect(types(found).filter((type) => type === 'test.marked')).toHaveLength(12);
  });

  it('a root that was removed is noticed before anything more is acknowledged', async () => {
    await using stream = await openStream({ root, role: 'wm', sync: 'inline', reopenDelayMs: 5 });
    await stream.append({ event_type: 'run.accepted' });
    rmSync(root, { recursive: true });
    expect((await stream.append({ event_type: 'run.dispatched' })).outcome).toBe('dropped');
    await until(() => stream.state === 'open');
    expect((await stream.append({ event_type: 'run.completed' })).outcome).toBe('durable');
    expect(types(await readRoot(root))).toEqual(['wal.opened', 'wal.gap', 'run.completed']);
  });

  it('a system that opens no second descriptor has each flush synced', async () => {
    const opened: string[] = [];
    const openSync: typeof nodeFs.openSync = (path, ...rest) => {
      if (!String(path).startsWith('/proc/')) return nodeFs.openSync(path, ...rest);
      opened.push(String(path));
      throw Object.assign(new Error('EMFILE: injected'), { code: 'EMFILE' });
    };
    const synced: number[] = [];
    const fs = {
      ...createNodeFileSystem({ ...nodeFs, openSync }, 'linux'),
      datasync(descriptor: number): void {
        synced.push(descriptor);
        nodeFs.fdatasyncSync(descriptor);
      },
    };
    await using stream = await openStream({ root, role: 'wm', fs });
    expect((await stream.append({ event_type: 'run.accepted' })).outcome).toBe('durable');
    expect(opened).toHaveLength(1);
    expect(synced).toHaveLength(2);
  });

  it('a file that was removed alone is noticed as soon, and a second one is written', async () => {
    await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
    await stream.append({ event_type: 'run.accepted' });
    rmSync(join(stream.directory, 'wal-000001.jsonl'));
    expect((await stream.append({ event_type: 'run.dispatched' })).outcome).toBe('durable');
    expect(stream.metrics()).toMatchObject({ failovers: 1, lastError: 'the file was removed' });
    expect(types(await readRoot(root))).toEqual(['wal.opened', 'run.dispatched']);
  });

  it('a root that was moved away is written where it is now', async () => {
    const stream = await openStream({ root, role: 'wm', sync: 'inline' });
    await stream.append({ event_type: 'run.accepted' });
    const moved = `${root}-moved`;
    renameSync(root, moved);
    for (let count = 0; count < 3; count += 1) {
      expect((await stream.append({ event_type: 'test.marked' })).outcome).toBe('durable');
    }
    await stream.close();
    const found = await readRoot(moved);
    expect(found.faults).toEqual([]);
    expect(types(found)).toEqual([
      'wal.opened',
      'run.accepted',
      'test.marked',
      'test.marked',
      'test.marked',
      'wal.sealed',
    ]);
  });

  it('a copy in the place of the root is noticed within a second', async () => {
    let nowMs = 0;
    const fs = createNodeFileSystem(nodeFs, process.platform, () => nowMs);
    await using stream = await openStream({ root, role: 'wm', fs });
    await stream.append({ event_type: 'run.accepted' });
    cpSync(root, `${root}-copy`, { recursive: true });
    rmSync(root, { recursive: true });
    renameSync(`${root}-copy`, root);
    nowMs = 999;
    await stream.append({ event_type: 'run.dispatched' });
    nowMs = 1000;
    expect((await stream.append({ event_type: 'run.completed' })).outcome).toBe('durable');
    expect(stream.metrics()).toMatchObject({ failovers: 1, lastError: 'the file was removed' });
    const found = await readRoot(root);
    expect(types(found)).toEqual(['wal.opened', 'run.accepted', 'wal.opened', 'run.completed']);
    expect(found.faults).toMatchObject([
      { verdict: 'GAP', sequenceFrom: 3, sequenceTo: 3 },
      { verdict: 'UNSEALED' },
    ]);
  });

  it('a degraded stream goes on as a new one that says what is missing', async () => {
    let isBroken = false;
    const fs = failingDisk((kind) => isBroken && (kind === 'datasync' || kind === 'create'));
    await using stream = await openStream({ root, role: 'wm', fs, reopenDelayMs: 5 });
    const first = stream.writerId;
    await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
    isBroken = true;
    const lost = await stream.append({ event_type: 'run.dispatched', wal_run_id: 'r1' });
    expect(lost).toMatchObject({ outcome: 'dropped', sequence: undefined });
    expect(stream.state).toBe('degraded');
    expect((await stream.append({ event_type: 'run.completed' })).outcome).toBe('dropped');
    isBroken = false;
    await until(() => stream.state === 'open');
    await stream.flush();
    expect(stream.writerId).not.toBe(first);
    const gap = (await readRoot(root)).records.find(({ event_type }) => event_type === 'wal.gap');
    expect(gap?.payload).toEqual({
      records: 2,
      reason: 'EIO: injected',
      lost_writer_id: first,
      after_sequence: 2,
    });
  });

  it('a rejecting stream is poisoned for good', async () => {
    const fs = failingDisk((kind, count) => kind === 'datasync' && count > 1);
    await using stream = await openStream({ root, role: 'wm', fs, onFailure: 'reject' });
    await expect(stream.append({ event_type: 'run.accepted' })).rejects.toMatchObject({
      code: 'STREAM_POISONED',
    });
    expect(stream.state).toBe('poisoned');
    await expect(
      stream.append({ event_type: 'run.accepted' }, { durability: 'none' }),
    ).rejects.toMatchObject({ code: 'STREAM_POISONED' });
  });

  it('a root that cannot be made is an error for who cannot go on without, and a degraded stream for others', async () => {
    const file = join(root, '..', 'file');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, '');
    const under = join(file, 'root');
    await expect(
      openStream({ root: under, role: 'wm', sync: 'inline', onFailure: 'reject' }),
    ).rejects.toMatchObject({
      code: 'ROOT_UNUSABLE',
      message: expect.stringMatching(/^cannot write to .*: ENOTDIR: /),
    });
    await using stream = await openStream({ root: under, role: 'wm', sync: 'inline' });
    expect(stream.state).toBe('degraded');
    expect((await stream.append({ event_type: 'run.accepted' })).outcome).toBe('dropped');
  });
});

describe('when there is no room', () => {
  const pad = 'x'.repeat(400);

  it('a caller is refused, if it asked for that', async () => {
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      onFull: 'reject',
      bytesPendingMax: 1000,
    });
    const appends = Array.from({ length: 4 }, () =>
      stream.append({ event_type: 'test.marked', payload: { pad } }),
    );
    const settled = await Promise.allSettled(appends);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    await expect(appends[3]).rejects.toMatchObject({ code: 'APPEND_REJECTED' });
  });

  it('a caller waits its turn otherwise', async () => {
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      bytesPendingMax: 1000,
    });
    const appends = Array.from({ length: 9 }, (_, count) =>
      stream.append({ event_type: 'test.marked', payload: { pad, count } }),
    );
    const outcomes = await Promise.all(appends);
    expect(outcomes.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(stream.metrics().flushes).toBe(9);
  });

  it('callers are written in the order of their calls, and the clock never runs back', async () => {
    const fs = slowDisk({ holdMs: 1 });
    for (const callers of [4, 5, 12]) {
      const at = join(root, String(callers));
      const limits = { bytesPendingMax: 2000, aliveIntervalMs: 1 };
      const stream = await openStream({ root: at, role: 'wm', fs, ...limits });
      await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
      let mark = 0;
      const call = async (): Promise<void> => {
        for (let calls = 0; calls < 10; calls += 1) {
          const payload = { mark: (mark += 1), pad };
          await stream.append({ event_type: 'test.marked', payload });
        }
      };
      await Promise.all(Array.from({ length: callers }, call));
      await stream.close();
      const { records } = await readRoot(at);
      const marks = records.flatMap(({ payload }) => payload['mark'] ?? []);
      expect(marks).toEqual(Array.from({ length: callers * 10 }, (_, index) => index + 1));
      const hlcs = records.map(({ hlc }) => hlc ?? '');
      expect(hlcs).toEqual(hlcs.toSorted());
      expect(records.map(({ event_type: type }) => type)).toContain('wal.alive');
    }
  });

  it('what the stream says of itself meanwhile is not before what it said already', async () => {
    const limits = { bytesPendingMax: 1, relaxedDelayMsMax: 60_000, aliveIntervalMs: 1 };
    const stream = await openStream({ root, role: 'wm', ...limits });
    await stream.append({ event_type: 'run.accepted', wal_run_id: 'r1' });
    // Nothing is flushed from here on: `wal.alive` comes behind this one, and again when somebody waits for room.
    const relaxed = { durability: 'relaxed' } as const;
    await stream.append({ event_type: 'test.marked' }, relaxed);
    await until(() => stream.metrics().recordsPending > 1);
    const waits = stream.append({ event_type: 'test.waited' }, relaxed);
    const pending = stream.metrics().recordsPending;
    await until(() => stream.metrics().recordsPending > pending);
    await Promise.all([stream.close(), waits]);
    const { records } = await readRoot(root);
    const kinds = new Set(records.map(({ event_type: type }) => type));
    expect([...kinds]).toEqual(expect.arrayContaining(['wal.alive', 'test.waited']));
    const hlcs = records.map(({ hlc }) => hlc ?? '');
    expect(hlcs).toEqual(hlcs.toSorted());
  });

  it('those who wait are refused when the stream is poisoned', async () => {
    const fs = failingDisk((kind, count) => kind === 'datasync' && count > 1);
    const options = { fs, onFailure: 'reject', bytesPendingMax: 1000 } as const;
    await using stream = await openStream({ root, role: 'wm', ...options });
    const appends = Array.from({ length: 5 }, () =>
      stream.append({ event_type: 'test.marked', payload: { pad } }),
    );
    for (const settled of await Promise.allSettled(appends)) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'STREAM_POISONED' } });
    }
  });
});
