/** The truth about what was read: counts of everything that could make an answer incomplete. */
import type { StreamCondition, StreamReport } from './streams.js';

/** A root that could not be read, or held nothing. */
export interface RootProblem {
  readonly root: string;
  readonly message: string;
}

/** Every view ends with this. */
export interface Truth {
  readonly streams: number;
  /** How many streams are in each condition. */
  readonly conditions: Readonly<Partial<Record<StreamCondition, number>>>;
  readonly records: number;
  readonly duplicates: number;
  /** Streams written in a later format than this reader knows. */
  readonly foreign: number;
  /** Records whose event type this reader does not know. */
  readonly unknownEvents: number;
  /** Attempts at a runner that are not in flight and of which no stream that was read tells. */
  readonly attemptsUnseen: number;
  /** Streams of which only the last record was looked at, because it is older than what was asked for. */
  readonly notRead: number;
  readonly problems: readonly RootProblem[];
}

/** Counts the streams. */
export function truthOf(
  streams: readonly StreamReport[],
  problems: readonly RootProblem[] = [],
  counts: { readonly attemptsUnseen?: number; readonly notRead?: number } = {},
): Truth {
  const conditions: Partial<Record<StreamCondition, number>> = {};
  let [records, duplicates, foreign, unknownEvents] = [0, 0, 0, 0];
  for (const stream of streams) {
    conditions[stream.condition] = (conditions[stream.condition] ?? 0) + 1;
    records += stream.records;
    duplicates += stream.duplicates;
    if (stream.isForeign) foreign += 1;
    unknownEvents += stream.unknownEvents;
  }
  return {
    streams: streams.length,
    conditions,
    records,
    duplicates,
    foreign,
    unknownEvents,
    attemptsUnseen: counts.attemptsUnseen ?? 0,
    notRead: counts.notRead ?? 0,
    problems,
  };
}
