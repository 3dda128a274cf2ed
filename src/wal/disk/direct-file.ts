/**
 * Durable writes past the page cache, into room that was written ahead and is durable. Only the sectors that a flush
 * touches reach the device, where a datasync writes whole blocks of the file system. The first of these sectors holds
 * the end of what was acknowledged before, and is written again with the same bytes; behind the flush are newlines, as
 * there were. Readers go on through the page cache, from which the kernel takes what was written past it.
 */
import type { FileSystem } from './file-system.js';

export interface DirectFile {
  /**
   * Writes all of it, durably. False when that cannot be done here and now: then nothing was written. `paddedTo` is up
   * to where room is.
   */
  write(bytes: Uint8Array, position: number, paddedTo: number): boolean;
  /** Was written another way. */
  remember(bytes: Uint8Array, position: number): void;
}

/** @internal Not declared publicly: a consumer may not have the types of it. */
interface Aligning {
  readonly WebAssembly?: {
    readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  };
}

/** For descriptors opened as direct. Self-contained: the sync worker runs its text. */
export function directFiles(fs: FileSystem): (descriptor: number) => DirectFile {
  const newline = 10;
  const blockBytes = 4096;
  /** 64 KiB; what is more than that goes the plain way. */
  const pages = 1;
  let memory: Uint8Array | undefined;
  /** Direct writes are from aligned memory, and this is what JavaScript has of it. None under --jitless. */
  function align(): Uint8Array {
    try {
      const Memory = (globalThis as Aligning).WebAssembly?.Memory;
      if (Memory !== undefined) return new Uint8Array(new Memory({ initial: pages }).buffer);
    } catch {
      // No room for what V8 reserves around it.
    }
    return new Uint8Array(0);
  }
  return (descriptor) => {
    memory ??= align();
    const staged = memory;
    /** What the file holds of the block in which it ends. */
    const tail = new Uint8Array(blockBytes);
    // What the device has is found by trying; 0 when it is neither this nor a block.
    let sectorBytes = 512;
    function remember(bytes: Uint8Array, position: number): void {
      const kept = (position + bytes.byteLength) % blockBytes;
      if (bytes.byteLength < kept) tail.set(bytes, kept - bytes.byteLength);
      else tail.set(bytes.subarray(bytes.byteLength - kept));
    }
    /** False when sectors are not of this size: the system has written nothing then. */
    function writeSectors(from: number, to: number, position: number): boolean {
      let done = from;
      for (let isFirst = true; done < to; isFirst = false) {
        try {
          const count = fs.write(descriptor, staged.subarray(done, to), position + done);
          if (count < sectorBytes && !isFirst) throw new Error('the file system wrote nothing');
          done += count - (count % sectorBytes);
        } catch (error) {
          if (!isFirst || (error as { code?: unknown }).code !== 'EINVAL') throw error;
          return false;
        }
      }
      return true;
    }
    return {
      remember,
      write(bytes, position, paddedTo) {
        const start = position % blockBytes;
        const end = start + bytes.byteLength;
        if (end > staged.length) return false;
        staged.set(tail.subarray(0, start));
        staged.set(bytes, start);
        while (sectorBytes > 0) {
          const from = start - (start % sectorBytes);
          const to = Math.ceil(end / sectorBytes) * sectorBytes;
          if (position - start + to > paddedTo) return false;
          staged.fill(newline, end, to);
          if (writeSectors(from, to, position - start)) {
            remember(bytes, position);
            return true;
          }
          sectorBytes = sectorBytes === blockBytes ? 0 : blockBytes;
        }
        return false;
      },
    };
  };
}
