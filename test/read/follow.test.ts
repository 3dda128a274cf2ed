import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { follow, openJournal, type FollowItem, type FollowOptions } from '../../src/read/index.js';
import { openStream, type Stream } from '../../src/wal/index.js';
import { generate } from '../support/generate.mjs';
import { StreamFile } from './stream-file.js';

let root = '';
let stops: AbortController[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-follow-'));
  stops = [];
});
afterEach(() => {
  for (const stop of stops) stop.abort();
  rmSync(root, { recursive: true, force: true });
});

const deadlineMs = 10_000;

class Follower {
  readonly told: string[] = [];
  cursor = '';
  readonly #stop = new AbortController();
  readonly #items: AsyncGenerator<FollowItem, void, undefined>;

  constructor(options: Partial<FollowOptions> = {}) {
    stops.push(this.#stop);
    this.#items = follow({ roots: [root], signal: this.#stop.signal, ...options });
  }

  /** Until so many lines are told, or such a line, or the deadline has passed. */
  async until(end: number | RegExp): Promise<readonly string[]> {
    const timer = setTimeout(() => this.#stop.abort(), deadlineMs);
    const isDone = (): boolean =>
      typeof end === 'number' ? this.told.length >= end : end.test(this.told.at(-1) ?? '');
    while (!isDone()) {
      const next = await this.#items.next();
      if (next.done === true) break;
      this.told.push(line(next.value));
      this.cursor = next.value.cursor;
    }
    clearTimeout(timer);
    return this.told;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#items.return();
  }
}

function line(item: FollowItem): string {
  if (item.kind === 'caught_up') return 'caught up';
  if (item.kind === 'fault') return item.fault.verdict;
  const { writerId, sequence, event } = item.entry;
  return `${writerId.slice(0, 2)} ${sequence} ${event}${item.isLate ? ' late' : ''}`;
}

function open(role: string): Promise<Stream> {
  return openStream({ root, role, segmentBytesMax: 1500 });
}

async function mark(stream: Stream, event: string): Promise<void> {
  await stream.append({ event_type: event, payload: { pad: 'x'.repeat(300) } });
}

describe('following', () => {
  it('tells what there is, then what comes, over segments and new streams', async () => {
    const wm = await open('wm');
    await mark(wm, 'test.one');
    const follower = new Follower({ from: 'start' });
    expect(await follower.until(3)).toEqual(['wm 1 wal.opened', 'wm 2 test.one', 'caught up']);
    for (const event of ['test.two', 'test.three', 'test.four']) await mark(wm, event);
    const er = await open('er');
    await mark(er, 'test.five');
    await wm.close();
    await er.close();
    const told = (await follower.until(/test\.five/)).slice(3);
    expect(
      told.filter((one) => one.includes(' test.')).map((one) => one.replace(/ \d+/, '')),
    ).toEqual(['wm test.two', 'wm test.three', 'wm test.four', 'er test.five']);
    // Two rotations: nothing of the stream is left out, its own records neither.
    const sequences = told.flatMap((one) => /^wm (\d+)/.exec(one)?.[1] ?? []).map(Number);
    expect(sequences.slice(0, 6)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('begins at the end when nothing else is asked for', async () => {
    const wm = await open('wm');
    await mark(wm, 'test.old');
    const follower = new Follower();
    expect(await follower.until(1)).toEqual(['caught up']);
    await mark(wm, 'test.new');
    expect((await follower.until(2))[1]).toBe('wm 3 test.new');
    await wm.close();
  });

  it('goes on exactly behind any cursor', async () => {
    generate(root, { streams: 4, requests: 5, isSealed: false });
    const journal = await openJournal({ roots: [root] });
    const all: string[] = [];
    for await (const item of journal.items())
      if (item.kind === 'entry') all.push(line({ ...item, isLate: false, cursor: '' }));
    expect(all).toHaveLength(44);
    for (let count = 1; count < all.length; count += 1) {
      const first = new Follower({ from: 'start' });
      const told = [...(await first.until(count))];
      await first.end();
      const second = new Follower({ cursor: first.cursor });
      const rest = (await second.until(all.length - count + 1)).filter(
        (one) => one !== 'caught up',
      );
      await second.end();
      expect([...told, ...rest.filter((one) => !/^[A-Z]/.test(one))]).toEqual(all);
    }
  });

  it('holds a record back for a slower stream, and marks one that comes later still', async () => {
    const [fast, slow] = [new StreamFile(root, 'wm', 'WM'), new StreamFile(root, 'er', 'ER')];
    fast.write();
    slow.write();
    const follower = new Follower({ from: 'start', holdMs: 50 });
    await follower.until(3);
    fast.add(100, 'test.fast').write();
    expect((await follower.until(4))[3]).toBe('wm 2 test.fast');
    slow.add(50, 'test.slow').write();
    expect((await follower.until(5))[4]).toBe('er 2 test.slow late');
  });

  it('refuses what is no cursor', async () => {
    await expect(new Follower({ cursor: 'tl1.nonsense' }).until(1)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  });
});
