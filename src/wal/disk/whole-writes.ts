/** Writes that are whole or throw: a system may write less than it was asked to. */
import type { FileSystem } from './file-system.js';

export interface WholeWrites {
  write(descriptor: number, bytes: Uint8Array, position: number): void;
  /** Newlines, from a position up to another; none if that is not behind it. */
  pad(descriptor: number, from: number, to: number): void;
}

/** Self-contained: the sync worker runs its text. */
export function wholeWrites(fs: FileSystem): WholeWrites {
  function write(descriptor: number, bytes: Uint8Array, position: number): void {
    let done = fs.write(descriptor, bytes, position);
    while (done < bytes.byteLength) {
      const count = fs.write(descriptor, bytes.subarray(done), position + done);
      if (count <= 0) throw new Error('the file system wrote nothing');
      done += count;
    }
  }
  return {
    write,
    pad(descriptor, from, to) {
      if (to > from) write(descriptor, new Uint8Array(to - from).fill(10), from);
    },
  };
}
