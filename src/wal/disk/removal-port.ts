/**
 * How retention removes: one thing at a time, and never on the thread of the host, which must not wait for a disk. It
 * is no part of the writer's port: nothing that writes records can remove any.
 */
import * as fs from 'node:fs/promises';

export interface RemovalPort {
  removeFile(path: string): Promise<void>;
  /** Only an empty one. */
  removeDirectory(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

export const nodeRemovalPort: RemovalPort = {
  removeFile: (path) => fs.unlink(path),
  removeDirectory: (path) => fs.rmdir(path),
  async syncDirectory(path) {
    // Windows has no way to sync a directory; NTFS journals the entry.
    if (process.platform === 'win32') return;
    const directory = await fs.open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};
