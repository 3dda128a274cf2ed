/** Which lines were read: copies of a WAL directory hold the same ones. 64 bits of each, without a string. */

export class SeenLines {
  #slots = new Uint32Array(1 << 12);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  has(one: number, other: number): boolean {
    return this.#slots[this.#slotOf(one, other)] !== 0;
  }

  /** False: it was here already. */
  add(one: number, other: number): boolean {
    if (this.#count * 4 > this.#slots.length) this.#grow();
    const slot = this.#slotOf(one, other);
    if (this.#slots[slot] !== 0) return false;
    // Odd: a place in use is never 0.
    this.#slots[slot] = (one | 1) >>> 0;
    this.#slots[slot + 1] = other >>> 0;
    this.#count += 1;
    return true;
  }

  /** Where it is, or where it would go. */
  #slotOf(one: number, other: number): number {
    const mask = this.#slots.length - 2;
    const [first, second] = [(one | 1) >>> 0, other >>> 0];
    let slot = ((Math.imul(one ^ Math.imul(other, 0x9e3779b1), 0x85ebca6b) >>> 7) << 1) & mask;
    while (this.#slots[slot] !== 0) {
      if (this.#slots[slot] === first && this.#slots[slot + 1] === second) return slot;
      slot = (slot + 2) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const [one = 0, other = 0] = [old[at], old[at + 1]];
      if (one === 0) continue;
      const slot = this.#slotOf(one, other);
      this.#slots[slot] = one;
      this.#slots[slot + 1] = other;
    }
  }
}
