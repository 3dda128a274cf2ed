/** What following yields. No behaviour. */
import type { Entry } from '../entry/entry.js';
import type { JournalOptions } from '../merge/journal.js';
import type { StreamFault, StreamReport } from '../merge/streams.js';

/** What is used of an `AbortSignal`. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

export interface FollowOptions extends JournalOptions {
  /** Go on exactly behind what was yielded with this cursor. Throws `ARGUMENT_INVALID` when it is none. */
  readonly cursor?: string | undefined;
  /** Without a cursor: everything there is, or only what is new. Default `end`. */
  readonly from?: 'start' | 'end' | undefined;
  /** How long a record is held back so that one of a slower stream can still go before it. Default 100. */
  readonly holdMs?: number | undefined;
  /** How often is looked without being told of a change. Default 1000, and 200 where the system tells nothing. */
  readonly pollIntervalMs?: number | undefined;
  readonly signal?: StopSignal | undefined;
}

/**
 * `entry`: a record, with the cursor behind it: take it before you ask for the next item. `isLate`: records that belong behind it were yielded before it.
 * `fault`: damage in what is new. `caught_up`: everything there was when following began has been yielded; once.
 */
export type FollowItem =
  | {
      readonly kind: 'entry';
      readonly entry: Entry;
      readonly stream: StreamReport;
      readonly isLate: boolean;
      readonly cursor: string;
    }
  | {
      readonly kind: 'fault';
      readonly fault: StreamFault;
      readonly stream: StreamReport;
      readonly cursor: string;
    }
  | { readonly kind: 'caught_up'; readonly cursor: string };
