/// <reference lib="esnext.disposable" preserve="true" />
/** What a recorder holds of its stream. */
import type { Appended, Durability, RecordInput, StreamMetrics, StreamState } from '../types.js';

export interface AppendOptions {
  /** Default `barrier`. */
  readonly durability?: Durability | undefined;
}

export interface Stream {
  /** `<role>-<ULID>`. Another one after a lost stream was replaced. */
  readonly writerId: string;
  readonly root: string;
  readonly directory: string;
  readonly state: StreamState;
  /**
   * Appends one record. Rejects with `RECORD_INVALID` (nothing happened), `APPEND_REJECTED` (no room),
   * `STREAM_CLOSED` or, unless the stream degrades, `STREAM_POISONED`. Look at `outcome` for what is durable.
   */
  append(record: RecordInput, options?: AppendOptions): Promise<Appended>;
  /** Everything appended before is durable, or lost, when this resolves. */
  flush(): Promise<void>;
  metrics(): StreamMetrics;
  /** Flushes, seals and frees, within `closeWaitMsMax`. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
