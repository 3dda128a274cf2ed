/** The SHA-256 of a file's beginning, at the places something is said about. Every byte is hashed once. */
import { createHash } from 'node:crypto';
import type { Block } from './blocks.js';

export class FileDigest {
  readonly file: string;
  readonly #hash = createHash('sha256');
  readonly #taken = new Map<number, string>();
  /** Somebody else will ask for this place once it is passed. */
  readonly #mark: number | undefined;
  #block: Block | undefined;
  #position = 0;
  /** Nothing of the file was there to be read. */
  isEmpty = true;

  constructor(file: string, mark: number | undefined) {
    this.file = file;
    this.#mark = mark;
  }

  /** The next block, which stays until `finish`. */
  look(block: Block): void {
    this.#block = block;
    this.isEmpty = false;
  }

  /** The digest of the first `position` bytes; `undefined` when the file has not as many, or they are passed. */
  at(position: number): string | undefined {
    const known = this.#taken.get(position);
    if (known !== undefined || !this.#canReach(position)) return known;
    this.#advance(position);
    const digest = this.#hash.copy().digest('hex');
    // One place is asked for twice, in the seal and in the header of the next file.
    this.#taken.set(position, digest);
    return digest;
  }

  /** The block is about to be let go. */
  finish(): void {
    const block = this.#block;
    if (block === undefined) return;
    if (this.#mark !== undefined) this.at(this.#mark);
    if (this.#canReach(block.offset + block.end)) this.#advance(block.offset + block.end);
    this.#block = undefined;
  }

  #canReach(position: number): boolean {
    const block = this.#block;
    if (block === undefined || this.#position < block.offset) return false;
    return position >= this.#position && position <= block.offset + block.end;
  }

  #advance(position: number): void {
    const { bytes, offset } = this.#block ?? { bytes: Buffer.alloc(0), offset: 0 };
    if (position === this.#position) return;
    this.#hash.update(bytes.subarray(this.#position - offset, position - offset));
    this.#position = position;
  }
}
