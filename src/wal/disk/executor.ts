/** Where operations run: inline in the caller's thread (one-shot commands, tests), or on a dedicated worker. */
import type { FileSystem } from './file-system.js';
import type { Operation } from './operation.js';
import { newPerformer } from './perform.js';

export interface Executor {
  /** One operation at a time. Without a promise where this thread does it. Fails with what the file system threw. */
  run(operation: Operation): number | Promise<number>;
  /** For process exit: waits for the operation under way, then runs this one, all without yielding. */
  runSync(operation: Operation): number;
  /** True when the operation under way, if any, is known to have succeeded. Blocks at most `waitMsMax`. */
  settleSync(waitMsMax: number): boolean;
  /** Frees the thread. Nothing may be under way that matters. */
  dispose(): Promise<void>;
}

/** Runs everything at once in the calling thread: the event loop waits for the disk. */
export function inlineExecutor(fs: FileSystem): Executor {
  const perform = newPerformer(fs);
  return {
    run: perform,
    runSync: perform,
    settleSync: () => true,
    dispose: () => Promise.resolve(),
  };
}

/** Closes files that are written no more, whatever that says. */
export async function abandon(executor: Executor, descriptors: Iterable<number>): Promise<void> {
  for (const descriptor of descriptors) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- One operation at a time.
      await executor.run({ kind: 'close', descriptor });
    } catch {
      // Nobody needs it any more.
    }
  }
}
