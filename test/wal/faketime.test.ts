/** A real writer whose wall clock is really set, by libfaketime: back an hour, and forward two. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listStreams, verifyStream } from '../../src/wal/index.js';
import { can } from './support/child.js';
import { readRoot } from './support/events.js';

const fixture = fileURLToPath(new URL('fixtures/clock.mjs', import.meta.url));
const hourMs = 3_600_000;
const steps = [
  { name: 'as it is', offset: '+0', offsetMs: 0 },
  { name: 'an hour back', offset: '-1h', offsetMs: -hourMs },
  { name: 'still an hour back', offset: '-1h', offsetMs: -hourMs },
  { name: 'two hours ahead', offset: '+2h', offsetMs: 2 * hourMs },
  { name: 'as it was', offset: '+0', offsetMs: 0 },
];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'throughline-faketime-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Where the library is, its own command knows. The monotonic clock is left alone, as setting the time leaves it. */
function preload(): string {
  const options = ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'];
  return spawnSync('faketime', options, { encoding: 'utf8' }).stdout.trim();
}

/** Appends once after each step of the clock; returns what the wall clock of the test said then. */
async function write(root: string, sync: string): Promise<readonly number[]> {
  const clock = join(directory, 'clock');
  writeFileSync(clock, '+0');
  const child = spawn(process.execPath, [fixture, JSON.stringify({ root, sync })], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LD_PRELOAD: preload(),
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  const ended = once(child, 'exit');
  const says = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await says.next()).value).toBe('ready');
  const atMs: number[] = [];
  for (const { name, offset, offsetMs } of steps) {
    writeFileSync(clock, offset);
    child.stdin.write(`${name}\n`);
    expect((await says.next()).value).toBe(name);
    atMs.push(Date.now() + offsetMs);
  }
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
  return atMs;
}

describe.skipIf(!can('a clock that is set', 'faketime', '-f', '+0', 'true'))('a stream', () => {
  for (const sync of ['inline', 'worker']) {
    it(`keeps its order and says the time it saw while the clock of the machine is set (${sync})`, async () => {
      const root = join(directory, 'root');
      const atMs = await write(root, sync);
      const { records, faults } = await readRoot(root);
      expect(faults).toEqual([]);
      expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const hlcs = records.map(({ hlc }) => hlc ?? '');
      expect(hlcs).toEqual(hlcs.toSorted());
      const marked = records.filter(({ event_type }) => event_type === 'test.marked');
      expect(marked.map(({ payload }) => payload['step'])).toEqual(steps.map(({ name }) => name));
      for (const [index, { ts }] of marked.entries()) {
        expect(Math.abs(Date.parse(ts) - (atMs[index] ?? 0))).toBeLessThan(60_000);
      }
      const [ref] = await listStreams(root);
      // Twice the wall clock ran back, and three times it stepped.
      expect(ref && (await verifyStream(ref))).toMatchObject({ clockRanBack: 2, clockSteps: 3 });
    });
  }
});
