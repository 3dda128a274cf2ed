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
  /**
   * A second descriptor of that file: a write to it returns when its bytes are durable, and says nothing of others.
   * With `isDirect` past the page cache: whole sectors, from aligned memory, and EINVAL if they are not.
   * `undefined` where there is no such thing.
   */
  openDurable(descriptor: number, isDirect: boolean): number | undefined;
  /**
   * Whether the file still has a name: a removed one can be written and synced, and nobody will ever find it. May take
   * a second to notice that another file has that name.
   */
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
export function createNodeFileSystem(
  fs: NodeFs,
  platform: string,
  nowMs: () => number = () => performance.now(),
): FileSystem {
  /** Made here; a descriptor that another thread opened is not among them. */
  const files = new Map<number, { readonly path: string; askedMs: number }>();
  const askedMsMax = 1000;
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
    createFile(path) {
      const descriptor = fs.openSync(path, 'wx', 0o600);
      files.set(descriptor, { path, askedMs: nowMs() });
      return descriptor;
    },
    write: (descriptor, bytes, position) =>
      fs.writeSync(descriptor, bytes, 0, bytes.byteLength, position),
    datasync: (descriptor) => fs.fdatasyncSync(descriptor),
    openDurable(descriptor, isDirect) {
      // Elsewhere O_DSYNC is absent, or less than the datasync of Node (F_FULLFSYNC on macOS).
      if (platform !== 'linux') return undefined;
      try {
        // Not by its name, which may be another file's by now.
        const path = `/proc/self/fd/${descriptor}`;
        const { O_WRONLY, O_DSYNC, O_DIRECT } = fs.constants;
        return fs.openSync(path, O_WRONLY | O_DSYNC | (isDirect ? O_DIRECT : 0));
      } catch {
        return undefined;
      }
    },
    isLinked(descriptor) {
      // The name is there: nearly always that is the answer. Asking the file itself is dear: whoever asks for its times
      // has the next write note a new one (multigrain timestamps, Linux 6.13), and the datasync write the inode as well,
      // a third I/O for each flush. So that is done once a second, for who put a copy into its place, and when the name
      // is gone, for who moved the root away: that file is found again.
      const file = files.get(descriptor);
      const now = nowMs();
      if (file !== undefined && now - file.askedMs < askedMsMax && fs.existsSync(file.path)) {
        return true;
      }
      if (file !== undefined) file.askedMs = now;
      return fs.fstatSync(descriptor).nlink > 0;
    },
    truncate: (descriptor, length) => fs.ftruncateSync(descriptor, length),
    close(descriptor) {
      files.delete(descriptor);
      fs.closeSync(descriptor);
    },
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
