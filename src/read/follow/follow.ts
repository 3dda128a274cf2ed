/**
 * New records as they are written, over new streams and segments, in merge order as far as slow streams allow. Opens
 * read-only and keeps no file open between two looks; it never waits for a writer and never says that one is done.
 */
import { resolve } from 'node:path';
import { hlcAt, type Hlc } from '../../context/index.js';
import { formatCursor, isBefore, parseCursor, type Cursor } from './cursor.js';
import type { Entry } from '../entry/entry.js';
import type { FollowItem, FollowOptions } from './follow-types.js';
import { compareText } from '../merge/heap.js';
import { openJournal } from '../merge/journal.js';
import { Tails, type News, type StreamEnd } from './tails.js';
import { Wake } from './wake.js';

const holdMsDefault = 100;

/** Ends when `signal` says so. Throws `ARGUMENT_INVALID` for an unreadable cursor, before anything is read. */
export async function* follow(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined> {
  const given = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  const wake = new Wake(options.pollIntervalMs, options.signal);
  const tails = new Tails([...new Set(options.roots.map((root) => resolve(root)))], wake);
  const front = new Front(given, tails);
  try {
    if (given === undefined && options.from !== 'start') {
      front.begin(await tails.skip());
    } else {
      yield* backlog(options, given, { tails, front });
    }
    yield { kind: 'caught_up', cursor: front.cursor() };
    yield* live(options, { tails, front, wake });
  } finally {
    wake.close();
  }
}

type EntryItem = Extract<FollowItem, { kind: 'entry' }>;
type EntryNews = Extract<News, { kind: 'entry' }>;

interface Parts {
  readonly tails: Tails;
  readonly front: Front;
}

/** What there is already, in merge order. */
async function* backlog(
  options: FollowOptions,
  given: Cursor | undefined,
  { tails, front }: Parts,
): AsyncGenerator<FollowItem, void, undefined> {
  const journal = await openJournal(options);
  for await (const item of journal.items()) {
    if (item.kind === 'fault') {
      // Where a stream ends for now is no news to whoever waits for more of it.
      const isEnd = item.fault.verdict === 'UNSEALED' || item.fault.verdict === 'TORN';
      if (given === undefined && !isEnd) yield { ...item, cursor: front.cursor() };
      continue;
    }
    tails.known(item.entry, item.stream);
    if (given === undefined || !isBefore(given, item.entry)) yield front.pass(item);
  }
}

/** What comes: held back a little, so that a record of a slower stream can still go before it. */
async function* live(
  options: FollowOptions,
  { tails, front, wake }: Parts & { readonly wake: Wake },
): AsyncGenerator<FollowItem, void, undefined> {
  const holdMs = options.holdMs ?? holdMsDefault;
  let held: { readonly news: EntryNews; readonly sinceMs: number }[] = [];
  while (options.signal?.aborted !== true) {
    const now = performance.now();
    for (const news of await tails.look()) {
      if (news.kind === 'fault') yield { ...news, cursor: front.cursor() };
      else held.push({ news, sinceMs: now });
    }
    // Held long enough, or before one that was.
    let due: Hlc | undefined;
    for (const { news, sinceMs } of held) {
      const { hlc } = news.entry.at;
      if (now - sinceMs >= holdMs && (due === undefined || hlc > due)) due = hlc;
    }
    const passing = held.filter(({ news }) => due !== undefined && news.entry.at.hlc <= due);
    held = held.filter((one) => !passing.includes(one));
    passing.sort((a, b) => compareNews(a.news, b.news));
    for (const { news } of passing) if (!front.isPassed(news.entry)) yield front.pass(news);
    const oldest = held.reduce((least, { sinceMs }) => Math.min(least, sinceMs), Infinity);
    await wake.wait(Math.max(1, oldest + holdMs - performance.now()));
  }
}

/** How far following has come: what the cursor is made of. */
class Front {
  #hlc: Hlc;
  readonly #positions: Map<string, number>;
  readonly #tails: Tails;

  constructor(given: Cursor | undefined, tails: Tails) {
    this.#hlc = given?.hlc ?? hlcAt(0);
    this.#positions = new Map(given?.positions);
    this.#tails = tails;
  }

  /** The same stream may be in two roots. */
  isPassed({ writerId, sequence }: Entry): boolean {
    return sequence <= (this.#positions.get(writerId) ?? 0);
  }

  pass({ entry, stream }: Pick<EntryItem, 'entry' | 'stream'>): FollowItem {
    const { hlc } = entry.at;
    const isLate = hlc < this.#hlc;
    if (!isLate) this.#hlc = hlc;
    this.#positions.set(entry.writerId, entry.sequence);
    const isLast = entry.event === 'wal.sealed' && entry.payload['next'] === null;
    // What is sealed for good is behind the reading, and so it is behind the cursor.
    if (isLast && !isLate && this.#tails.isOver(stream.root, entry.writerId)) {
      this.#positions.delete(entry.writerId);
    }
    return this.#withCursor({ kind: 'entry', entry, stream, isLate });
  }

  /** Everything that these streams have is passed over. */
  begin(ends: readonly StreamEnd[]): void {
    for (const { writerId, sequence, hlc } of ends) {
      if (sequence > 0) this.#positions.set(writerId, sequence);
      if (hlc > this.#hlc) this.#hlc = hlc;
    }
  }

  /** The cursor is put together when it is asked for: it is as long as there are streams that live. */
  #withCursor(item: Omit<EntryItem, 'cursor'>): FollowItem {
    const cursor = (): string => this.cursor();
    return {
      ...item,
      get cursor() {
        return cursor();
      },
    };
  }

  cursor(): string {
    return formatCursor({ hlc: this.#hlc, positions: this.#positions });
  }
}

function compareNews(
  a: Extract<News, { kind: 'entry' }>,
  b: Extract<News, { kind: 'entry' }>,
): number {
  return (
    compareText(a.entry.at.hlc, b.entry.at.hlc) ||
    compareText(a.entry.root, b.entry.root) ||
    compareText(a.entry.writerId, b.entry.writerId) ||
    a.entry.sequence - b.entry.sequence
  );
}
