/** Where streams come from: one interface, so that a merge need not know what wrote them. */
import type { Hlc } from '../../context/index.js';
import type { Remember } from '../../wal/index.js';
import type { EntryLine } from '../entry/entry.js';
import type { Finding } from '../findings/finding.js';
import type { WriterState } from '../merge/streams.js';
import type { RootProblem } from '../merge/truth.js';

/** A line, or what is wrong between two lines. */
export type SourceItem =
  | (EntryLine & { readonly kind: 'line'; readonly hlc: string })
  | { readonly kind: 'fault'; readonly fault: SourceFault };

export interface SourceFault {
  readonly verdict: string;
  readonly file: string;
  readonly offset: number;
  readonly message: string;
  readonly bytes?: number;
  readonly sequenceFrom?: number;
  readonly sequenceTo?: number;
}

/** One stream of a source. Nothing is open before `scan` is iterated, nor after. */
export interface StreamSource {
  /** The source's name: for a root its path. */
  readonly root: string;
  readonly role: string;
  readonly writerId: string;
  /** It leaves out copies itself, and has left out so many: its sequences tell nothing. */
  readonly copies?: number;
  /** In how many files it is. */
  readonly segments?: number;
  /** Written in a later format than this reader knows. */
  readonly isLater?: boolean;
  /** Whether its writer lives, where the stream has no header that says so. */
  readonly writer?: WriterState;
  /** In order. `text` and `hlc` of an item are good until the next batch is asked for; an empty `hlc` is none. */
  scan(): AsyncIterable<readonly SourceItem[]>;
  /** Lines that hold `text`, and faults for those that hold it and are no records; absent: read everything. */
  search?(text: string, remember?: Remember): AsyncIterable<readonly SourceItem[]>;
  /** How much there is to search. */
  bytes?(): number;
  /** Its first and its last record, by a small read each, where they can be had. */
  ends?(): Promise<readonly SourceItem[]>;
  /** The reading of its first record, cheaply; `undefined` where that cannot be had. */
  first?(): Promise<Hlc | undefined>;
  /** Whether its last record is older, in microseconds since 1970, found out by one stat and one small read at most. */
  endedBefore?(microseconds: number): Promise<boolean>;
}

export interface Source {
  /**
   * Never rejects for what is on disk: that is a problem beside the streams. A stream that certainly ended before `since`,
   * in microseconds since 1970, may be left out and counted in `notRead`.
   */
  list(since?: number): Promise<{
    readonly streams: readonly StreamSource[];
    readonly problems: readonly RootProblem[];
    readonly notRead?: number;
  }>;
  /** What it found contradictory in what was listed last. */
  findings?(): readonly Finding[];
}
