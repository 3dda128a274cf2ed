/** Checks of the last records of a stream, to tell a repeated record from a contradiction. */

const recordsMax = 65_536;
const recordsMin = 64;

export class RecentChecks {
  /** By the sequence's last bits. Grows with a stream, up to a quarter of a megabyte. */
  #checks = new Int32Array(recordsMin);
  #newest = 0;

  add(sequence: number, crc: number): void {
    if (sequence >= this.#checks.length && this.#checks.length < recordsMax) this.#grow(sequence);
    this.#checks[sequence & (this.#checks.length - 1)] = crc;
    this.#newest = sequence;
  }

  /** Whether the record of this sequence had this check. False of one too long ago. */
  has(sequence: number, crc: number): boolean {
    const { length } = this.#checks;
    if (sequence <= this.#newest - length || sequence > this.#newest) return false;
    return this.#checks[sequence & (length - 1)] === crc;
  }

  #grow(sequence: number): void {
    let length = recordsMin;
    while (length <= sequence && length < recordsMax) length *= 2;
    const old = this.#checks;
    this.#checks = new Int32Array(length);
    // Every sequence until now is below the old length: each keeps its place.
    this.#checks.set(old);
  }
}
