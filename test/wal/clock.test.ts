/** A wall clock that steps: the order stays causal, `ts` stays honest, and verifying mentions it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HybridClock } from '../../src/context/index.js';
import { listStreams, openStream, verifyStream } from '../../src/wal/index.js';
import { readRoot } from './support/events.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-clock-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('keeps the order of records while the wall clock steps back and forth, and says that it did', async () => {
  let wallMs = Date.UTC(2026, 10, 21, 14);
  let monotonicMs = 0;
  const clock = new HybridClock({ time: { wallMs: () => wallMs, monotonicMs: () => monotonicMs } });
  const pass = (stepMs: number): void => {
    wallMs += 10 + stepMs;
    monotonicMs += 10;
  };
  const stream = await openStream({ root, role: 'wm', sync: 'inline', clock });
  for (const stepMs of [0, -3_600_000, 0, 7_200_000, 0]) {
    pass(stepMs);
    await stream.append({ event_type: 'test.marked', payload: { stepMs } });
  }
  await stream.close();
  const { records, faults } = await readRoot(root);
  expect(faults).toEqual([]);
  const hlcs = records.map(({ hlc }) => hlc ?? '');
  expect(hlcs).toEqual(hlcs.toSorted());
  const marked = records.filter(({ event_type }) => event_type === 'test.marked');
  expect(marked.map(({ ts }) => ts)).toEqual([
    '2026-11-21T14:00:00.010000Z',
    '2026-11-21T13:00:00.020000Z',
    '2026-11-21T13:00:00.030000Z',
    '2026-11-21T15:00:00.040000Z',
    '2026-11-21T15:00:00.050000Z',
  ]);
  const [ref] = await listStreams(root);
  expect(await verifyStream(ref!)).toMatchObject({ clockRanBack: 1, clockSteps: 2 });
});
