/** Which records of a writer have been read: its stream may be in two roots, whole in one and torn in the other. */

export class Seen {
  /** Of writers that are in one place, the last sequence; of the others, every one. */
  readonly #last = new Map<string, number>();
  readonly #all = new Map<string, Set<number>>();

  constructor(writers: readonly string[]) {
    const once = new Set<string>();
    for (const writer of writers) {
      if (once.has(writer)) this.#all.set(writer, new Set());
      once.add(writer);
    }
  }

  /** Takes note of it. A sequence of 0 is no sequence. */
  isNew(writer: string, sequence: number): boolean {
    if (sequence <= 0) return true;
    const all = this.#all.get(writer);
    if (all !== undefined) {
      if (all.has(sequence)) return false;
      all.add(sequence);
      return true;
    }
    if (sequence <= (this.#last.get(writer) ?? 0)) return false;
    this.#last.set(writer, sequence);
    return true;
  }
}
