/** Reading while the writer writes: a reader sees less than there is, and nothing false. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStream, readStream, type ReadPort } from '../../src/wal/index.js';
import { readRoot } from './support/events.js';
import { goldenStreams, writerId } from './support/golden.js';
import { statePort } from './support/state-port.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-live-'));
});

afterEach(() => rmSync(root, { recursive: true }));

for (const sync of ['inline', 'worker'] as const) {
  it(`a reader never calls a stream damaged that is being written and rotated (${sync})`, async () => {
    const stream = await openStream({
      root,
      role: 'wm',
      sync,
      segmentBytesMax: 3000,
      retention: false,
    });
    // So many and no more: a reader that is slower than the writer would otherwise never come to an end.
    let count = 0;
    const writer = { isAtWork: true };
    const write = async (): Promise<void> => {
      while (count < 300) {
        const payload = { mark: count };
        count += 1;
        await stream.append({ event_type: 'test.marked', payload });
        // Else a fast disk has written everything before the reader has opened a file.
        await turn();
      }
    };
    const writing = Promise.all([write(), write(), write()]).finally(() => {
      writer.isAtWork = false;
    });
    const verdicts = new Set<string>();
    let last = 0;
    let reads = 0;
    while (writer.isAtWork) {
      const { records, faults } = await readRoot(root);
      for (const { verdict } of faults) verdicts.add(verdict);
      const counts = records.flatMap(({ payload }) => payload['mark'] ?? []);
      expect(counts).toEqual(counts.map((_, index) => index));
      expect(counts.length).toBeGreaterThanOrEqual(last);
      last = counts.length;
      reads += 1;
    }
    await writing;
    expect(reads).toBeGreaterThan(1);
    expect(stream.metrics().rotations).toBeGreaterThan(5);
    await stream.close();
    expect([...verdicts].filter((one) => one !== 'UNSEALED' && one !== 'TORN')).toEqual([]);
  });
}

it('a file that grew and was rotated while its stream was looked at is not called short', async () => {
  const [first, second] = ['wal-000001.jsonl', 'wal-000002.jsonl'];
  const files = goldenStreams()['rotated'];
  const entries = new Map(
    Object.entries(files ?? {}).map(([name, bytes]) => [`/s/${name}`, bytes]),
  );
  const port = statePort(entries);
  // Whoever asks for the first file's size before the second file was there gets what it had then: one record.
  let isRotated = false;
  const early = Buffer.from(entries.get(`/s/${first}`) ?? []).indexOf('\n') + 1;
  const growing: ReadPort = {
    list: () => Promise.resolve([first, second].map((name) => ({ name, kind: 'file' }))),
    async open(path) {
      if (path.endsWith(second)) isRotated = true;
      const file = await port.open(path);
      const isEarly = !isRotated;
      return { ...file, size: async () => (isEarly ? early : await file.size()) };
    },
  };
  const ref = { root: '/', role: 'wm', writerId, directory: '/s', segments: [first, second] };
  const verdicts: string[] = [];
  for await (const item of readStream(ref, { port: growing })) {
    if (item.kind === 'fault') verdicts.push(item.fault.verdict);
  }
  expect(verdicts).toEqual(['UNSEALED']);
});
