/** Decides who hashes the files of a stream: a thread, where it is worth one and there is one, or whoever reads them. */
import { InlineDigest, type FileDigest } from './file-digest.js';
import type { HashThread } from './hash-thread.js';
import { SharedMemory } from './shared-memory.js';
import { ThreadedDigest } from './threaded-digest.js';

/** A smaller stream is verified before a thread would be up. */
const threadFromBytes = 24 * 1024 * 1024;

export class Hashing {
  readonly #start: () => HashThread | undefined;
  #thread: HashThread | undefined;
  #memory: SharedMemory | undefined;

  constructor(start: () => HashThread | undefined) {
    this.#start = start;
  }

  /** The stream is of so many bytes. */
  begin(bytes: number): void {
    if (bytes < threadFromBytes) return;
    this.#thread = this.#start();
    if (this.#thread !== undefined) this.#memory = new SharedMemory();
  }

  /** Memory that both threads see, if there are two. */
  allocate(bytes: number): Buffer {
    return this.#memory?.allocate(bytes) ?? Buffer.allocUnsafe(bytes);
  }

  /** For the next file. The first ones are hashed here, until the thread is up. */
  digest(file: string, marks: readonly number[]): FileDigest {
    const thread = this.#thread;
    return thread?.isReady === true
      ? new ThreadedDigest(file, marks, thread)
      : new InlineDigest(file, marks);
  }

  /** What was hashed is not to be had any more. */
  get isLost(): boolean {
    return this.#thread?.isLost ?? false;
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }
}
