/** Loads whose crash states are enumerated. Each appends marked records and notes what was acknowledged, and when. */
import type { Durability, StreamOptions } from '../../../src/wal/index.js';
import type { Wal } from './judge.js';
import { MemoryDisk, type DiskKind, type FaultPlan } from './memory-disk.js';

export const root = '/crash-state-root';

export interface Scenario {
  readonly name: string;
  readonly plan?: FaultPlan;
  readonly options?: Partial<StreamOptions>;
  readonly batches: number;
  readonly close: boolean;
  /** What was written and not synced is flushed, and acknowledged then. */
  readonly flushes?: boolean;
  readonly disk?: DiskKind;
}

const afterOpen = 2;

const usual: readonly Scenario[] = [
  { name: 'the first seconds of a new root', batches: 3, close: false },
  { name: 'appends and a close', batches: 4, close: true },
  { name: 'rotation', options: { segmentBytesMax: 3000 }, batches: 7, close: true },
  {
    name: 'preallocated newlines',
    options: { preallocateBytes: 4096, segmentBytesMax: 9000 },
    batches: 8,
    close: true,
  },
  {
    name: 'preallocated newlines, on sectors of 4096 bytes',
    options: { preallocateBytes: 16_384 },
    disk: { sectorBytes: 4096 },
    batches: 4,
    close: true,
  },
  {
    name: 'preallocated newlines, where nothing is written past the cache',
    options: { preallocateBytes: 4096 },
    disk: { sectorBytes: 65_536 },
    batches: 4,
    close: true,
  },
  {
    name: 'preallocated newlines, and short writes',
    plan: (kind, count) => (kind === 'write' && count % 2 === 0 ? 'SHORT' : undefined),
    options: { preallocateBytes: 4096 },
    batches: 4,
    close: true,
  },
  {
    name: 'preallocated newlines, and a write past the cache that fails',
    plan: (kind, count) => (kind === 'datasync' && count === afterOpen + 1 ? 'EIO' : undefined),
    options: { preallocateBytes: 4096 },
    batches: 4,
    close: true,
  },
  {
    name: 'a datasync that fails, and the file after it',
    plan: (kind, count) => (kind === 'datasync' && count === afterOpen + 1 ? 'EIO' : undefined),
    batches: 4,
    close: true,
  },
  {
    name: 'a datasync that fails behind unsynced records, and the file after it',
    plan: (kind, count) => (kind === 'datasync' && count === afterOpen + 3 ? 'EIO' : undefined),
    batches: 4,
    flushes: true,
    close: true,
  },
  {
    name: 'rotation behind unsynced records',
    options: { segmentBytesMax: 2500 },
    batches: 4,
    close: true,
  },
  {
    name: 'a write that fails half-way',
    plan: (kind, count) => (kind === 'write' && count === afterOpen + 1 ? 'ENOSPC' : undefined),
    batches: 4,
    close: true,
  },
  {
    name: 'short writes',
    plan: (kind, count) => (kind === 'write' && count % 2 === 0 ? 'SHORT' : undefined),
    batches: 3,
    close: true,
  },
  {
    name: 'a rotation whose next file cannot be synced',
    plan: (kind, count, path) =>
      kind === 'datasync' && path.endsWith('wal-000002.jsonl') && count < 20 ? 'EIO' : undefined,
    options: { segmentBytesMax: 2500 },
    batches: 7,
    close: true,
  },
  {
    name: 'next files that cannot be synced, and a seal',
    plan: (kind, _count, path) =>
      kind === 'datasync' && !path.endsWith('wal-000001.jsonl') ? 'EIO' : undefined,
    options: { segmentBytesMax: 1500 },
    batches: 2,
    close: true,
  },
  {
    name: 'a seal that cannot be synced',
    plan: sealFails(),
    options: { segmentBytesMax: 2500 },
    batches: 6,
    close: true,
  },
  {
    name: 'a datasync that fails right after a rotation',
    plan: (kind, _count, path) =>
      kind === 'datasync' && path.endsWith('wal-000002.jsonl') ? once('second') : undefined,
    options: { segmentBytesMax: 2500 },
    batches: 7,
    close: true,
  },
];

/** These are of other operations where there are no durable writes. */
const plain: ReadonlySet<string> = new Set([
  'the first seconds of a new root',
  'appends and a close',
  'a datasync that fails, and the file after it',
  'short writes',
]);

export const scenarios: readonly Scenario[] = [
  ...usual,
  ...usual
    .filter(({ name }) => plain.has(name))
    .map((one) => ({
      ...one,
      name: `${one.name}, without durable writes`,
      isPlain: true as const,
    })),
];

let onceCount = 0;
/** The header's datasync of the new file succeeds, the one after it fails. */
function once(_name: string): string | undefined {
  onceCount += 1;
  return onceCount % 2 === 0 ? 'EIO' : undefined;
}

/** The old file's datasync after the next file was made is its seal's. */
function sealFails(): FaultPlan {
  let isNextMade = false;
  return (kind, _count, path) => {
    if (kind === 'create' && path.endsWith('wal-000002.jsonl')) isNextMade = true;
    return kind === 'datasync' && isNextMade && path.endsWith('wal-000001.jsonl')
      ? 'EIO'
      : undefined;
  };
}

/** Runs it and returns the disk with everything that was asked of it. */
export async function run(wal: Wal, scenario: Scenario): Promise<MemoryDisk> {
  const disk = new MemoryDisk(scenario.plan, scenario.disk);
  const stream = await wal.openStream({
    root,
    role: 'wm',
    fs: disk,
    sealOnExit: false,
    reopenDelayMs: 1,
    ...scenario.options,
  });
  const append = async (mark: string, durability: Durability): Promise<void> => {
    const pad = 'x'.repeat(mark.length * 17);
    const payload = { mark, pad };
    const { outcome } = await stream.append({ event_type: 'test.marked', payload }, { durability });
    if (outcome === 'durable') disk.ack(mark);
  };
  for (let batch = 1; batch <= scenario.batches; batch += 1) {
    await Promise.all([
      append(`b${batch}-first`, 'barrier'),
      append(`b${batch}-relaxed`, 'relaxed'),
      append(`b${batch}-second-and-a-little-longer`, 'barrier'),
    ]);
    if (batch % 3 === 0) {
      await append(`b${batch}-none`, 'none');
      await new Promise((resolve) => setTimeout(resolve, 110));
      if (scenario.flushes === true) {
        await stream.flush();
        if (stream.state === 'open') disk.ack(`b${batch}-none`);
      }
    }
  }
  if (scenario.close) await stream.close();
  return disk;
}
