/** Callers whose disk is slow: each is told what became of its record, once, and counted once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommitQueue } from '../../src/wal/append/commit-queue.js';
import { HybridClock } from '../../src/context/index.js';
import { encodeBody } from '../../src/wal/record/encode.js';
import { openStream, type FileSystem } from '../../src/wal/index.js';
import { runFixture } from './support/child.js';
import { readRoot } from './support/events.js';
import { failingDisk } from './support/failing-disk.js';
import { until } from './support/poll.js';
import { slowDisk } from './support/slow-disk.js';

const noop = (): void => undefined;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-late-'));
});

afterEach(() => rmSync(root, { recursive: true }));

describe('callers who wait for a slow disk in its own thread', () => {
  it('are counted once each, whether they were let go or held to the end', async () => {
    const pace = { holdMs: 0 };
    const fs = slowDisk(pace);
    // One record in each flush: those behind the first one are let go before their own flush, which is as slow.
    const limits = { flushBytesMax: 1, barrierWaitMsMax: 20 };
    const stream = await openStream({ root, role: 'wm', fs, ...limits });
    pace.holdMs = 40;
    const appends = Array.from({ length: 5 }, () => stream.append({ event_type: 'test.marked' }));
    const outcomes = (await Promise.all(appends)).map(({ outcome }) => outcome);
    await stream.close();
    expect(outcomes.slice(1)).toEqual(['late', 'late', 'late', 'late']);
    expect(stream.metrics().late).toBe(5);
    const { records } = await readRoot(root);
    const late = records.filter(({ event_type: type }) => type === 'wal.late');
    expect(late.reduce((sum, { payload }) => sum + Number(payload['barriers']), 0)).toBe(5);
  });
});

describe('callers who were let go before their records were lost', () => {
  it('are not said to be late by the next flush, which has none of their records', async () => {
    const failing: ((error: Error) => void)[] = [];
    const late: number[] = [];
    let lost = 0;
    const queue = new CommitQueue({
      commit: () =>
        lost === 0 ? new Promise((_, reject) => failing.push(reject)) : Promise.resolve(1),
      writerId: () => 'wm-1',
      unsyncedBytes: () => 0,
      onLost: () => (lost += 1),
      onCommitted: noop,
      onLate: (barriers) => late.push(barriers),
      flushBytesMax: 1000,
      relaxedDelayMsMax: 1,
      barrierWaitMsMax: 5,
    });
    const body = encodeBody({ event_type: 'test.marked' }, new HybridClock(), '/project', 1000);
    expect(await queue.pushBarrier(body)).toMatchObject({ outcome: 'late' });
    failing[0]?.(new Error('no more'));
    await until(() => lost === 1);
    expect(await queue.pushBarrier(body)).toMatchObject({ outcome: 'durable' });
    expect(late).toEqual([]);
  });
});

describe('a stream that is closed while its disk does not answer', () => {
  for (const onFailure of ['degrade', 'reject', 'exit']) {
    it(`leaves nobody waiting, and stays closed when it does (${onFailure})`, async () => {
      const { code, stdout, stderr } = await runFixture('hang.mjs', { root, onFailure });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        told: ['late', 'late', 'late', 'flush'],
        state: 'closed',
      });
    });
  }
});

describe('a stream that is closed while it is made anew', () => {
  it('is made, says what is missing, and is sealed: nothing of it comes later', async () => {
    let isBroken = false;
    const failing = failingDisk((kind) => isBroken && kind === 'datasync');
    const open = new Set<number>();
    let onDirectory = noop;
    const fs: FileSystem = {
      ...failing,
      openDurable: () => undefined,
      makeDirectory(path) {
        onDirectory();
        return failing.makeDirectory(path);
      },
      createFile(path) {
        const descriptor = failing.createFile(path);
        open.add(descriptor);
        return descriptor;
      },
      close(descriptor) {
        failing.close(descriptor);
        open.delete(descriptor);
      },
    };
    const stream = await openStream({ root, role: 'wm', fs, reopenDelayMs: 1 });
    let closing: Promise<void> | undefined;
    onDirectory = () => {
      isBroken = false;
      closing ??= stream.close();
    };
    isBroken = true;
    expect(await stream.append({ event_type: 'run.accepted' })).toMatchObject({
      outcome: 'dropped',
    });
    await until(() => closing !== undefined);
    await closing;
    expect(stream.state).toBe('closed');
    expect([...open]).toEqual([]);
    const { records } = await readRoot(root);
    const made = records.filter(({ writer_id: writer }) => writer === stream.writerId);
    expect(made.map(({ event_type: type }) => type)).toEqual([
      'wal.opened',
      'wal.gap',
      'wal.sealed',
    ]);
    expect(made[1]?.payload).toMatchObject({ records: 1 });
  });
});
