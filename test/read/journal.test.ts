import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, readStory, type JournalItem } from '../../src/read/index.js';
import { merge, type MergeSource } from '../../src/read/merge/merge.js';
import { hlcAt } from '../../src/context/index.js';
import { correlation, RunRecords, StreamFile } from './stream-file.js';
import { hereWith, writtenBy } from './here.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-read-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');

async function items(...roots: readonly string[]): Promise<readonly string[]> {
  const journal = await openJournal({ roots });
  const found: string[] = [];
  for await (const item of journal.items()) found.push(describeItem(item));
  return found;
}

function describeItem(item: JournalItem): string {
  return item.kind === 'fault'
    ? `${item.fault.verdict} ${item.stream.role}`
    : `${item.stream.role} ${item.entry.sequence} ${item.entry.event}`;
}

interface Numbered {
  readonly at: number;
  readonly sequence: number;
}

function source(name: string, writer: string, ats: readonly number[]): MergeSource<Numbered> {
  return {
    source: name,
    writer,
    // oxlint-disable-next-line typescript/require-await -- The merge reads asynchronously; these are at hand.
    batches: (async function* (): AsyncGenerator<readonly Numbered[]> {
      const all = ats.map((at, index) => ({ at, sequence: index + 1 }));
      for (let from = 0; from < all.length; from += 2) yield all.slice(from, from + 2);
    })(),
    place: (item) => (item.at < 0 ? undefined : hlcAt(item.at)),
  };
}

async function merged(...sources: readonly MergeSource<Numbered>[]): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const some of merge(sources, (item) => item.at)) found.push(...some);
  return found;
}

function make(): readonly MergeSource<Numbered>[] {
  return [
    source('a', 'w2', [1, 4, 9]),
    source('a', 'w1', [2, 4, 8]),
    source('b', 'w1', [3, 4, 7]),
    source('b', 'w0', []),
  ];
}

describe('the merge', () => {
  it('orders by clock, and is the same whatever order the streams were found in', async () => {
    const expected = [1, 2, 3, 4, 4, 4, 7, 8, 9];
    expect(await merged(...make())).toEqual(expected);
    expect(await merged(...make().toReversed())).toEqual(expected);
  });

  it('breaks ties by source, then writer, then sequence', async () => {
    const found: string[] = [];
    const sources = [source('b', 'w1', [5, 5]), source('a', 'w2', [5]), source('a', 'w1', [5])];
    const named = sources.map((one) => ({
      ...one,
      batches: label(one),
      place: () => hlcAt(5),
    }));
    for await (const some of merge(named, (item) => item)) found.push(...some);
    expect(found).toEqual(['a w1 1', 'a w2 1', 'b w1 1', 'b w1 2']);
  });

  it('lets what has no place of its own out where it stands', async () => {
    expect(await merged(source('a', 'w', [1, -7, 5]), source('b', 'w', [2, 3]))).toEqual([
      1, -7, 2, 3, 5,
    ]);
  });

  it('closes every stream when its reader stops early', async () => {
    const closed: string[] = [];
    const endless = (name: string): MergeSource<Numbered> => ({
      source: name,
      writer: 'w',
      // oxlint-disable-next-line typescript/require-await -- See above.
      batches: (async function* (): AsyncGenerator<readonly Numbered[]> {
        try {
          for (let at = 1; ; at += 1) yield [{ at, sequence: at }];
        } finally {
          closed.push(name);
        }
      })(),
      place: (item) => hlcAt(item.at),
    });
    for await (const some of merge([endless('a'), endless('b')], (item) => item.at)) {
      if (some.some((at) => at > 2)) break;
    }
    expect(closed.toSorted()).toEqual(['a', 'b']);
  });
});

async function* label(one: MergeSource<Numbered>): AsyncGenerator<readonly string[]> {
  for await (const some of one.batches) {
    yield some.map((item) => `${one.source} ${one.writer} ${item.sequence}`);
  }
}

