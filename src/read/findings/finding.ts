/** What reconciling says, and how a record is named as its proof. */
import type { CorrelationId, SpanId } from '../../context/index.js';
import type { Entry } from '../entry/entry.js';

/**
 * - `dispatched_unseen`: an attempt was recorded, and the runner's stream, which can be read, has nothing of it.
 * - `ended_unrecorded`: the runner's run ended, and who asked for it was gone before it could record that.
 * - `ended_twice`: more than one terminal record.
 * - `effect_before_cause`: a record sorts before the one that caused it.
 * - `orphan_parent`: the cause that a span names should be in a stream and is in none.
 * - `repeated`: two runs were accepted for one attempt or message.
 * - `clock_step`: a writer's wall clock was set, or ran so far ahead that it was not followed.
 *
 * And of FineCode's own WAL (docs/finecode.md):
 * - `run_unrecorded`: a runner recorded a run of which its WM recorded nothing.
 * - `run_dangling`: a run of which no end is recorded.
 * - `join_ambiguous`: several requests may have caused a run; it is joined to none.
 * - `line_glued`: half a record with the next one glued to it, or a line that is none.
 * - `file_shared`: two processes append to one file.
 */
export type FindingName =
  | 'clock_step'
  | 'dispatched_unseen'
  | 'effect_before_cause'
  | 'ended_twice'
  | 'ended_unrecorded'
  | 'file_shared'
  | 'join_ambiguous'
  | 'line_glued'
  | 'orphan_parent'
  | 'repeated'
  | 'run_dangling'
  | 'run_unrecorded';

/** What it means for whoever has to decide whether to run the work again. */
export type Recovery = 'safe to re-run' | 'already done' | 'unknown';

/** Where the proof stands. */
export interface RecordReference {
  readonly root: string;
  readonly writerId: string;
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
  readonly event: string;
  /** As written. */
  readonly ts: string;
}

export interface Finding {
  readonly name: FindingName;
  readonly message: string;
  readonly recovery: Recovery;
  /** Why that recovery, in words. */
  readonly because: string;
  readonly records: readonly RecordReference[];
  /** The request it is about; absent for what is about a stream. */
  readonly correlationId?: CorrelationId;
  readonly entrySpanId?: SpanId;
  readonly spanId?: SpanId;
  /** For `repeated`: how the second came to be. */
  readonly repeat?: 'duplicate delivery' | 'probably a retry' | 'unknown';
}

export function referenceOf(entry: Entry): RecordReference {
  const { root, writerId, sequence, file, offset, event, at } = entry;
  return { root, writerId, sequence, file, offset, event, ts: at.ts };
}
