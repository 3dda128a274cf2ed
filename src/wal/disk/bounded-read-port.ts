/**
 * A read port for a pass over many streams: at most so many files are open at once, whatever the number of streams, and
 * a small file is read whole and closed before it is looked at. Opens for reading only.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import type { DirectoryEntry, OpenFile, ReadPort } from './read-port.js';

/** A file of at most this size is read whole. */
const smallBytesMax = 64 * 1024;
/** So much of small files is kept: a stream's files are looked at twice in a row. */
const keptBytesMax = 1024 * 1024;
const filesOpenMaxDefault = 64;

/** A port for one pass: it may show a small file as it was when it was first looked at. */
export function boundedReadPort(filesOpenMax: number = filesOpenMaxDefault): ReadPort {
  const kept = new Kept();
  const open = new Map<LargeFile, number>();
  return {
    list: (path) => Promise.resolve(list(path)),
    // oxlint-disable-next-line typescript/require-await -- A rejection, not an exception, when there is no file.
    async open(path) {
      const known = kept.get(path);
      if (known !== undefined) return new SmallFile(known);
      const fd = openSync(path, 'r');
      try {
        const { size, ino } = fstatSync(fd);
        if (size > smallBytesMax) return new LargeFile({ path, ino, size, open, filesOpenMax });
        const bytes = Buffer.allocUnsafe(size);
        const whole = bytes.subarray(0, readFully(fd, bytes, 0));
        kept.add(path, whole);
        return new SmallFile(whole);
      } finally {
        closeSync(fd);
      }
    },
    // Where a link cannot be told from a file by opening it, it is not opened.
    ...(constants.O_NOFOLLOW > 0 && { readEnd }),
  };
}

/** Neither a link is followed, nor is there a wait for whoever writes into a pipe. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function readEnd(path: string, target: Uint8Array): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, openFlags);
    // Most files fit: then their size need not be asked for.
    const filled = readSync(fd, target, 0, target.byteLength, 0);
    if (filled < target.byteLength) return filled;
    return readFully(fd, target, fstatSync(fd).size - target.byteLength);
  } catch {
    // Whoever lists the directory says so; here it is only not known.
    return 0;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

class Kept {
  readonly #files = new Map<string, Buffer>();
  #bytes = 0;

  get(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  add(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#files) {
      if (this.#bytes <= keptBytesMax) break;
      this.#files.delete(oldest);
      this.#bytes -= length;
    }
  }
}

class SmallFile implements OpenFile {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    const part = this.#bytes.subarray(position, position + target.byteLength);
    target.set(part);
    return Promise.resolve(part.length);
  }

  size(): Promise<number> {
    return Promise.resolve(this.#bytes.length);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Large {
  readonly path: string;
  readonly ino: number;
  readonly size: number;
  readonly open: Map<LargeFile, number>;
  readonly filesOpenMax: number;
}

/** Opened when it is read, and closed when others are: who is read longest ago goes first. */
class LargeFile implements OpenFile {
  readonly #parts: Large;

  constructor(parts: Large) {
    this.#parts = parts;
  }

  // oxlint-disable-next-line typescript/require-await -- A rejection, not an exception.
  async read(target: Uint8Array, position: number): Promise<number> {
    return readFully(this.#fd(), target, position);
  }

  size(): Promise<number> {
    return Promise.resolve(this.#parts.size);
  }

  // oxlint-disable-next-line typescript/require-await -- A rejection, not an exception.
  async close(): Promise<void> {
    const { open } = this.#parts;
    const fd = open.get(this);
    open.delete(this);
    if (fd !== undefined) closeSync(fd);
  }

  #fd(): number {
    const { open, path, ino, filesOpenMax } = this.#parts;
    const known = open.get(this);
    open.delete(this);
    for (const [oldest, fd] of open) {
      if (open.size < filesOpenMax) break;
      open.delete(oldest);
      closeSync(fd);
    }
    const fd = known ?? openSync(path, 'r');
    open.set(this, fd);
    // A name is used once; whatever has it now, if not that file, is none of ours.
    if (known === undefined && fstatSync(fd).ino !== ino) throw new Error(`${path} was replaced`);
    return fd;
  }
}

function readFully(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.byteLength) {
    const count = readSync(fd, target, done, target.byteLength - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function list(path: string): readonly DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const kind = entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : 'other';
    entries.push({ name: entry.name, kind });
  }
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}
