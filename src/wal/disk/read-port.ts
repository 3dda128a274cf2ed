/** The file-system port of readers: nothing in it can write. One real implementation; tests inject states. */
import * as fs from 'node:fs/promises';

export interface OpenFile {
  /** Fills `target` from `position`; returns fewer bytes only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
}

export interface ReadPort {
  /** Sorted by name. Rejects with the system's error. A link is `other`: it is never followed. */
  list(path: string): Promise<readonly DirectoryEntry[]>;
  open(path: string): Promise<OpenFile>;
  /**
   * Fills `target` with the end of a file, or with all of a shorter one, and returns how many bytes that are; 0 when it is
   * no file, a link, or cannot be read. At once, because thousands are asked for. Absent: it cannot be had so cheaply.
   */
  readEnd?(path: string, target: Uint8Array): number;
}

export const nodeReadPort: ReadPort = {
  async list(path) {
    const entries = await fs.readdir(path, { withFileTypes: true });
    return entries
      .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  },
  async open(path) {
    const handle = await fs.open(path, 'r');
    return {
      async read(target, position) {
        let done = 0;
        while (done < target.byteLength) {
          const { bytesRead } = await handle.read(
            target,
            done,
            target.byteLength - done,
            position + done,
          );
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return done;
      },
      size: async () => (await handle.stat()).size,
      close: () => handle.close(),
    };
  },
};

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'directory' : 'other';
}
