/** Reads a crash state as a reader would read the disk. */
import { dirname } from 'node:path';
import type { DirectoryEntry, ReadPort } from '../../../src/wal/index.js';
import { failure } from './memory-disk.js';

export function statePort(entries: ReadonlyMap<string, Uint8Array | null>): ReadPort {
  return {
    list(path) {
      if (entries.get(path) !== null) return Promise.reject(failure('ENOENT'));
      const found: DirectoryEntry[] = [];
      for (const [other, content] of entries) {
        if (dirname(other) !== path) continue;
        const name = other.slice(path.length + 1);
        found.push({ name, kind: content === null ? 'directory' : 'file' });
      }
      return Promise.resolve(found.sort((one, other) => (one.name < other.name ? -1 : 1)));
    },
    open(path) {
      const content = entries.get(path);
      if (content === undefined || content === null) return Promise.reject(failure('ENOENT'));
      return Promise.resolve({
        read(target, position) {
          const part = content.subarray(position, position + target.byteLength);
          target.set(part);
          return Promise.resolve(part.length);
        },
        size: () => Promise.resolve(content.length),
        close: () => Promise.resolve(),
      });
    },
  };
}
