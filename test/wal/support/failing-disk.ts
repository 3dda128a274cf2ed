/** The real disk, failing where it is told to. */
import * as fs from 'node:fs';
import { createNodeFileSystem, type FileSystem } from '../../../src/wal/disk/file-system.js';
import type { Fallible } from './memory-disk.js';
import { failure } from './memory-disk.js';

/** `fails` is asked before each operation, with its number per kind, from 1; a durable write is a write and a datasync. */
export function failingDisk(fails: (kind: Fallible, count: number) => boolean): FileSystem {
  const real = createNodeFileSystem(fs, process.platform);
  const counts = new Map<Fallible, number>();
  const check = (kind: Fallible): void => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    if (fails(kind, count)) throw failure('EIO');
  };
  const durable = new Set<number>();
  return {
    ...real,
    makeDirectory(path) {
      check('mkdir');
      return real.makeDirectory(path);
    },
    createFile(path) {
      check('create');
      return real.createFile(path);
    },
    write(descriptor, bytes, position) {
      check('write');
      const count = real.write(descriptor, bytes, position);
      // The bytes are written, and then they cannot be made durable.
      if (durable.has(descriptor)) check('datasync');
      return count;
    },
    openDurable(descriptor, isDirect) {
      const opened = real.openDurable(descriptor, isDirect);
      if (opened !== undefined) durable.add(opened);
      return opened;
    },
    close(descriptor) {
      durable.delete(descriptor);
      real.close(descriptor);
    },
    datasync(descriptor) {
      check('datasync');
      real.datasync(descriptor);
    },
  };
}