describe('a journal', () => {
  it('keeps a stream in its own order although its clock ran backwards', async () => {
    new StreamFile(root, 'wm', 'WM', { atMs: 0 })
      .add(50, 'runner.started')
      .add(10, 'runner.stopped')
      .seal(60)
      .write();
    new StreamFile(root, 'er', 'ER', { atMs: 20 }).seal(30).write();
    expect(await items(root)).toEqual([
      'wm 1 wal.opened',
      'er 1 wal.opened',
      'er 2 wal.sealed',
      'wm 2 runner.started',
      'wm 3 runner.stopped',
      'wm 4 wal.sealed',
    ]);
  });

  it('shows the records around damage, and says that there is some', async () => {
    const wm = new StreamFile(root, 'wm', 'WM').add(1, 'runner.started').add(2, 'runner.failed');
    wm.seal(3).write();
    const bytes = readFileSync(wm.file);
    bytes[bytes.indexOf('runner.started')] = 0x52;
    writeFileSync(wm.file, bytes);
    expect(await items(root)).toEqual([
      'wm 1 wal.opened',
      'CORRUPT wm',
      'wm 3 runner.failed',
      'wm 4 wal.sealed',
    ]);
    expect((await readStory({ roots: [root] })).truth.conditions).toEqual({ damaged: 1 });
  });

  it('calls a run unknown whose end may be in the damage', async () => {
    const wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(1) });
    new RunRecords(wm, { correlationId: id, span: 2, action: 'check' }).accepted(0).completed(1, 1);
    wm.seal(3).write();
    const bytes = readFileSync(wm.file);
    bytes[bytes.indexOf('run.completed')] = 0x52;
    writeFileSync(wm.file, bytes);
    const { requests } = await readStory({ roots: [root], here: hereWith() });
    expect(requests.at(0)?.state).toBe('unknown');
  });

  it('calls a stream damaged, and what was open unknown, when a record is gone without a trace', async () => {
    const wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(1) });
    new RunRecords(wm, { correlationId: id, span: 2, action: 'check' }).accepted(0).completed(1, 1);
    wm.seal(3).write();
    const lines = readFileSync(wm.file, 'utf8').split('\n');
    writeFileSync(wm.file, lines.toSpliced(2, 1).join('\n'));
    const { requests, truth } = await readStory({ roots: [root], here: hereWith() });
    expect(requests.at(0)?.state).toBe('unknown');
    expect(truth.conditions).toEqual({ damaged: 1 });
  });

  it('counts a line that stands there twice, and reads it once', async () => {
    const wm = new StreamFile(root, 'wm', 'WM').add(1, 'runner.started').seal(3).write();
    const lines = readFileSync(wm.file, 'utf8').split('\n');
    writeFileSync(wm.file, lines.toSpliced(1, 0, lines[1] ?? '').join('\n'));
    const { truth } = await readStory({ roots: [root] });
    expect(truth).toMatchObject({ records: 3, duplicates: 1, conditions: { complete: 1 } });
  });

  it('reads up to a torn tail and calls what was open there lost', async () => {
    const wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(1) });
    new RunRecords(wm, { correlationId: id, span: 2, action: 'check' }).accepted(0).completed(1, 1);
    wm.write(7);
    const story = await readStory({ roots: [root], here: hereWith() });
    expect(story.requests.at(0)?.state).toBe('lost');
    expect(story.truth.conditions).toEqual({ torn: 1 });
  });

  it('reads a stream and its copy in another root once', async () => {
    const wm = new StreamFile(root, 'wm', 'WM');
    new RunRecords(wm, { correlationId: id, span: 2, action: 'check' }).accepted(0).completed(1, 1);
    wm.seal(3).write();
    const copy = mkdtempSync(join(tmpdir(), 'tl-read-copy-'));
    try {
      cpSync(root, copy, { recursive: true });
      const story = await readStory({ roots: [root, copy, root] });
      expect([...story.requests]).toMatchObject([{ state: 'completed', records: 2 }]);
      expect(story.truth).toMatchObject({ streams: 2, duplicates: 4 });
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('names a root that is not there, and reads the others', async () => {
    new StreamFile(root, 'wm', 'WM').seal(1).write();
    const missing = join(root, 'missing');
    const { truth } = await readStory({ roots: [missing, root] });
    expect(truth.streams).toBe(1);
    expect(truth.problems).toEqual([{ root: missing, message: `${missing} does not exist` }]);
  });

  it('reads what a later version wrote and says so', async () => {
    const wm = new StreamFile(root, 'wm', 'WM', { header: { format: 9 } });
    wm.add(1, 'quantum.entangled', { colour: 'blue' }).seal(2).write();
    expect((await readStory({ roots: [root] })).truth).toMatchObject({
      records: 3,
      foreign: 1,
      unknownEvents: 1,
    });
  });

  it('reads a root of files that hold no whole record without a word of its own', async () => {
    const directory = join(root, 'wal', 'wm', `wm-${correlation('WM')}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'wal-000001.jsonl'), '{"schema_version":2,"sequ');
    const { requests, truth } = await readStory({ roots: [root] });
    expect([...requests]).toEqual([]);
    expect(truth).toMatchObject({ streams: 1, records: 0, problems: [] });
  });
});
