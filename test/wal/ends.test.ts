/** How a stream ends: what it still writes, what it gives back, and that it is tried for again no later than it said. */
import * as nodeFs from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintCorrelationId } from '../../src/context/index.js';
import { createNodeFileSystem } from '../../src/wal/disk/file-system.js';
import { openStream, type FileSystem } from '../../src/wal/index.js';
import { readRoot, types } from './support/events.js';
import { failingDisk } from './support/failing-disk.js';
import { until } from './support/poll.js';
import { slowDisk } from './support/slow-disk.js';

const noop = (): void => undefined;
let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'throughline-ends-')), 'root');
});

afterEach(() => rmSync(join(root, '..'), { recursive: true }));

/** The same disk, and which descriptors it has open. */
function watched(fs: FileSystem): { readonly fs: FileSystem; readonly open: Set<number> } {
  const open = new Set<number>();
  const opened = <Descriptor extends number | undefined>(descriptor: Descriptor): Descriptor => {
    if (descriptor !== undefined) open.add(descriptor);
    return descriptor;
  };
  return {
    open,
    fs: {
      ...fs,
      createFile: (path) => opened(fs.createFile(path)),
      openDurable: (descriptor, isDirect) => opened(fs.openDurable(descriptor, isDirect)),
      close(descriptor) {
        fs.close(descriptor);
        open.delete(descriptor);
      },
    },
  };
}

describe('a stream that was lost', () => {
  it('is tried for again when it said, however often its host asks for a flush meanwhile', async () => {
    let isBroken = false;
    const fs = failingDisk((kind) => isBroken && kind !== 'close');
    await using stream = await openStream({ root, role: 'wm', fs, reopenDelayMs: 100 });
    await stream.append({ event_type: 'run.accepted' }, { durability: 'none' });
    await until(() => stream.metrics().records === 1);
    isBroken = true;
    await stream.append({ event_type: 'run.dispatched' });
    expect(stream.state).toBe('degraded');
    isBroken = false;
    await until(async () => {
      await stream.flush();
      return stream.state === 'open';
    });
    await stream.close();
    const { records } = await readRoot(root);
    const gap = records.find(({ event_type: type }) => type === 'wal.gap');
    expect(gap?.payload).toMatchObject({ records: 2, after_sequence: 1 });
  });

  for (const preallocateBytes of [0, 65_536]) {
    it(`leaves no descriptor open (${preallocateBytes} bytes ahead)`, async () => {
      let isBroken = false;
      let datasyncs = 0;
      // The second file is made, and then its records cannot be written.
      const { fs, open } = watched(
        failingDisk((kind) => {
          if (kind !== 'datasync' || !isBroken) return false;
          datasyncs += 1;
          return datasyncs !== 2;
        }),
      );
      await using stream = await openStream({
        root,
        role: 'wm',
        fs,
        preallocateBytes,
        onFailure: 'reject',
      });
      isBroken = true;
      await expect(stream.append({ event_type: 'run.accepted' })).rejects.toMatchObject({
        code: 'STREAM_POISONED',
      });
      expect(datasyncs).toBe(3);
      await until(() => open.size === 0);
      expect([...open]).toEqual([]);
    });
  }
});

describe('a stream that cannot be made', () => {
  for (const kind of ['create', 'write', 'datasync']) {
    it(`leaves nothing behind, however often it is tried (${kind})`, async () => {
      const directory = join(root, 'wal', 'wm');
      let failures = 0;
      const fs = failingDisk((called) => {
        if (called !== kind || failures === 6) return false;
        failures += 1;
        return true;
      });
      await using stream = await openStream({ root, role: 'wm', fs, reopenDelayMs: 1 });
      await until(() => stream.state === 'open');
      expect(failures).toBe(6);
      expect(readdirSync(directory)).toEqual([stream.writerId]);
    });
  }
});

describe('a disk that takes the head of every file and nothing behind it', () => {
  it('is tried again after twice as long each time', async () => {
    const real = createNodeFileSystem(nodeFs, process.platform);
    const fs: FileSystem = {
      ...real,
      openDurable: () => undefined,
      write(descriptor, bytes, position) {
        if (position > 0) throw new Error('no more than that');
        return real.write(descriptor, bytes, position);
      },
      datasync: noop,
      syncDirectory: noop,
    };
    const startedMs = performance.now();
    await using stream = await openStream({ root, role: 'wm', fs, reopenDelayMs: 1 });
    await stream.append({ event_type: 'run.accepted' });
    await until(() => readdirSync(join(root, 'wal', 'wm')).length === 10);
    // 1 + 2 + 4 + … + 256.
    expect(performance.now() - startedMs).toBeGreaterThan(500);
  });
});

describe('a new stream', () => {
  it('finds the last one of its role behind many in which nothing was ever written', async () => {
    const first = await openStream({ root, role: 'wm', sync: 'inline' });
    await first.append({ event_type: 'run.accepted' });
    await first.close();
    // As a rotation leaves it that was cut off.
    writeFileSync(join(first.directory, 'wal-000002.jsonl'), '');
    for (let count = 0; count < 9; count += 1) {
      const empty = join(root, 'wal', 'wm', `wm-${mintCorrelationId()}`);
      mkdirSync(empty);
      writeFileSync(join(empty, 'wal-000001.jsonl'), '');
    }
    await using stream = await openStream({ root, role: 'wm', sync: 'inline' });
    await stream.append({ event_type: 'run.accepted' });
    const { records } = await readRoot(root);
    const opened = records.find(({ writer_id: writer }) => writer === stream.writerId);
    expect(opened?.payload).toMatchObject({ previous_stream: { writer_id: first.writerId } });
  });
});

