/**
 * Outlives its thread. One that died, out of memory or ended by its host, fails the operation under way, as a disk does:
 * nobody knows what became of it. The next operation has a new thread.
 */
import type { Executor } from './executor.js';

export interface ThreadExecutor extends Executor {
  /** The thread is no more, and every further operation fails. */
  readonly isEnded: boolean;
}

/** Where no thread can be started each operation says why, and the next one tries again. */
export function lastingExecutor(start: () => ThreadExecutor): Executor {
  let thread: ThreadExecutor | undefined;
  let isFreed = false;
  function current(): ThreadExecutor {
    if (isFreed) throw new Error('the sync worker was freed');
    if (thread?.isEnded !== false) thread = start();
    return thread;
  }
  try {
    // Now, so that it is ready when the first file is made.
    current();
  } catch {
    // The first operation will say so.
  }
  return {
    run(operation) {
      try {
        return current().run(operation);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    runSync: (operation) => (thread ?? current()).runSync(operation),
    settleSync: (waitMsMax) => thread?.settleSync(waitMsMax) ?? true,
    async dispose() {
      isFreed = true;
      await thread?.dispose();
    },
  };
}
