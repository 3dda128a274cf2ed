/**
 * New records as they are written, over new streams and segments, in merge order as far as slow streams allow. Opens
 * read-only and keeps nothing open between two looks; it never waits for a writer and never says that one is done.
 */
import { hlcAt, type Hlc } from '../context/index.js';
import { formatCursor, isBefore, parseCursor, type Cursor } from './cursor.js';
import type { FollowItem, FollowOptions } from './follow-types.js';
import { openJournal, type JournalItem } from './journal.js';

const pollMsDefault = 1000;

/** Ends when `signal` says so. Throws `ARGUMENT_INVALID` for an unreadable cursor, before anything is read. */
export async function* follow(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined> {
  const given = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  let hlc: Hlc = given?.hlc ?? hlcAt(0);
  const positions = new Map(given?.positions);
  let from: Cursor = given ?? { hlc, positions: new Map() };
  let isFirst = true;
  let isSilent = given === undefined && options.from !== 'start';
  while (options.signal?.aborted !== true) {
    for (const item of await look(options, from)) {
      if (item.kind === 'fault') continue;
      const { entry, stream } = item;
      const isLate = entry.at.hlc < hlc;
      if (!isLate) hlc = entry.at.hlc;
      positions.set(entry.writerId, entry.sequence);
      const cursor = formatCursor({ hlc, positions });
      if (!isSilent) yield { kind: 'entry', entry, stream, isLate, cursor };
    }
    from = { hlc, positions };
    isSilent = false;
    if (isFirst) yield { kind: 'caught_up', cursor: formatCursor(from) };
    isFirst = false;
    await pause(options.pollIntervalMs ?? pollMsDefault, options.signal);
  }
}

async function look(options: FollowOptions, from: Cursor): Promise<readonly JournalItem[]> {
  const journal = await openJournal(options);
  const found: JournalItem[] = [];
  for await (const item of journal.items()) {
    if (item.kind === 'entry' && !isBefore(from, item.entry)) found.push(item);
  }
  return found;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
  });
}