describe('a stream that is sealed right behind the end that a next file names', () => {
  it('is whole: that file was never taken into use', async () => {
    // The first header, the record that was written and not synced, and then the next file's header.
    const failing = failingDisk((kind, count) => kind === 'datasync' && count === 3);
    // A process that dies there has not removed it.
    const fs = { ...failing, removeFile: noop };
    const limits = { segmentBytesMax: 1000, relaxedDelayMsMax: 1 };
    const stream = await openStream({ root, role: 'wm', fs, ...limits });
    const record = { event_type: 'run.accepted', payload: { pad: 'x'.repeat(900) } };
    await stream.append(record, { durability: 'none' });
    await until(() => stream.metrics().records === 1);
    // A rotation is due with the datasync, and no record comes after it.
    await stream.close();
    expect(readdirSync(stream.directory)).toEqual(['wal-000001.jsonl', 'wal-000002.jsonl']);
    expect(stream.metrics().lastError).toBe('EIO: injected');
    const found = await readRoot(root);
    expect(found.faults.map(({ verdict }) => verdict)).toEqual(['SUPERSEDED']);
    expect(types(found)).toEqual(['wal.opened', 'run.accepted', 'wal.sealed']);
  });
});

describe('a stream that ends behind records it had no room for', () => {
  for (const end of ['close', 'exit']) {
    it(`says how many are missing (${end})`, async () => {
      const pace = { holdMs: 0 };
      const fs = slowDisk(pace);
      const others = new Set(process.listeners('exit'));
      const limits = { bytesPendingMax: 1, barrierWaitMsMax: 10 };
      const stream = await openStream({ root, role: 'wm', fs, ...limits });
      const seal = process.listeners('exit').find((listener) => !others.has(listener));
      pace.holdMs = 30;
      let dropped = 0;
      // One is in the queue at a time, and most of those behind it have waited for too long before their turn.
      const call = async (): Promise<void> => {
        const { outcome } = await stream.append({ event_type: 'test.marked' });
        if (outcome !== 'dropped') return;
        dropped += 1;
        // Before a flush says it.
        if (end === 'exit') seal?.call(process, 0);
      };
      for (let count = 0; count < 9; count += 1) void call();
      if (end === 'exit') await until(() => dropped > 0);
      await stream.close();
      expect(dropped).toBeGreaterThan(0);
      const found = await readRoot(root);
      const gaps = found.records.filter(({ event_type: type }) => type === 'wal.gap');
      const missing = gaps.map(({ payload }) => Number(payload['records']));
      expect(missing.reduce((sum, records) => sum + records, 0)).toBe(dropped);
      expect(gaps[0]?.payload['reason']).toBe('no room');
      expect(types(found).at(-1)).toBe('wal.sealed');
    });
  }
});

describe('a file whose seal fails', () => {
  it('is closed all the same', async () => {
    let datasyncs = 0;
    const { fs, open } = watched(
      failingDisk((kind) => {
        if (kind === 'datasync') datasyncs += 1;
        // The first file, a record, the second file, and then the seal of the first one.
        return kind === 'datasync' && datasyncs === 4;
      }),
    );
    await using stream = await openStream({ root, role: 'wm', fs, segmentBytesMax: 1000 });
    for (let count = 0; count < 2; count += 1) {
      await stream.append({ event_type: 'run.accepted', payload: { pad: 'x'.repeat(600) } });
    }
    expect(stream.metrics()).toMatchObject({ rotations: 1, lastError: 'EIO: injected' });
    expect(open.size).toBe(2);
  });
});

describe('a process that ends while a stream goes on in a new file', () => {
  it('has the records of the flush that waited for it', async () => {
    const real = createNodeFileSystem(nodeFs, process.platform);
    let onClosed = noop;
    let isSealed = false;
    const fs = {
      ...real,
      close(descriptor: number): void {
        real.close(descriptor);
        onClosed();
      },
    };
    const others = new Set(process.listeners('exit'));
    const stream = await openStream({ root, role: 'wm', fs, segmentBytesMax: 1000 });
    const seal = process.listeners('exit').find((listener) => !others.has(listener));
    await stream.append({ event_type: 'run.accepted', payload: { pad: 'x'.repeat(600) } });
    onClosed = () => {
      onClosed = noop;
      queueMicrotask(() => {
        void stream.append({ event_type: 'handler.started' }, { durability: 'relaxed' });
        seal?.call(process, 0);
        isSealed = true;
      });
    };
    void stream.append({ event_type: 'run.dispatched' });
    await until(() => isSealed);
    const found = await readRoot(root);
    expect(types(found)).toEqual([
      'wal.opened',
      'run.accepted',
      'wal.sealed',
      'wal.opened',
      'run.dispatched',
      'handler.started',
      'wal.sealed',
    ]);
    expect(found.faults).toEqual([]);
    await stream.close();
  });
});
