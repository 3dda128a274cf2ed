/** The vocabulary of the WAL: what is appended, what is read back, what the writer says about itself. */
import type { Hlc, Origin } from '../context/index.js';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json | undefined;
}
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * `barrier`: resolves after the datasync. `relaxed`: rides on the next flush, at most `relaxedDelayMsMax` later.
 * `none`: written as `relaxed` is, but never the reason for a datasync.
 */
export type Durability = 'barrier' | 'relaxed' | 'none';

export interface RecordLink {
  readonly trace_id: string;
  readonly span_id: string;
}

/** What a caller appends. `ts`, `hlc`, `sequence` and `writer_id` are the stream's to set. */
export interface RecordInput {
  /** `object.verb_past`, lower case. */
  readonly event_type: string;
  readonly project_path?: string | undefined;
  readonly payload?: JsonObject | undefined;
  readonly wal_run_id?: string | undefined;
  readonly action_name?: string | undefined;
  readonly trigger?: string | undefined;
  readonly dev_env?: string | undefined;
  readonly env_name?: string | undefined;
  readonly correlation_id?: string | undefined;
  readonly span_id?: string | undefined;
  readonly parent_span_id?: string | undefined;
  readonly links?: readonly RecordLink[] | undefined;
  readonly origin?: Origin | undefined;
  readonly peer?: JsonObject | undefined;
}

/** One parsed line. Members that this version does not know are kept. */
export interface WalRecord {
  readonly schema_version: number;
  readonly sequence: number;
  readonly ts: string;
  readonly event_type: string;
  readonly project_path: string;
  readonly writer_id: string;
  readonly payload: JsonObject;
  readonly wal_run_id?: string;
  readonly action_name?: string;
  readonly trigger?: string;
  readonly dev_env?: string;
  readonly env_name?: string;
  readonly correlation_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
  readonly links?: readonly RecordLink[];
  readonly hlc?: string;
  readonly origin?: Origin;
  readonly peer?: JsonObject;
  readonly synced?: number;
  readonly prev?: string;
  readonly crc?: string;
  readonly [member: string]: unknown;
}

/**
 * What became of an append. `durable`: on disk. `queued`: encoded and in the queue (`relaxed`, `none`). `late`: still
 * not durable after `barrierWaitMsMax`; the host goes on. `dropped`: the stream is degraded; `wal.gap` will say so.
 */
export type Outcome = 'durable' | 'queued' | 'late' | 'dropped';

export interface Appended {
  readonly outcome: Outcome;
  /** Known once the record is in a flush: for `durable` only. */
  readonly sequence: number | undefined;
  readonly hlc: Hlc;
}

export type StreamState = 'open' | 'degraded' | 'poisoned' | 'closed';

/**
 * What a stream does when neither its file nor a second one can be written. `degrade`: appends resolve as `dropped`,
 * a new stream is tried for, `wal.gap` says what is missing. `reject`: appends reject. `exit`: the process ends.
 */
export type OnFailure = 'degrade' | 'reject' | 'exit';

export interface Limits {
  /** One encoded record. Default 1 MiB. */
  readonly recordBytesMax?: number;
  /** A segment is rotated once it has this size. Default 8 MiB. */
  readonly segmentBytesMax?: number;
  /** One flush. Default 1 MiB. */
  readonly flushBytesMax?: number;
  /** Encoded records waiting for their flush. Default 16 MiB. */
  readonly bytesPendingMax?: number;
  /** How long `relaxed` and `none` records wait for company. Default 100. */
  readonly relaxedDelayMsMax?: number;
  /** How long a barrier, or a caller waiting for room, is held. Default 1000. */
  readonly barrierWaitMsMax?: number;
  /** How often `wal.alive` is written while a run is open. Default 10,000. */
  readonly aliveIntervalMs?: number;
  /** The first wait before a degraded stream is tried anew; doubles up to a minute. Default 1000. */
  readonly reopenDelayMs?: number;
  /** How long `close()` waits for a datasync that hangs. Default 10,000. */
  readonly closeWaitMsMax?: number;
}

export interface StreamMetrics {
  readonly records: number;
  readonly bytes: number;
  readonly flushes: number;
  readonly syncs: number;
  readonly rotations: number;
  readonly failovers: number;
  readonly late: number;
  readonly dropped: number;
  readonly bytesPending: number;
  readonly recordsPending: number;
  readonly flushRecordsMax: number;
  /** Flush durations (write and datasync): how many took at most `leMs`; the last bucket has no bound. */
  readonly syncHistogram: readonly { readonly leMs: number; readonly count: number }[];
  /** Code and message of the last write, sync or create error. */
  readonly lastError: string | undefined;
}
