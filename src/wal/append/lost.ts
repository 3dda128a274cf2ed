/** Tells the callers of records that are not in the stream. */
import { ThroughlineError } from '../../context/index.js';
import type { Batch } from './batch.js';
import { StreamLost } from '../segment/writer-options.js';

/** The host goes on without these. Returns how many records are missing, those of earlier flushes included. */
export function dropBatches(batches: readonly Batch[], error?: Error): number {
  let records = error instanceof StreamLost ? error.unsynced : 0;
  for (const batch of batches) {
    batch.settle('dropped', undefined);
    records += batch.records;
  }
  return records;
}

/** The host wanted to hear of it. */
export function refuseBatches(batches: readonly Batch[], cause: Error): void {
  const poisoned = new ThroughlineError('STREAM_POISONED', 'the WAL failed', { cause });
  for (const batch of batches) batch.refuse(poisoned);
}
