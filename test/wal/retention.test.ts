/** What retention removes, what it never removes, and what a crash half-way leaves. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  hostIdentity,
  listStreams,
  openStream,
  pruneStreams,
  readPruned,
  readStream,
  type HostIdentity,
  type RecordInput,
  type Stream,
} from '../../src/wal/index.js';
import { nodeRemovalPort } from '../../src/wal/disk/removal-port.js';
import { readRoot } from './support/events.js';
import { until } from './support/poll.js';

let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'throughline-prune-')), 'root');
});

afterEach(() => rmSync(join(root, '..'), { recursive: true }));

const day = 86_400_000;
const inDays = (days: number): number => Date.now() + days * day;
/** Sees this process as gone. */
const afterReboot: HostIdentity = {
  ...hostIdentity(),
  boot: '00000000-0000-0000-0000-000000000000',
};
const elsewhere: HostIdentity = { ...hostIdentity(), machine: 'ffffffffffffffff' };

async function write(records: readonly RecordInput[], close = true): Promise<Stream> {
  const stream = await openStream({
    root,
    role: 'wm',
    sync: 'inline',
    retention: false,
    sealOnExit: false,
  });
  for (const record of records) await stream.append(record);
  if (close) await stream.close();
  return stream;
}

const accepted = { event_type: 'run.accepted', wal_run_id: 'r1' };
const completed = { event_type: 'run.completed', wal_run_id: 'r1' };

