/** What the recorder needs of a stream: the WAL's own in a host, one in memory in a unit test. */
import type { Durability, RecordInput, StreamMetrics } from '../wal/index.js';

export interface RecordStream {
  readonly writerId: string;
  /** The absolute path of the root the stream lies under. */
  readonly root: string;
  /**
   * Two appends made in the same tick ride in one flush. `dropped` says that the stream goes on without the record.
   */
  append(
    record: RecordInput,
    options: { readonly durability: Durability },
  ): Promise<{ readonly outcome: string }>;
  flush(): Promise<void>;
  metrics(): StreamMetrics;
  close(): Promise<void>;
}
