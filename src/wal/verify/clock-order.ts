/** Counts how often a writer's wall clock ran back between two records, by comparing the bytes of their `ts`. */

const words = 7;
/** The last word overlaps the one before it: a `ts` has 27 characters. */
const lastWordAt = 23;

export class ClockOrder {
  /** The last `ts`, four characters at a time: text of one form compares as it sorts. */
  readonly #last = new Int32Array(words);
  ranBack = 0;

  /** The next record's `ts` stands at `at`. */
  see(view: DataView, at: number): void {
    const last = this.#last;
    let isEqual = true;
    for (let index = 0; index < words; index += 1) {
      const word = view.getInt32(at + (index === words - 1 ? lastWordAt : index * 4));
      const before = last[index] ?? 0;
      if (isEqual && word !== before) {
        isEqual = false;
        if (word < before) this.ranBack += 1;
      }
      last[index] = word;
    }
  }
}
