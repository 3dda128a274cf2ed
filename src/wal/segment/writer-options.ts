/** What a `StreamWriter` is given, what it answers, and how it ends. */
import type { Hlc } from '../../context/index.js';
import type { Signer } from './checkpoint.js';
import type { Executor } from '../disk/executor.js';
import type { HeaderParts } from './segment-records.js';
import type { RecordInput } from '../types.js';

export interface WriterOptions {
  readonly executor: Executor;
  /** Absolute; levels are made if absent, outermost first, the stream's own directory last. */
  readonly directories: readonly string[];
  readonly parent: string;
  readonly writerId: string;
  readonly header: Omit<HeaderParts, 'segment' | 'predecessor' | 'supersedes'>;
  /** Encodes one of the stream's own records, at a reading of the clock. */
  readonly encode: (record: RecordInput, at: Hlc | undefined) => string;
  readonly clockSteps: () => number;
  /** Signs what a seal says; its answer is put into the seal. */
  readonly sign?: Signer | undefined;
  /** Is given a seal's checkpoint once it is durable. */
  readonly onCheckpoint?: ((note: string) => void) | undefined;
  readonly segmentBytesMax: number;
  /** At most so many newlines are written ahead at a time; 0 for none. */
  readonly preallocateBytes: number;
}

/** What the flush did, besides writing. */
export interface FlushResult {
  /** The sequence behind the last body given. */
  readonly next: number;
  readonly bytes: number;
}

/** Neither the file nor a second one could be written. */
export class StreamLost extends Error {
  override readonly name = 'StreamLost';
  /** Records of earlier flushes that were written and never synced: lost as well. */
  readonly unsynced: number;

  constructor(message: string, unsynced: number, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.unsynced = unsynced;
  }
}