describe('retention', () => {
  it('leaves what is neither old nor too much', async () => {
    const { directory } = await write([accepted, completed]);
    const report = await pruneStreams({ root, nowMs: inDays(29), here: afterReboot });
    expect(report.removed).toEqual([]);
    expect(existsSync(directory)).toBe(true);
    expect(readdirSync(join(root, 'wal'))).toEqual(['wm']);
  });

  it('removes an old stream of a gone writer, sealed or not, and says so first', async () => {
    const sealed = await write([accepted, completed]);
    const unsealed = await write([accepted, completed], false);
    const report = await pruneStreams({ root, nowMs: inDays(31), here: afterReboot });
    expect(
      report.removed.map(({ writerId, isWhole, reason }) => ({ writerId, isWhole, reason })),
    ).toEqual([
      { writerId: sealed.writerId, isWhole: true, reason: 'age' },
      { writerId: unsealed.writerId, isWhole: true, reason: 'age' },
    ]);
    expect(existsSync(sealed.directory)).toBe(false);
    expect(existsSync(unsealed.directory)).toBe(false);
    const said = (await readRoot(root)).records.filter(
      ({ event_type }) => event_type === 'stream.pruned',
    );
    expect(said.map(({ payload }) => payload)).toMatchObject([
      { writer_id: sealed.writerId, files: ['wal-000001.jsonl'], sequence_from: 1, sequence_to: 4 },
      {
        writer_id: unsealed.writerId,
        files: ['wal-000001.jsonl'],
        sequence_from: 1,
        sequence_to: 3,
      },
    ]);
    await unsealed.close();
  });

  it('removes nothing in a dry run', async () => {
    const { directory } = await write([accepted, completed]);
    const report = await pruneStreams({ root, nowMs: inDays(31), here: afterReboot, dryRun: true });
    expect(report.removed).toHaveLength(1);
    expect(report.bytesAfter).toBe(0);
    expect(existsSync(directory)).toBe(true);
    expect(readdirSync(join(root, 'wal'))).toEqual(['wm']);
  });

  it('never removes the stream of a writer that may still run', async () => {
    const { directory } = await write([accepted, completed]);
    const report = await pruneStreams({ root, nowMs: inDays(365), bytesMax: 1, here: elsewhere });
    expect(report.removed).toEqual([]);
    expect(existsSync(directory)).toBe(true);
  });

  it('removes the oldest first when there is too much', async () => {
    const first = await write([accepted, completed]);
    const second = await write([accepted, completed]);
    const { bytesBefore } = await pruneStreams({ root, here: afterReboot, dryRun: true });
    await pruneStreams({ root, here: afterReboot, bytesMax: bytesBefore - 1 });
    expect(existsSync(first.directory)).toBe(false);
    expect(existsSync(second.directory)).toBe(true);
  });

  it('keeps a lost run for 14 days, or until somebody resolved it', async () => {
    const { directory } = await write([accepted]);
    const tooMuch = { root, bytesMax: 1, roles: ['wm'], here: afterReboot };
    expect((await pruneStreams({ ...tooMuch, nowMs: inDays(13) })).removed).toEqual([]);
    expect(
      (await pruneStreams({ ...tooMuch, nowMs: inDays(15), dryRun: true })).removed,
    ).toMatchObject([{ lostRuns: ['r1'] }]);
    const later = await write([
      { event_type: 'run.resolved', wal_run_id: 'r1', payload: { resolution: 'abandoned' } },
    ]);
    await pruneStreams({ ...tooMuch, nowMs: inDays(13) });
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(later.directory)).toBe(false);
  });

  it('removes sealed segments of a live writer below its oldest open run, and readers know why', async () => {
    const stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      segmentBytesMax: 900,
      retention: false,
    });
    for (let count = 0; count < 6; count += 1) await stream.append({ event_type: 'test.marked' });
    await stream.append(accepted);
    for (let count = 0; count < 6; count += 1) await stream.append({ event_type: 'test.marked' });
    const before = readdirSync(stream.directory);
    const report = await pruneStreams({ root, bytesMax: 1 });
    const files = report.removed[0]?.files ?? [];
    expect(report.removed).toMatchObject([{ writerId: stream.writerId, isWhole: false }]);
    expect(files.length).toBeGreaterThan(1);
    expect(readdirSync(stream.directory)).toEqual(before.slice(files.length));
    await stream.append(completed);
    await stream.close();
    const [ref] = (await listStreams(root)).filter(({ role }) => role === 'wm');
    const pruned = (await readPruned(await listStreams(root))).get(stream.writerId);
    const faults: string[] = [];
    const events: string[] = [];
    for await (const item of readStream(ref!, { pruned })) {
      if (item.kind === 'fault') faults.push(item.fault.verdict);
      else events.push(item.record.event_type);
    }
    expect(faults).toEqual([]);
    expect(events).toContain('run.accepted');
    const unexplained: string[] = [];
    for await (const item of readStream(ref!)) {
      if (item.kind === 'fault') unexplained.push(item.fault.verdict);
    }
    expect(unexplained).toEqual(['MISSING']);
  });

  it('explains and completes what a crash left half-way', async () => {
    const stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      segmentBytesMax: 900,
      retention: false,
    });
    for (let count = 0; count < 6; count += 1) await stream.append({ event_type: 'test.marked' });
    await stream.close();
    const files = readdirSync(stream.directory);
    const removedFirst = new Error('power cut');
    let calls = 0;
    const removal = {
      ...nodeRemovalPort,
      removeFile(path: string): Promise<void> {
        calls += 1;
        return calls > 1 ? Promise.reject(removedFirst) : nodeRemovalPort.removeFile(path);
      },
    };
    const old = { root, nowMs: inDays(31), here: afterReboot };
    await expect(pruneStreams({ ...old, removal })).rejects.toBe(removedFirst);
    expect(readdirSync(stream.directory)).toEqual(files.slice(1));
    expect((await readPruned(await listStreams(root))).get(stream.writerId)).toEqual(
      new Set(files),
    );
    await pruneStreams(old);
    expect(existsSync(stream.directory)).toBe(false);
  });

  it('keeps the explanation while what it explains is there', async () => {
    const stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      segmentBytesMax: 900,
      retention: false,
    });
    for (let count = 0; count < 6; count += 1) await stream.append({ event_type: 'test.marked' });
    await pruneStreams({ root, bytesMax: 1 });
    const roles = async (): Promise<readonly string[]> =>
      (await listStreams(root)).map(({ role }) => role);
    expect(await roles()).toEqual(['prune', 'wm']);
    const { removed } = await pruneStreams({ root, nowMs: inDays(40) });
    expect(removed).toEqual([]);
    await stream.close();
  });

  it('runs by itself after a recorder opened, for its own role', async () => {
    const first = await write([accepted, completed]);
    await using stream = await openStream({
      root,
      role: 'wm',
      sync: 'inline',
      retention: { delayMs: 1, bytesMax: 1 },
    });
    await until(() => !existsSync(first.directory));
    expect((await stream.append(accepted)).outcome).toBe('durable');
  });
});
