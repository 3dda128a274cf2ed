/** Makes a file with every directory level that holds it, all of it durable; or fails, and leaves nothing behind. */
import type { FileSystem } from './file-system.js';
import type { Of } from './operation.js';
import type { WholeWrites } from './whole-writes.js';

/** Returns the descriptor. Throws what the file system throws. Self-contained: the sync worker runs its text. */
export function newFiles(fs: FileSystem, whole: WholeWrites): (operation: Of<'create'>) => number {
  function makeDirectories({ parent, directories }: Of<'create'>): string {
    let holder = parent;
    for (const directory of directories) {
      const isMade = fs.makeDirectory(directory);
      try {
        // Synced even if it was there: whoever made it may not have come to this line yet.
        fs.syncDirectory(holder);
      } catch (error) {
        // Somebody else's directory that we may not open, and that we put nothing into.
        if (isMade || (error as { code?: unknown }).code !== 'EACCES') throw error;
      }
      holder = directory;
    }
    return holder;
  }
  /** Best effort: a full disk that is tried again and again must not fill with what nobody needs. */
  function remove(what: 'removeFile' | 'removeDirectory', path: string): void {
    try {
      fs[what](path);
    } catch {
      // The error that led here is the one to report.
    }
  }
  function createIn(holder: string, { file, bytes, padTo }: Of<'create'>): number {
    const descriptor = fs.createFile(file);
    try {
      whole.write(descriptor, bytes, 0);
      whole.pad(descriptor, bytes.byteLength, padTo);
      // A crash before this line leaves an empty or torn file that nothing names.
      fs.datasync(descriptor);
      // A crash before this line may leave no file at all; nothing in it was acknowledged.
      fs.syncDirectory(holder);
    } catch (error) {
      remove('removeFile', file);
      try {
        fs.close(descriptor);
      } catch {
        // The same.
      }
      throw error;
    }
    return descriptor;
  }
  return (operation) => {
    const { directories } = operation;
    try {
      const holder = makeDirectories(operation);
      return createIn(holder, operation);
    } catch (error) {
      // The last level is the stream's own, and empty; nothing in it was acknowledged.
      const own = directories.at(-1);
      if (own !== undefined) remove('removeDirectory', own);
      throw error;
    }
  };
}
