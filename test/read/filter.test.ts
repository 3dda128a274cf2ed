import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Newest,
  openJournal,
  parseMatch,
  readStory,
  recordFilter,
  replay,
  type Entry,
  type RecordFilter,
} from '../../src/read/index.js';
import { hereWith, writtenBy } from './here.js';
import { correlation, epoch, RunRecords, StreamFile } from './stream-file.js';

let root = '';
const id = correlation('A1B2C3D');

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-filter-'));
  const wm = new StreamFile(root, 'wm', 'WM', { header: writtenBy(10) });
  new RunRecords(wm, {
    correlationId: id,
    span: 2,
    parent: 1,
    action: 'check',
    origin: { front: 'mcp', client: 'zed' },
  })
    .accepted(0)
    .dispatched(10, 3, 'er-lint')
    .completed(20, 20);
  wm.seal(30).write();
  const old = new StreamFile(root, 'er', 'EX', { atMs: -100_000 });
  old.seal(-99_000).write();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function entries(): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const item of (await openJournal({ roots: [root] })).items()) {
    if (item.kind === 'entry') found.push(item.entry);
  }
  return found;
}

async function events(filter: RecordFilter): Promise<readonly string[]> {
  return (await entries()).filter(recordFilter(filter)).map(({ event }) => event);
}

function matches(...texts: readonly string[]): RecordFilter {
  return { matches: texts.flatMap((text) => parseMatch(text) ?? []) };
}

function addEvent(state: string, entry: Entry): string {
  return `${state} ${entry.event}`;
}

function failing(): never {
  throw new RangeError('mine');
}

async function at(ms: number): Promise<readonly string[]> {
  const story = await readStory({ roots: [root], here: hereWith(), at: epoch + ms * 1000 });
  return [...story.requests].map(({ state, spans }) => `${state} ${spans}`);
}

describe('a filter', () => {
  it.each([
    [['event_type=run.accepted'], ['run.accepted']],
    [
      ['event_type=run.accepted', 'event_type=run.completed'],
      ['run.accepted', 'run.completed'],
    ],
    [['event_type=run.accepted', 'action_name=other'], []],
    [['payload.runner=er-lint'], ['run.dispatched']],
    [['payload.attempt=1'], ['run.dispatched']],
    [['origin.client=zed', 'payload.answered=true'], ['run.completed']],
    [[`correlation_id=${id}`, 'role=wm', 'event_type=run.completed'], ['run.completed']],
    [['payload.__proto__=x'], []],
  ])('takes %j as: any of one field, all fields', async (texts, expected) => {
    expect(await events(matches(...texts))).toEqual(expected);
  });

  it('takes both spellings of an id for one', async () => {
    const traceId = (await readStory({ roots: [root] })).requests.at(0)?.traceId ?? '';
    expect(await events(matches(`correlation_id=${traceId}`))).toHaveLength(3);
  });

  it('takes times from, and up to and without', async () => {
    expect(await events({ since: epoch + 10_000, until: epoch + 20_000 })).toEqual([
      'run.dispatched',
    ]);
  });

  it.each(['', '=x', 'x', 'Field=x', 'a..b=x', '1=x'])(
    'does not take %j for a condition',
    (text) => {
      expect(parseMatch(text)).toBeUndefined();
    },
  );

  it('keeps the newest and counts what it let go', () => {
    const newest = new Newest<number>(3);
    for (const number of [1, 2, 3, 4, 5]) newest.add(number);
    expect([newest.items(), newest.dropped]).toEqual([[3, 4, 5], 2]);
  });
});

describe('a replay', () => {
  it('folds in merge order, and goes on where it stopped', async () => {
    const all = await entries();
    const half = await replay(all.slice(0, 4), addEvent, { state: '' });
    const rest = await replay(all, addEvent, half);
    expect(rest.state).toBe(
      ' wal.opened wal.sealed wal.opened run.accepted run.dispatched run.completed wal.sealed',
    );
    expect([half.records, rest.records]).toEqual([4, 3]);
  });

  it('hands on what the reducer throws', async () => {
    await expect(replay(await entries(), failing, { state: 0 })).rejects.toThrow(
      new RangeError('mine'),
    );
  });
});

describe('a story', () => {
  it('as of a time has nothing that was recorded later', async () => {
    expect(await at(-1)).toEqual([]);
    expect(await at(5)).toEqual(['in_flight 1']);
    expect(await at(15)).toEqual(['in_flight 2']);
    expect(await at(25)).toEqual(['completed 2']);
  });

  it('since a time leaves out streams that ended before, and says so', async () => {
    const { truth } = await readStory({ roots: [root], since: epoch - 50_000_000 });
    expect(truth).toMatchObject({ streams: 1, notRead: 1, records: 5 });
  });
});
