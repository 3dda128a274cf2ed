/**
 * What an exporter is: requests in, one format out, a chunk at a time. An exporter opens no file and no connection and
 * holds no more than a batch: requests are put together as they are asked for and let go again.
 */
import type { Entry, Request, StreamReport, Truth } from '../read/index.js';
import type { TableName } from './tables/table.js';

/** Where an exporter writes. Resolves when it takes more; rejects when it never will again. */
export interface Sink {
  write(chunk: Uint8Array | string): Promise<void>;
}

export interface ExportSource {
  /** In any order; iterate once and keep none. */
  readonly requests: Iterable<Request>;
  /** All that was read, also where nothing of it is exported. */
  readonly streams: readonly StreamReport[];
  readonly truth: Truth;
  /** The records of what is exported, in merge order; absent where none are asked for. */
  readonly entries?: () => AsyncIterable<Entry>;
  /** Which table is wanted, of a format that has tables. Default: `runs`. */
  readonly table?: TableName;
}

/** What was written. */
export interface Exported {
  readonly requests: number;
  readonly spans: number;
  /** Rows of a table that is not one of spans. */
  readonly rows?: number;
  /** A sentence for each kind of thing that was not written, or not whole. */
  readonly leftOut: readonly string[];
}

/** Writes all of the source in one format. Rejects with what the sink rejects with. */
export type Exporter = (source: ExportSource, sink: Sink) => Promise<Exported>;
