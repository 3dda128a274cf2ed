/**
 * Reads a file block by block with bounded memory, forwards. A block is whole lines; only the file's last line may
 * lack its newline. While one block is looked at the next one is being read. Never reads past the size it was told.
 */
import type { OpenFile } from '../disk/read-port.js';

/** A stretch of a file. */
export interface Block {
  /**
   * Valid until the next step.
   * @internal Not declared publicly: a consumer may not have the types of Node.
   */
  readonly bytes: Buffer;
  /** Where in `bytes` its lines are. */
  readonly start: number;
  readonly end: number;
  /** Where in the file `bytes[0]` stands. */
  readonly offset: number;
  /** Not 0: so many bytes of the file are one line that is too long to be held, and `bytes` is empty. */
  readonly tooLongBytes: number;
}

export const blockBytes: number = 1024 * 1024;
/** A longer line is not a record; it is skipped without being held. */
export const lineBytesMax: number = 16 * 1024 * 1024;
const slackBytes = 8 * 1024;
const newline = 10;
const nothing = Buffer.alloc(0);

/**
 * Memory for at least so many bytes.
 * @internal Not declared publicly: a consumer may not have the types of Node.
 */
export type Allocate = (bytes: number) => Buffer;

/**
 * The file's first `size` bytes, `stepBytes` at a time.
 * @internal As above.
 */
export async function* readBlocks(
  file: OpenFile,
  size: number,
  stepBytes: number = blockBytes,
  allocate: Allocate = (bytes) => Buffer.allocUnsafe(bytes),
): AsyncGenerator<Block, void, undefined> {
  const source = new Source(file, { size, stepBytes, allocate });
  /** Bytes of a line too long to hold that were let go already. */
  let skipped = 0;
  try {
    for (;;) {
      const { bytes, filled, offset, isLast } = await source.next();
      let start = 0;
      if (skipped > 0) {
        const at = filled === 0 ? -1 : bytes.subarray(0, filled).indexOf(newline);
        start = at === -1 ? filled : at + 1;
        skipped += start;
        if (at !== -1 || isLast) {
          yield tooLong(offset + start, skipped);
          skipped = 0;
        }
      }
      let end = start;
      if (isLast) end = filled;
      else if (start < filled) end = Math.max(start, bytes.lastIndexOf(newline, filled - 1) + 1);
      const rest = filled - end;
      if (rest > lineBytesMax) skipped = rest;
      if (!isLast) source.prepare(skipped > 0 ? nothing : bytes.subarray(end, filled));
      if (end > start) yield { bytes, start, end, offset, tooLongBytes: 0 };
      if (isLast) return;
    }
  } finally {
    await source.settle();
  }
}

function tooLong(end: number, tooLongBytes: number): Block {
  return { bytes: nothing, start: 0, end: 0, offset: end - tooLongBytes, tooLongBytes };
}

interface Filled {
  readonly bytes: Buffer;
  readonly filled: number;
  readonly offset: number;
  /** Nothing of the file is left. */
  readonly isLast: boolean;
}

/** Two buffers in turns: one is looked at, the other one is filled. */
class Source {
  readonly #file: OpenFile;
  readonly #size: number;
  readonly #stepBytes: number;
  readonly #allocate: Allocate;
  #position = 0;
  #spare: Buffer = nothing;
  #current: Buffer = nothing;
  #pending: Promise<Filled>;

  constructor(
    file: OpenFile,
    how: { readonly size: number; readonly stepBytes: number; readonly allocate: Allocate },
  ) {
    this.#file = file;
    this.#size = how.size;
    this.#stepBytes = how.stepBytes;
    this.#allocate = how.allocate;
    this.#pending = this.#fill(nothing);
  }

  /** The next stretch of the file, behind what was to be kept. */
  async next(): Promise<Filled> {
    const read = await this.#pending;
    this.#spare = this.#current;
    this.#current = read.bytes;
    return read;
  }

  /** Begins to read what follows `kept`. */
  prepare(kept: Buffer): void {
    this.#pending = this.#fill(kept);
    // A failure is for whoever asks for the next stretch; nobody may.
    this.#pending.catch(() => undefined);
  }

  /** The file may be closed after this. */
  async settle(): Promise<void> {
    await this.#pending.catch(() => undefined);
  }

  async #fill(kept: Buffer): Promise<Filled> {
    // A long line takes long steps: it is copied at each.
    const left = this.#size - this.#position;
    const wanted = Math.min(Math.max(this.#stepBytes, kept.length), left);
    const needed = kept.length + wanted;
    // With room for what is kept next time: else every other buffer would be a little too small to be used again.
    const room = wanted === left ? needed : needed + slackBytes;
    const bytes = this.#spare.length >= needed ? this.#spare : this.#allocate(room);
    bytes.set(kept);
    const offset = this.#position - kept.length;
    const target = bytes.subarray(kept.length, needed);
    const count = wanted === 0 ? 0 : await this.#file.read(target, this.#position);
    this.#position += count;
    const isLast = count < wanted || this.#position >= this.#size;
    return { bytes, filled: kept.length + count, offset, isLast };
  }
}
