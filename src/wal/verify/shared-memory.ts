/** Two stretches of shared memory, to read one file's blocks into after the other's. A longer block gets its own. */
const stretchBytes = 1024 * 1024 + 64 * 1024;

export class SharedMemory {
  readonly #stretches: readonly Buffer[] = [0, 1].map(() =>
    Buffer.from(new SharedArrayBuffer(stretchBytes)),
  );
  #next = 0;

  /** A reader asks twice in a file for what fits, and goes on with these two. */
  allocate(bytes: number): Buffer {
    const stretch = this.#stretches[this.#next];
    if (stretch === undefined || bytes > stretchBytes) return Buffer.allocUnsafe(bytes);
    this.#next = 1 - this.#next;
    return stretch;
  }
}
