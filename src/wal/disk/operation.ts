/**
 * What a stream asks of the disk, as data, and the one place that does it. Write → datasync → acknowledge is visible
 * here: an operation returns only when everything it promises is durable, and the caller acknowledges only what
 * returned. Nothing here retries.
 */
import type { DurableWrites } from './durable-writes.js';
import type { FileSystem } from './file-system.js';
import type { WholeWrites } from './whole-writes.js';

export type Operation =
  | {
      /** A new file whose content and whose every directory level are durable. */
      readonly kind: 'create';
      /** Levels to make if absent, outermost first; the last one holds the file. */
      readonly directories: readonly string[];
      /** The directory that holds `directories[0]`. */
      readonly parent: string;
      readonly file: string;
      readonly bytes: Uint8Array;
      readonly padTo: number;
    }
  | {
      readonly kind: 'write';
      readonly descriptor: number;
      readonly position: number;
      readonly bytes: Uint8Array;
      readonly sync: boolean;
      /** Newlines are written ahead up to this position; 0 for none. */
      readonly padTo: number;
    }
  | {
      /** The last bytes of a file: written, durable, padding cut; and closed, also if that fails. */
      readonly kind: 'seal';
      readonly descriptor: number;
      readonly position: number;
      readonly bytes: Uint8Array;
      readonly isPadded: boolean;
    }
  | { readonly kind: 'close'; readonly descriptor: number };

export type Of<Kind> = Extract<Operation, { readonly kind: Kind }>;

/**
 * What does operations on `fs`. Each returns the descriptor it worked on, or throws what the file system throws; what is
 * on disk then is unknown, and the caller must not touch that file again. Self-contained: the sync worker runs its text.
 */
export function performer(
  fs: FileSystem,
  whole: WholeWrites,
  makeFile: (operation: Of<'create'>) => number,
  durable: DurableWrites,
): (operation: Operation) => number {
  function create(operation: Of<'create'>): number {
    const { bytes, padTo } = operation;
    const descriptor = makeFile(operation);
    durable.made({ descriptor, position: 0, bytes, padTo });
    return descriptor;
  }
  function write(operation: Of<'write'>): number {
    const { descriptor, position, bytes, sync, padTo } = operation;
    // A crash before this returns, or before the datasync, leaves any part of the batch; the caller acknowledges after it.
    if (!sync || !durable.write(operation)) {
      durable.plain(operation);
      whole.write(descriptor, bytes, position);
      whole.pad(descriptor, position + bytes.byteLength, padTo);
      if (sync) fs.datasync(descriptor);
      if (sync) durable.synced(descriptor);
    }
    if (sync && !fs.isLinked(descriptor)) throw new Error('the file was removed');
    return descriptor;
  }
  function seal({ descriptor, position, bytes, isPadded }: Of<'seal'>): number {
    try {
      whole.write(descriptor, bytes, position);
      fs.datasync(descriptor);
      // A crash before this line leaves newlines after the seal, which readers allow.
      if (isPadded) fs.truncate(descriptor, position + bytes.byteLength);
      return descriptor;
    } finally {
      close(descriptor);
    }
  }
  function close(descriptor: number): number {
    durable.forget(descriptor);
    fs.close(descriptor);
    return descriptor;
  }
  return (operation) => {
    if (operation.kind === 'write') return write(operation);
    if (operation.kind === 'create') return create(operation);
    return operation.kind === 'seal' ? seal(operation) : close(operation.descriptor);
  };
}
