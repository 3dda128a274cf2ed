/** Many calls at once, calls that are taken back, and journals that grow: an answer is of its own call, and of now. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/cli/agent/call.js';
import { progressOf } from '../../../src/cli/agent/progress.js';
import { Reading } from '../../../src/cli/agent/reading.js';
import type { Source } from '../../../src/read/sources/source.js';
import { correlation, RunRecords, StreamFile } from '../../read/stream-file.js';
import { generate } from '../../support/generate.mjs';
import { writeJournal } from '../journal.js';
import { dataOf, listIn, startAgent } from './client.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-agent-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function sessionOf(reading: Reading, stop = new AbortController()): Session & { records: number } {
  const session = {
    reading,
    signal: stop.signal,
    records: 0,
    progress: (records: number) => {
      session.records += records;
    },
  };
  return session;
}

describe('a burst of calls', () => {
  it('gets each its own answer: 120 at once, about 40 runs', async () => {
    const { ids, records } = generate(root, { streams: 4, requests: 40, idEvery: 1 });
    expect(ids).toHaveLength(40);
    await using agent = await startAgent({ roots: [root] });
    const answers = await Promise.all(
      ids.flatMap((run) => [
        agent.ask('run_outline', { run }),
        agent.ask('get_records', { run, limit: 50 }),
        agent.ask('list_runs', { filter: { match: [`correlation_id=${run}`] } }),
      ]),
    );
    for (const [index, run] of ids.entries()) {
      const [outline, found, listed] = answers.slice(index * 3, index * 3 + 3);
      expect(outline?.structured['runs']).toMatchObject([{ run, spans: 4 }]);
      expect(outline?.text.split('\n')[1]).toContain(`> ${run}  `);
      expect(found?.structured).toMatchObject({ run });
      expect(found?.structured['records']).toHaveLength(8);
      expect(listed?.structured['runs']).toMatchObject([{ run, records: 8 }]);
    }
    // And the server's streams are the 4 that there are, with a header and a seal each.
    expect(records).toBe(40 * 8 + 8);
  });

  it('costs two reads of the whole story, the one under way and the one that all others wait for', async () => {
    writeJournal(root);
    let [reads, reading, readingMax] = [0, 0, 0];
    const events = new EventEmitter();
    const beginning = once(events, 'list');
    const counting: Source = {
      async list() {
        events.emit('list');
        reads += 1;
        reading += 1;
        readingMax = Math.max(readingMax, reading);
        await new Promise((wake) => {
          setImmediate(wake);
        });
        reading -= 1;
        return { streams: [], problems: [] };
      },
    };
    const all = new Reading(() => ({ roots: [root], sources: [counting] }));
    const first = all.story(sessionOf(all));
    await beginning;
    const others = Array.from({ length: 30 }, async () => all.story(sessionOf(all)));
    const stories = await Promise.all([first, ...others]);
    expect(new Set(stories.map(({ truth }) => truth.records))).toEqual(new Set([45]));
    expect(reads).toBe(2);
    // Reads of other kinds wait for their turn, too.
    await Promise.all([all.story(sessionOf(all)), all.reconcile(sessionOf(all))]);
    expect(readingMax).toBe(1);
  });
});

describe('a call that is cancelled', () => {
  it('stops reading at the next piece, and whoever waits for the same read gets it all the same', async () => {
    const { records } = generate(root, { streams: 4, requests: 2000 });
    const all = new Reading(() => ({ roots: [root] }));
    const stop = new AbortController();
    const cancelled = sessionOf(all, stop);
    const { progress } = cancelled;
    Object.assign(cancelled, {
      progress: (more: number) => {
        progress(more);
        stop.abort();
      },
    });
    await expect(all.story(cancelled)).rejects.toThrow('cancelled');
    expect(cancelled.records).toBeGreaterThan(0);
    expect(cancelled.records).toBeLessThan(records / 4);

    const [other, late] = [sessionOf(all), new AbortController()];
    const both = [all.story(sessionOf(all, late)), all.story(other)];
    late.abort();
    await expect(both[0]).rejects.toThrow();
    expect((await both[1])?.truth.records).toBe(records);
    expect(other.records).toBe(records);
  });

  it('ends the read: of a stream without an end, the next one would never begin', async () => {
    const stop = new AbortController();
    let batches = 0;
    const endless: Source = {
      async list() {
        const stream = {
          root: '/endless',
          role: 'er',
          writerId: 'er-01KAM8VJ5Q3Z9S0V4T0000E009',
          async *scan() {
            for (;;) {
              batches += 1;
              if (batches === 3) stop.abort();
              yield [];
            }
          },
        };
        return { streams: [stream], problems: [] };
      },
    };
    const all = new Reading(() => ({ roots: [], sources: [endless] }));
    await expect(all.story(sessionOf(all, stop))).rejects.toThrow('cancelled');
    expect(await all.alone(sessionOf(all), async () => 'the next one')).toBe('the next one');
    expect(batches).toBe(3);
  });

  it('leaves the server to answer the others', async () => {
    generate(root, { streams: 4, requests: 1000 });
    await using agent = await startAgent({ roots: [root] });
    const stop = new AbortController();
    const cancelled = Array.from({ length: 8 }, async () =>
      expect(agent.ask('reconcile', {}, { signal: stop.signal })).rejects.toThrow(),
    );
    stop.abort();
    await Promise.all(cancelled);
    await agent.client.ping();
    const answered = await agent.ask('list_runs', { limit: 1 });
    expect(answered.structured).toMatchObject({ omitted: ['999 more runs'] });
  });
});

describe('a journal that grows', () => {
  it('is read afresh by every call, and a page goes on behind the same run', async () => {
    const wm = new StreamFile(root, 'wm', '7F3A');
    const add = (number: number): void => {
      const run = { correlationId: correlation(`AAAA${number}`), span: number, parent: number - 1 };
      new RunRecords(wm, { ...run, action: `a${number}` })
        .accepted(number)
        .completed(number + 1, 1);
      wm.write();
    };
    for (const number of [100, 110, 120, 130]) add(number);
    await using agent = await startAgent({ roots: [root] });
    const names = (answered: Awaited<ReturnType<typeof agent.ask>>): readonly unknown[] =>
      listIn(answered, 'runs').map((one) => dataOf(one)['what']);
    const first = await agent.ask('list_runs', { limit: 2 });
    expect(names(first)).toEqual(['a130', 'a120']);
    add(140);
    expect(names(await agent.ask('list_runs', { limit: 2 }))).toEqual(['a140', 'a130']);
    const page = first.next.find(({ tool }) => tool === 'list_runs');
    expect(names(await agent.make(page))).toEqual(['a110', 'a100']);
  });
});

describe('a journal of more than 32 MiB', () => {
  it('is read as far as the page needs: the newest runs without the streams that ended a day ago', async () => {
    const [old, recent] = [join(root, 'old'), join(root, 'recent')];
    generate(old, { streams: 2, requests: 140, paddingBytes: 32_000 });
    generate(recent, { streams: 2, requests: 5, startMs: Date.now() - 60_000, seed: 2 });
    await using agent = await startAgent({ roots: [old, recent] });
    const first = await agent.ask('list_runs', { limit: 3 });
    expect(listIn(first, 'runs')).toHaveLength(3);
    expect(first.structured).toMatchObject({
      omitted: ['2 more runs', expect.stringMatching(/^runs that began before 20.*Z$/) as string],
      truth: expect.stringContaining('2 streams before --since not read') as string,
    });
    // Where that is too little, everything is.
    const more = await agent.ask('list_runs', { limit: 6 });
    expect(more.structured).toMatchObject({
      omitted: ['139 more runs'],
      truth: '4 streams: 4 complete',
    });
    expect(first.next.map(({ tool }) => tool)).toEqual(['run_outline', 'list_runs']);
  });
});

describe('progress', () => {
  it('is told twice a second at most, grows, and is never told together with the answer', async () => {
    let nowMs = 1_000_000;
    const told: number[] = [];
    const progress = progressOf(
      (records) => told.push(records),
      () => nowMs,
    );
    progress.add(10);
    nowMs += 499;
    progress.add(10);
    expect(told).toEqual([]);
    nowMs += 1;
    progress.add(10);
    progress.add(10);
    expect(told).toEqual([30]);
    nowMs += 500;
    progress.add(5);
    expect(told).toEqual([30, 45]);
    const began = performance.now();
    await progress.done();
    expect(performance.now() - began).toBeGreaterThanOrEqual(45);
  });

  it('that nobody was told of costs the answer nothing', async () => {
    const progress = progressOf(() => {
      throw new Error('told');
    });
    progress.add(10);
    // A timer would be behind it.
    const first = await Promise.race([
      progress.done().then(() => 'done'),
      new Promise((settle) => {
        setImmediate(settle, 'a turn of the loop');
      }),
    ]);
    expect(first).toBe('done');
  });
});

describe('the resources', () => {
  it('are the runs: listed, completed by how an id begins or ends, and read as the outline', async () => {
    writeJournal(root);
    await using agent = await startAgent({ roots: [root] });
    const { client } = agent;
    const { resources } = await client.listResources();
    expect(resources).toHaveLength(7);
    expect(resources[0]).toEqual({
      uri: 'throughline://run/01KAM8VJ5Q3Z9S0V4T00PW4K1D',
      name: 'unknown 2025-11-21T14:02:18.480Z',
      mimeType: 'text/plain',
    });
    const { text } = await agent.ask('run_outline', { run: 'R8Y2XEW' });
    const uri = 'throughline://run/R8Y2XEW';
    expect(await client.readResource({ uri })).toEqual({
      contents: [{ uri, mimeType: 'text/plain', text }],
    });
    const complete = async (value: string): Promise<readonly string[]> => {
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri: 'throughline://run/{id}' },
        argument: { name: 'id', value },
      });
      return completion.values;
    };
    expect(await complete('2xew')).toEqual(['01KAM8VJ5Q3Z9S0V4T0R8Y2XEW']);
    expect(await complete('01KAM')).toHaveLength(7);
    expect(await complete('zzz')).toEqual([]);
  });

  it('that are not there are errors which say what there is', async () => {
    writeJournal(root);
    await using agent = await startAgent({ roots: [root] });
    await expect(agent.client.readResource({ uri: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: -32_002,
      message: expect.stringContaining(
        'no resource is "file:///etc/passwd": there is throughline://run/{id}',
      ) as string,
    });
    await expect(
      agent.client.readResource({ uri: 'throughline://run/9G7XJ2D' }),
    ).rejects.toMatchObject({
      code: -32_002,
      message: expect.stringContaining('Did you mean: 01KAM8VJ5Q3Z9S0V4T09G7XJ2C') as string,
    });
  });
});
