/** Tells the callers of records that are not in the stream. */
import { ThroughlineError } from '../../context/index.js';
import { refuse, settle, type Entry } from './entry.js';
import { StreamLost } from '../segment/writer-options.js';

/** The host goes on without these. Returns how many records are missing, those of earlier flushes included. */
export function dropEntries(entries: readonly Entry[], error?: Error): number {
  for (const entry of entries) settle(entry, 'dropped', undefined);
  return entries.length + (error instanceof StreamLost ? error.unsynced : 0);
}

/** The host wanted to hear of it. */
export function refuseEntries(entries: readonly Entry[], cause: Error): void {
  const poisoned = new ThroughlineError('STREAM_POISONED', 'the WAL failed', { cause });
  for (const entry of entries) refuse(entry, poisoned);
}
