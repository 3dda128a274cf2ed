/** Room written ahead, and flushes that go into it past the page cache. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  listStreams,
  openStream,
  readAppended,
  readStream,
  type Durability,
  type StreamPosition,
} from '../../src/wal/index.js';
import { liveState } from './support/crash-states.js';
import { MemoryDisk, type DiskKind, type DiskOperation } from './support/memory-disk.js';
import { until } from './support/poll.js';
import { statePort } from './support/state-port.js';

const root = '/preallocated-root';
const kinds: readonly DiskKind[] = [
  { sectorBytes: 512 },
  { sectorBytes: 1024 },
  { sectorBytes: 4096 },
  { sectorBytes: 8192 },
  { sectorBytes: 0 },
  { hasDurableWrites: false },
];

afterEach(() => vi.unstubAllGlobals());

/** What an append had done to the disk; `pad` makes the record longer. */
async function open(kind: DiskKind, preallocateBytes: number) {
  const disk = new MemoryDisk(undefined, kind);
  const stream = await openStream({
    root,
    role: 'wm',
    fs: disk,
    preallocateBytes,
    relaxedDelayMsMax: 1,
    sealOnExit: false,
  });
  let count = 0;
  const append = async (
    pad: number,
    durability: Durability = 'barrier',
  ): Promise<readonly DiskOperation[]> => {
    const before = disk.operations.length;
    const payload = { count, pad: 'x'.repeat(pad) };
    count += 1;
    await stream.append({ event_type: 'test.marked', payload }, { durability });
    return disk.operations.slice(before);
  };
  return { disk, stream, append };
}

function kindsOf(operations: readonly DiskOperation[]): readonly string[] {
  return operations.map(({ kind }) => kind);
}

function bytesOf(operations: readonly DiskOperation[]): number {
  let bytes = 0;
  for (const one of operations) if (one.kind === 'write') bytes += one.bytes.length;
  return bytes;
}

describe('a lone record in preallocated room', () => {
  for (const sectorBytes of [512, 4096]) {
    it(`is one write of the sectors it touches (${sectorBytes} bytes)`, async () => {
      const { append } = await open({ sectorBytes }, 65_536);
      // The size of sectors is found out with the first one.
      await append(10);
      for (let count = 0; count < 10; count += 1) {
        const done = await append(200);
        expect(kindsOf(done)).toEqual(['write', 'rangesync']);
        const [first] = done;
        expect(first?.kind === 'write' && first.position % sectorBytes).toBe(0);
        expect(bytesOf(done)).toBeLessThanOrEqual(Math.max(1024, 2 * sectorBytes));
      }
    });
  }

  for (const kind of [{ sectorBytes: 8192 }, { sectorBytes: 0 }, { hasDurableWrites: false }]) {
    it(`is a write and a datasync of the file without such writes: ${JSON.stringify(kind)}`, async () => {
      const { append } = await open(kind, 65_536);
      await append(10);
      expect(kindsOf(await append(200))).toEqual(['write', 'datasync']);
    });
  }

  it('is a write and a datasync without aligned memory', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const { stream, append } = await open({}, 65_536);
    expect(kindsOf(await append(200))).toEqual(['write', 'datasync']);
    expect(stream.metrics().failovers).toBe(0);
  });
});

describe('room', () => {
  it('grows with the file, up to the step', async () => {
    const { disk, append } = await open({}, 65_536);
    expect(bytesOf(disk.operations)).toBeLessThan(21_000);
    const rooms: number[] = [];
    for (let count = 0; count < 250; count += 1) {
      const done = await append(500);
      if (kindsOf(done).includes('datasync')) rooms.push(bytesOf(done));
    }
    // As much as there is, and then the step; with each the record that found none, and up to a whole block.
    expect(rooms.map((bytes) => Math.floor(bytes / 4096))).toEqual([6, 12, 17, 17]);
  });

  it('is not written behind a big flush', async () => {
    const { append } = await open({}, 1024 * 1024);
    const done = await append(40_000);
    expect(kindsOf(done)).toEqual(['write', 'datasync']);
    expect(bytesOf(done)).toBeLessThan(41_000);
  });
});

