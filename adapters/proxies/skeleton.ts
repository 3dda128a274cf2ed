/**
 * What is left of a message that is too large to be held, read as it passes: its outermost members, without what stands
 * in them. Enough to know which request it was. Holds 4 KiB at most.
 */

const keptBytesMax = 4096;
const quote = 0x22;
const backslash = 0x5c;

export class Skeleton {
  #kept: number[] = [];
  #depth = 0;
  #isText = false;
  #isEscaped = false;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#isText && this.#depth > 1 && !this.#isEscaped) at = textEnd(bytes, at);
      const byte = bytes[at];
      if (byte === undefined) return;
      if (this.#isText) {
        if (this.#depth === 1) this.#keep(byte);
        this.#passText(byte);
        continue;
      }
      if (byte === 0x7d || byte === 0x5d) this.#depth -= 1;
      // The brackets of what is left out stay, so that the rest is JSON.
      if (this.#depth <= 1) this.#keep(byte);
      if (byte === 0x7b || byte === 0x5b) this.#depth += 1;
      if (byte === quote) this.#isText = true;
    }
  }

  /** The message without the insides of its members, and a new beginning. Cut off where even that is too large. */
  take(): Uint8Array {
    const kept = this.#kept;
    this.#kept = [];
    this.#depth = 0;
    this.#isText = false;
    this.#isEscaped = false;
    return Buffer.from(kept);
  }

  #keep(byte: number): void {
    if (this.#kept.length < keptBytesMax) this.#kept.push(byte);
  }

  #passText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) this.#isText = false;
  }
}

/** The next byte at which a text can end, or a quote in it be none. */
function textEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at += 1;
  return at;
}
