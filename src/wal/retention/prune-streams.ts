/** `prune` with a journal of its own, for the command line and for hosts that want it now. */
import { prune, type PruneOptions, type PruneReport } from './prune.js';
import { openPruneJournal } from '../stream.js';

/**
 * Removes finished streams that are too old, and the oldest while there is too much. Rejects with `ROOT_UNUSABLE`
 * when the root cannot be read, or nothing can be recorded in it: then nothing was removed either.
 */
export function pruneStreams(options: PruneOptions): Promise<PruneReport> {
  return prune(options, (root) => openPruneJournal(root));
}
