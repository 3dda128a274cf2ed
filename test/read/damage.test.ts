import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  follow,
  openJournal,
  readRequests,
  readStory,
  reconcile,
  type Story,
} from '../../src/read/index.js';
import { correlation, RunRecords, StreamFile } from './stream-file.js';
import { hereWith, writtenBy } from './here.js';

let root = '';
let wm: StreamFile;
let whole: Buffer = Buffer.alloc(0);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-damage-'));
  wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(1) });
  new RunRecords(wm, { correlationId: correlation('A1B2C3D'), span: 2, parent: 1, action: 'check' })
    .accepted(0)
    .handler(1, 3, 'ruff')
    .handlerEnd(5, 3, 'ruff', 4)
    .completed(6, 6);
  wm.seal(7).write();
  whole = readFileSync(wm.file);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Reads with the stream's file replaced; its writer is gone. */
async function readWith(bytes: Uint8Array): Promise<Story> {
  writeFileSync(wm.file, bytes);
  return readStory({ roots: [root], here: hereWith() });
}

/** Everything that reads, over these bytes: what it says, and that it says anything. */
async function readAnyway(bytes: Uint8Array): Promise<readonly string[]> {
  writeFileSync(wm.file, bytes);
  const options = { roots: [root], here: hereWith() };
  const journal = await openJournal(options);
  let entries = 0;
  for await (const item of journal.items()) if (item.kind === 'entry') entries += 1;
  const { story } = await reconcile(options);
  expect(story.truth.records).toBeGreaterThanOrEqual(entries);
  for await (const item of follow({ ...options, from: 'start' }))
    if (item.kind === 'caught_up') break;
  const looked = await readRequests(options, correlation('A1B2C3D')).catch(
    ({ code }: { readonly code: string }) => code,
  );
  return typeof looked === 'string' ? [looked] : looked.requests.map(({ state }) => state);
}

function linesIn(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 10).length;
}

describe('a stream', () => {
  it('cut anywhere tells what stands there and no more', async () => {
    for (let length = 0; length <= whole.length; length += 5) {
      const bytes = whole.subarray(0, length);
      const { requests, truth } = await readWith(bytes);
      const lines = linesIn(bytes);
      expect(truth.records).toBe(lines);
      // Header, accepted, handler.started, handler.completed, run.completed, seal.
      const expected = lines < 2 ? [] : [lines < 5 ? 'lost' : 'completed'];
      expect([...requests].map((request) => request.state)).toEqual(expected);
      expect(truth.conditions['complete'] ?? 0).toBe(lines === 6 ? 1 : 0);
    }
  });

  it('with any bit flipped never shows a wrong state as certain, nor as undamaged', async () => {
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const { requests, truth } = await readWith(bytes);
      // A newline that is gone makes one line of the last two: the look of a write that a crash cut short.
      const isNewline = whole[at] === 10;
      const truthful = isNewline ? ['completed', 'unknown', 'lost'] : ['completed', 'unknown'];
      for (const { state } of requests) expect(truthful).toContain(state);
      expect(truth.conditions['complete'] ?? 0, `bit flipped at ${at}`).toBe(0);
    }
  });

  it('damaged anyhow crashes nothing that reads, and one request looked up is never certain and wrong', async () => {
    const truthful = ['completed', 'unknown', 'lost', 'RUN_NOT_FOUND'];
    for (let at = 0; at < whole.length; at += 17) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      for (const bytes of [flipped, whole.subarray(0, at)]) {
        for (const said of await readAnyway(bytes)) expect(truthful).toContain(said);
      }
    }
  });

  it('of nothing but noise is a fault and not an exception', async () => {
    for (const noise of ['\n\n\n', '{}\n', 'null\n', '\u0000'.repeat(5000), '{"a":'.repeat(9999)]) {
      const { requests, truth } = await readWith(Buffer.from(noise));
      expect([...requests]).toEqual([]);
      expect(truth).toMatchObject({ streams: 1, records: 0 });
    }
  });
});
