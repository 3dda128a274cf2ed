/**
 * A `FileDigest` that a thread takes. The thread has a block before anybody looks at its lines, and is done with it mostly
 * before they are; a place that nobody named before is hashed again from where its block began.
 */
import type { Block } from '../read/blocks.js';
import type { FileDigest } from './file-digest.js';
import type { HashThread } from './hash-thread.js';

export class ThreadedDigest implements FileDigest {
  readonly file: string;
  readonly #thread: HashThread;
  readonly #taken = new Map<number, string>();
  readonly #marks: readonly number[];
  #block: Block | undefined;
  /** In the block that the thread has, and of which it has not answered yet. */
  #pending: readonly number[] | undefined;
  /** Where the next block begins, if every byte is to be hashed once. */
  #end = 0;
  #position = 0;
  isEmpty = true;

  constructor(file: string, marks: readonly number[], thread: HashThread) {
    this.file = file;
    this.#marks = [...new Set(marks)].sort((one, other) => one - other);
    this.#thread = thread;
    thread.ask({ kind: 'begin' });
    thread.answers();
  }

  look(block: Block): void {
    this.isEmpty = false;
    const from = block.offset + block.start;
    // A line too long to be held was let go: nothing behind it can be said.
    if (from !== this.#end) return;
    this.#block = block;
    this.#end = block.offset + block.end;
    const marks = this.#marks.filter((mark) => mark >= from && mark <= this.#end);
    const bytes = block.bytes.subarray(block.start, block.end);
    this.#thread.ask({ kind: 'block', bytes, marks: marks.map((mark) => mark - from) });
    this.#pending = marks;
  }

  at(position: number): string | undefined {
    const block = this.#block;
    if (block === undefined || this.#taken.has(position)) return this.#taken.get(position);
    if (position < this.#position || position > this.#end) return undefined;
    this.#position = position;
    this.#collect();
    if (!this.#taken.has(position)) {
      const bytes = block.bytes.subarray(block.start, position - block.offset);
      this.#thread.ask({ kind: 'at', bytes });
      this.#take(position, this.#thread.answers().at(-1)?.[0]);
    }
    return this.#taken.get(position);
  }

  finish(): void {
    this.#collect();
    this.#block = undefined;
    this.#position = this.#end;
  }

  /** Waits until the thread is done with the block. */
  #collect(): void {
    const marks = this.#pending;
    if (marks === undefined) return;
    this.#pending = undefined;
    const digests = this.#thread.answers().at(-1);
    for (const [index, mark] of marks.entries()) this.#take(mark, digests?.[index]);
  }

  #take(position: number, digest: string | undefined): void {
    if (digest !== undefined && !this.#taken.has(position)) this.#taken.set(position, digest);
  }
}
