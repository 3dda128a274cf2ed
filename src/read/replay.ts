/**
 * Rebuilding state from records, for people who have a reducer. Calls the reducer and nothing else: no record is ever
 * executed, no handler started, no file written.
 */
import type { Entry } from './entry/entry.js';

/** What a reducer has made of the records up to one of them. */
export interface Replayed<State> {
  readonly state: State;
  /** The last record that was taken in, of the merge order; give it as `from` to go on behind it. */
  readonly last: ReplayPosition | undefined;
  readonly records: number;
}

/** A place in the merge order: just behind this record. */
export interface ReplayPosition {
  readonly hlc: string;
  readonly root: string;
  readonly writerId: string;
  readonly sequence: number;
}

export interface ReplayFrom<State> {
  readonly state: State;
  /** Records up to and with this one are passed over. */
  readonly last?: ReplayPosition | undefined;
}

/**
 * Folds `records`, which are in merge order, into a state. What the reducer throws, or rejects with, ends the replay and
 * is the caller's to see.
 */
export async function replay<State>(
  records: AsyncIterable<Entry> | Iterable<Entry>,
  reducer: (state: State, entry: Entry) => State | Promise<State>,
  from: ReplayFrom<State>,
): Promise<Replayed<State>> {
  let { state, last } = from;
  let count = 0;
  for await (const entry of records) {
    if (last !== undefined && !isBehind(entry, last)) continue;
    state = await reducer(state, entry);
    last = positionOf(entry);
    count += 1;
  }
  return { state, last, records: count };
}

/** The place just behind `entry`. */
export function positionOf(entry: Entry): ReplayPosition {
  const { root, writerId, sequence } = entry;
  return { hlc: entry.at.hlc, root, writerId, sequence };
}

function isBehind(entry: Entry, last: ReplayPosition): boolean {
  if (entry.at.hlc !== last.hlc) return entry.at.hlc > last.hlc;
  if (entry.root !== last.root) return entry.root > last.root;
  if (entry.writerId !== last.writerId) return entry.writerId > last.writerId;
  return entry.sequence > last.sequence;
}
