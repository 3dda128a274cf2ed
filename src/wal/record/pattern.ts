/** Fixed bytes to compare with, four at a time: a line is compared with seven of them. */

export class Pattern {
  readonly length: number;
  /** All whole words, and the last four bytes once more, whatever is left of them. */
  readonly #words: Int32Array;
  readonly #last: number;

  /** Printable ASCII, at least four characters; a shorter one is nowhere. */
  constructor(text: string) {
    this.length = text.length;
    const bytes = Buffer.from(text.padEnd(4), 'latin1');
    this.#words = new Int32Array(bytes.length >> 2);
    for (let index = 0; index < this.#words.length; index += 1) {
      this.#words[index] = bytes.readInt32LE(index * 4);
    }
    this.#last = bytes.readInt32LE(bytes.length - 4);
  }

  /** Whether the text stands at `at`, and ends at `end` or before. */
  isAt(view: DataView, at: number, end: number): boolean {
    const { length } = this;
    if (at < 0 || length < 4 || at + length > end) return false;
    const words = this.#words;
    for (let index = 0; index < words.length; index += 1) {
      if (view.getInt32(at + index * 4, true) !== words[index]) return false;
    }
    return view.getInt32(at + length - 4, true) === this.#last;
  }
}
