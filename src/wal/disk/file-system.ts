/**
 * The file-system port of the writer: everything the WAL does to a disk goes through these methods. One real
 * implementation; tests inject recording and failing ones. Synchronous on purpose: which thread runs it is decided
 * elsewhere. No method reads a stream: readers have no port that could write.
 */
export interface FileSystem {
  /** Mode 0700. Returns false when it exists already. */
  makeDirectory(path: string): boolean;
  /** Creates exclusively, mode 0600, open for writing. Returns the descriptor. */
  createFile(path: string): number;
  /** May write less than asked. Returns the number of bytes written. */
  write(descriptor: number, bytes: Uint8Array, position: number): number;
  datasync(descriptor: number): void;
  /** Whether the file still has a name: a removed one can be written and synced, and nobody will ever find it. */
  isLinked(descriptor: number): boolean;
  truncate(descriptor: number, length: number): void;
  close(descriptor: number): void;
  syncDirectory(path: string): void;
  removeFile(path: string): void;
  removeDirectory(path: string): void;
}

/** @internal Not declared publicly: a consumer may not have the types of Node. */
type NodeFs = typeof import('node:fs');

/**
 * The real one. Self-contained, because the sync worker is started from this function's text: it may use its
 * argument and nothing of this module.
 * @internal
 */
export function createNodeFileSystem(fs: NodeFs, platform: string): FileSystem {
  return {
    makeDirectory(path) {
      try {
        fs.mkdirSync(path, 0o700);
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
        return false;
      }
    },
    createFile: (path) => fs.openSync(path, 'wx', 0o600),
    write: (descriptor, bytes, position) =>
      fs.writeSync(descriptor, bytes, 0, bytes.byteLength, position),
    datasync: (descriptor) => fs.fdatasyncSync(descriptor),
    isLinked: (descriptor) => fs.fstatSync(descriptor).nlink > 0,
    truncate: (descriptor, length) => fs.ftruncateSync(descriptor, length),
    close: (descriptor) => fs.closeSync(descriptor),
    syncDirectory(path) {
      // Windows has no way to sync a directory; NTFS journals the entry.
      if (platform === 'win32') return;
      const descriptor = fs.openSync(path, 'r');
      try {
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
    },
    removeFile: (path) => fs.unlinkSync(path),
    removeDirectory: (path) => fs.rmdirSync(path),
  };
}
