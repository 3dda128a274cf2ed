/**
 * Writes that are durable when they return, where the system has them: one call less than a write and a datasync. Such a
 * write promises its own bytes and no others, so it is made only while everything written before it to that file is
 * durable. Nothing here retries, and nothing here decides what is acknowledged.
 */
import type { DirectFile } from './direct-file.js';
import type { FileSystem } from './file-system.js';
import type { WholeWrites } from './whole-writes.js';

/** Bytes at a position, and newlines behind them up to another one; 0 for none. */
export interface Written {
  readonly descriptor: number;
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly padTo: number;
}

export interface DurableWrites {
  /** A file was made, and what is in it is durable. */
  made(written: Written): void;
  /** Writes all of it, durably. False when that cannot be done here and now: then nothing was written. */
  write(written: Written): boolean;
  /** Is about to be written the plain way: a write, and a datasync now or later. */
  plain(written: Written): void;
  /** The file was synced as a whole. */
  synced(descriptor: number): void;
  /** The file is about to be closed. */
  forget(descriptor: number): void;
}

/** Self-contained: the sync worker runs its text. */
export function durableWrites(
  fs: FileSystem,
  whole: WholeWrites,
  openDirect: (descriptor: number) => DirectFile,
): DurableWrites {
  interface File {
    readonly through: number;
    readonly direct: DirectFile | undefined;
    /** Everything written so far is durable. */
    isSynced: boolean;
    paddedTo: number;
  }
  // A file that another thread made is not among them: nobody here knows what of it is durable.
  const files = new Map<number, File>();
  function made({ descriptor, position, bytes, padTo }: Written): void {
    const isDirect = padTo > 0;
    const through = fs.openDurable(descriptor, isDirect);
    if (through === undefined) return;
    const direct = isDirect ? openDirect(through) : undefined;
    direct?.remember(bytes, position);
    files.set(descriptor, { through, direct, isSynced: true, paddedTo: padTo });
  }
  return {
    made,
    write({ descriptor, position, bytes, padTo }) {
      const file = files.get(descriptor);
      if (file?.isSynced !== true || padTo > 0) return false;
      if (file.direct !== undefined) return file.direct.write(bytes, position, file.paddedTo);
      whole.write(file.through, bytes, position);
      return true;
    },
    plain({ descriptor, position, bytes, padTo }) {
      const file = files.get(descriptor);
      if (file === undefined) return;
      file.isSynced = false;
      file.paddedTo = Math.max(file.paddedTo, padTo);
      file.direct?.remember(bytes, position);
    },
    synced(descriptor) {
      const file = files.get(descriptor);
      if (file !== undefined) file.isSynced = true;
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
