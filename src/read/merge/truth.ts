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
  /** Streams that were searched for an id and not checked as a whole: their conditions are not counted. */
  readonly searched: number;
  readonly problems: readonly RootProblem[];
}

/** What a search may come upon; that a stream is complete it cannot tell. */
const shown: ReadonlySet<StreamCondition> = new Set(['damaged', 'torn', 'gap', 'unreadable']);

/** Counts the streams. `searched`: streams that are not among them, because nothing was found in them. */
export function truthOf(
  streams: readonly StreamReport[],
  problems: readonly RootProblem[] = [],
  counts: {
    readonly attemptsUnseen?: number;
    readonly notRead?: number;
    readonly searched?: number;
  } = {},
): Truth {
  const conditions: Partial<Record<StreamCondition, number>> = {};
  let searched = counts.searched ?? 0;
  let [records, duplicates, foreign, unknownEvents] = [0, 0, 0, 0];
  for (const stream of streams) {
    if (!stream.isWhole && !shown.has(stream.condition)) searched += 1;
    else conditions[stream.condition] = (conditions[stream.condition] ?? 0) + 1;
    records += stream.records;
    duplicates += stream.duplicates;
    if (stream.isForeign) foreign += 1;
    unknownEvents += stream.unknownEvents;
  }
  return {
    streams: streams.length + (counts.searched ?? 0),
    conditions,
    records,
    duplicates,
    foreign,
    unknownEvents,
    attemptsUnseen: counts.attemptsUnseen ?? 0,
    notRead: counts.notRead ?? 0,
    searched,
    problems,
  };
}
