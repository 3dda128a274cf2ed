/**
 * Writes that are durable when they return, where the system has them: one call less, and on ext4 less time, than a
 * write and a datasync. Such a write promises its own bytes and no others, so it is made only while everything
 * written before it to that file is durable. Nothing here retries, and nothing here decides what is acknowledged.
 */
import type { FileSystem } from './file-system.js';
import type { WholeWrites } from './whole-writes.js';

export interface DurableWrites {
  /** A file was made, and what is in it is durable. */
  made(descriptor: number): void;
  /** Something is about to be written the plain way: a write, and a datasync now or later. */
  plain(descriptor: number): void;
  /** The file was synced as a whole. */
  synced(descriptor: number): void;
  /** Writes all of it, durably. False when that cannot be done here and now: then nothing was written. */
  write(descriptor: number, bytes: Uint8Array, position: number): boolean;
  /** The file is about to be closed. */
  forget(descriptor: number): void;
}

/** Self-contained: the sync worker runs its text. */
export function durableWrites(fs: FileSystem, whole: WholeWrites): DurableWrites {
  // A file that another thread made is not among them: nobody here knows what of it is durable.
  const files = new Map<number, { readonly through: number; isSynced: boolean }>();
  return {
    made(descriptor) {
      const through = fs.openDurable(descriptor);
      if (through !== undefined) files.set(descriptor, { through, isSynced: true });
    },
    plain(descriptor) {
      const file = files.get(descriptor);
      if (file !== undefined) file.isSynced = false;
    },
    synced(descriptor) {
      const file = files.get(descriptor);
      if (file !== undefined) file.isSynced = true;
    },
    write(descriptor, bytes, position) {
      const file = files.get(descriptor);
      if (file?.isSynced !== true) return false;
      whole.write(file.through, bytes, position);
      return true;
    },
    forget(descriptor) {
      const file = files.get(descriptor);
      files.delete(descriptor);
      try {
        if (file !== undefined) fs.close(file.through);
      } catch {
        // What was written to it was durable before.
      }
    },
  };
}
