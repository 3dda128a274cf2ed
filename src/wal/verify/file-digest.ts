/** The SHA-256 of a file's beginning, at the places something is said about. Every byte is hashed once. */
import { createHash } from 'node:crypto';
import type { Block } from '../read/blocks.js';

export interface FileDigest {
  readonly file: string;
  /** Nothing of the file was there to be read. */
  readonly isEmpty: boolean;
  /** The next block, which stays until `finish`. */
  look(block: Block): void;
  /** The digest of the first `position` bytes; `undefined` when the file has not as many, or they are passed. */
  at(position: number): string | undefined;
  /** The block is about to be let go. */
  finish(): void;
}

/** Hashes in the calling thread. */
export class InlineDigest implements FileDigest {
  readonly file: string;
  readonly #hash = createHash('sha256');
  readonly #taken = new Map<number, string>();
  /** Somebody will ask for these places once they are passed. */
  readonly #marks: readonly number[];
  #block: Block | undefined;
  #position = 0;
  isEmpty = true;

  constructor(file: string, marks: readonly number[]) {
    this.file = file;
    this.#marks = [...marks].sort((one, other) => one - other);
  }

  look(block: Block): void {
    this.#block = block;
    this.isEmpty = false;
  }

  at(position: number): string | undefined {
    if (!this.#taken.has(position) && this.#canReach(position)) {
      this.#advance(position);
      // One place is asked for twice, in the seal and in the header of the next file.
      this.#take();
    }
    return this.#taken.get(position);
  }

  finish(): void {
    const block = this.#block;
    if (block === undefined) return;
    const end = block.offset + block.end;
    if (this.#canReach(end)) this.#advance(end);
    this.#block = undefined;
  }

  #canReach(position: number): boolean {
    const block = this.#block;
    if (block === undefined || this.#position < block.offset) return false;
    return position >= this.#position && position <= block.offset + block.end;
  }

  #advance(position: number): void {
    for (const mark of this.#marks) {
      if (mark < this.#position || mark > position || this.#taken.has(mark)) continue;
      this.#hashTo(mark);
      this.#take();
    }
    this.#hashTo(position);
  }

  #hashTo(position: number): void {
    const block = this.#block;
    if (block === undefined || position === this.#position) return;
    const { bytes, offset } = block;
    this.#hash.update(bytes.subarray(this.#position - offset, position - offset));
    this.#position = position;
  }

  #take(): void {
    this.#taken.set(this.#position, this.#hash.copy().digest('hex'));
  }
}
