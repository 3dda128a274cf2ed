/** What a span is, as the reader sees it. No behaviour. */
import type { CorrelationId, Link, Origin, SpanId } from '../../context/index.js';
import type { JsonObject, Moment } from '../entry/entry.js';
import type { JoinConfidence, SpanKind } from './span-words.js';

export type { JoinConfidence, SpanKind } from './span-words.js';

/**
 * `completed`, `failed`, `cancelled`, `rejected`: as recorded. `in_flight`: open, and its writer lives. `lost`: open,
 * and its writer is provably gone. `unknown`: open, and nothing can be proved.
 */
export type State =
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'rejected'
  | 'in_flight'
  | 'lost'
  | 'unknown';

/** A file that was written, as recorded. */
export interface Effect {
  readonly path: string;
  readonly change: string;
  readonly before?: ContentHash;
  readonly after?: ContentHash;
  /** Not reported by whoever wrote the file but concluded from comparing it: another process may have written it. */
  readonly inferred: boolean;
  readonly at: Moment;
  readonly writerId: string;
}

export interface ContentHash {
  readonly sha256: string;
  readonly bytes?: number;
}

/** One span. Filled while entries are read, then judged once; callers get it read-only. */
export interface Span {
  readonly correlationId: CorrelationId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
  readonly kind: SpanKind;
  /** The action, handler or runner. */
  readonly name: string;
  /** The stream of its first record. */
  readonly root: string;
  readonly writerId: string;
  /** Absent: its start was recorded in no stream. */
  readonly started: Moment | undefined;
  /** Absent: no terminal record. */
  readonly ended: Moment | undefined;
  readonly first: Moment;
  readonly last: Moment & { readonly event: string };
  readonly durationMs: number | undefined;
  readonly records: number;
  /** How many terminal records there were; more than one is contradictory. */
  readonly terminals: number;
  readonly state: State;
  readonly open: boolean;
  /** Why it is so, in words. */
  readonly why: string;
  readonly error:
    | { readonly code?: string; readonly class?: string; readonly message?: string }
    | undefined;
  readonly answered: boolean | undefined;
  /** Its end is the answer of whom it was sent to: an attempt that no stream tells of is what the answer says. */
  readonly isAnswerOfAttempt: boolean;
  /** A cancel was asked for, or the client went away; handlers may run on. */
  readonly cancelRequested: string | undefined;
  /** When that was first recorded. */
  readonly cancelRequestedAt: Moment | undefined;
  readonly clientGone: boolean;
  readonly clientGoneAt: Moment | undefined;
  readonly attempt: number | undefined;
  readonly runner: string | undefined;
  readonly runId: string | undefined;
  readonly trigger: string | undefined;
  readonly env: string | undefined;
  readonly origin: Origin | undefined;
  readonly peer: JsonObject | undefined;
  readonly links: readonly Link[];
  readonly isNewRoot: boolean;
  /** Absent: nothing was joined. */
  readonly join: JoinConfidence | undefined;
  /** Of an ambiguous join: the spans that may be its cause. */
  readonly candidates: readonly Link[];
  /** Nobody recorded that it ended: its parts did. */
  readonly isEndInferred: boolean;
  /** A later incarnation closed this lost run. */
  readonly resolution: string | undefined;
  readonly effects: readonly Effect[];
  readonly children: readonly Span[];
}

/** The same, while it is being filled. */
export type SpanDraft = {
  -readonly [Key in Exclude<keyof Span, 'effects' | 'children'>]: Span[Key];
} & { effects: Effect[]; children: SpanDraft[] };
