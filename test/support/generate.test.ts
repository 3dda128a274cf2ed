import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStory } from '../../src/read/index.js';
import { listStreams, verifyStream } from '../../src/wal/index.js';
import { generate, generateMany, generateWide } from './generate.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-generate-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function problems(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const ref of await listStreams(root)) {
    const { faults } = await verifyStream(ref);
    found.push(...faults.map(({ verdict, message }) => `${verdict} ${message}`));
  }
  return found;
}

function bytes(): string {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jsonl'),
  );
  return files
    .toSorted()
    .map((name) => readFileSync(join(root, name), 'latin1'))
    .join('');
}

function generated(seed: number): string {
  rmSync(root, { recursive: true, force: true });
  generate(root, { streams: 4, requests: 20, seed });
  return bytes();
}

describe('a generated journal', () => {
  it('passes verification, over rotations too, and holds what was asked for', async () => {
    const made = generate(root, {
      streams: 8,
      requests: 100,
      failEvery: 10,
      segmentBytesMax: 20_000,
    });
    expect(await problems()).toEqual([]);
    const { requests, truth } = await readStory({ roots: [root] });
    expect(truth).toMatchObject({ streams: 8, records: made.records, conditions: { complete: 8 } });
    const states = [...requests].map(({ state }) => state);
    expect(states.filter((state) => state === 'completed')).toHaveLength(90);
    expect(states.filter((state) => state === 'failed')).toHaveLength(10);
  });

  it('is the same bytes for the same seed, and others for another', () => {
    const first = generated(7);
    expect(generated(7)).toBe(first);
    expect(generated(8)).not.toBe(first);
  });

  it('of many streams has five records in each', async () => {
    expect(generateMany(root, { streams: 30 })).toMatchObject({ records: 150 });
    expect(await problems()).toEqual([]);
    expect((await readStory({ roots: [root] })).truth).toMatchObject({ streams: 30, records: 150 });
  });

  it('of one wide request has 498 spans and failed', async () => {
    generateWide(root);
    expect(await problems()).toEqual([]);
    expect([...(await readStory({ roots: [root] })).requests]).toMatchObject([
      { spans: 498, state: 'failed' },
    ]);
  });
});