describe('a preallocating stream', () => {
  for (const kind of kinds) {
    it(`holds every record once, whatever is synced when: ${JSON.stringify(kind)}`, async () => {
      const { disk, stream, append } = await open(kind, 16_384);
      let state = 12_345;
      const random = (below: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >>> 8) % below;
      };
      for (let step = 0; step < 60; step += 1) {
        const size = random(12) === 0 ? random(80_000) : random(1500);
        const durability = (['barrier', 'barrier', 'none', 'relaxed'] as const)[random(4)];
        await append(size, durability);
        if (random(3) === 0) await stream.flush();
      }
      await stream.close();
      const port = statePort(liveState(disk.operations));
      const found: unknown[] = [];
      for (const ref of await listStreams(root, port)) {
        for await (const item of readStream(ref, { port })) {
          if (item.kind === 'fault') expect.fail(JSON.stringify(item.fault));
          if (item.record.event_type === 'test.marked') found.push(item.record.payload['count']);
        }
      }
      expect(found).toEqual(Array.from({ length: 60 }, (_, count) => count));
    });
  }
});

describe('who follows a preallocating writer', () => {
  it('waits for the rest of a record that is half written, and takes half of one with others behind it for damage', async () => {
    const { disk, stream, append } = await open({}, 16_384);
    for (let count = 0; count < 3; count += 1) await append(300);
    const [ref] = await listStreams(root, statePort(liveState(disk.operations)));
    if (ref === undefined) throw new Error('no stream');
    const file = join(ref.directory, 'wal-000001.jsonl');
    const whole = Buffer.from(liveState(disk.operations).get(file) ?? []);
    const follow = (bytes: Buffer, from: StreamPosition) =>
      readAppended(
        ref,
        from,
        statePort(
          new Map([
            [ref.directory, null],
            [file, bytes],
          ]),
        ),
      );
    const lines = whole.toString('latin1').split('\n');
    const third = lines.slice(0, 2).join('\n').length + 1;

    const half = Buffer.from(whole);
    half.fill('\n', third + 200);
    const first = await follow(half, { file: '', offset: 0, sequence: 0 });
    expect(first.items.map(({ kind }) => kind)).toEqual(['line', 'line']);
    const again = await follow(half, first.position);
    expect(again.items).toEqual([]);
    const then = await follow(whole, again.position);
    expect(then.items.map(({ kind }) => kind)).toEqual(['line', 'line']);

    const damaged = Buffer.from(whole);
    damaged[third + 200] = 1;
    const { items } = await follow(damaged, first.position);
    expect(items).toMatchObject([
      { kind: 'fault', fault: { verdict: 'CORRUPT', offset: third } },
      { kind: 'fault', fault: { verdict: 'GAP', sequenceFrom: 3, sequenceTo: 3 } },
      { kind: 'line' },
    ]);
    await stream.close();
  });
});

describe('a reader in another process', () => {
  const fixture = fileURLToPath(new URL('fixtures/follower.mjs', import.meta.url));
  for (const sync of ['inline', 'worker'] as const) {
    it(`sees each record as soon as it is durable (${sync})`, async () => {
      const place = mkdtempSync(join(tmpdir(), 'throughline-preallocated-'));
      const stream = await openStream({ root: place, role: 'wm', sync, preallocateBytes: 65_536 });
      const reader = fork(fixture, [join(stream.directory, 'wal-000001.jsonl')]);
      const seen: unknown[] = [];
      reader.on('message', (message) => seen.push(message));
      try {
        await until(() => seen.length === 1);
        for (let count = 0; count < 60; count += 1) {
          await stream.append({ event_type: 'test.marked', payload: { count } });
          await until(() => seen.at(-1) === count);
        }
        expect(seen).toHaveLength(61);
        expect(stream.metrics().failovers).toBe(0);
      } finally {
        reader.kill();
        await stream.close();
        rmSync(place, { recursive: true });
      }
    });
  }
});
