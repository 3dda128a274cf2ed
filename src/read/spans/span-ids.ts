/** A span's ids as numbers, and where the span with them is: a table without a string in it. */
import { type CorrelationId, type SpanId } from '../../context/index.js';
import { Columns } from './columns.js';

const correlationWords = 4;
const spanWords = 2;
const idWords = correlationWords + spanWords;
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const values = new Uint8Array(128);
for (const [value, digit] of digits.split('').entries()) {
  values[digit.charCodeAt(0)] = value;
}

/** The ids that the last call of `setIds` put here: one at a time, so that nothing is made for each record. */
export const wanted: Uint32Array = new Uint32Array(idWords);

/** Looks at these ids next. */
export function setIds(correlationId: string, spanId: string | undefined): void {
  ulidWords(correlationId, wanted);
  setSpanId(spanId);
}

/** Keeps the correlation id that is looked at, and changes the span. */
export function setSpanId(spanId: string | undefined): void {
  wanted[4] = spanId === undefined ? 0 : Number.parseInt(spanId.slice(0, 8), 16);
  wanted[5] = spanId === undefined ? 0 : Number.parseInt(spanId.slice(8), 16);
}

/** The 128 bits of a ULID as four words. */
export function ulidWords(ulid: string, into: Uint32Array): void {
  let at = 0;
  let [rest, bits] = [0, -2];
  for (let index = 0; index < 26; index += 1) {
    rest = rest * 32 + (values[ulid.charCodeAt(index)] ?? 0);
    bits += 5;
    if (bits < 32) continue;
    const low = 2 ** (bits - 32);
    into[at] = Math.floor(rest / low);
    at += 1;
    rest %= low;
    bits -= 32;
  }
}

/** The ULID of four words, or `undefined` when all of them are 0. */
export function ulidOf(words: (index: number) => number): string | undefined {
  let text = '';
  let any = 0;
  // Two bits that are always 0 come before the 128: 26 characters of 5.
  let [rest, bits] = [0, 2];
  for (let index = 0; index < correlationWords; index += 1) {
    const word = words(index);
    any |= word;
    // By halves: 32 bits with what is left over are more than a number's bit operations hold.
    for (const half of [word >>> 16, word & 0xffff]) {
      rest = (rest << 16) | half;
      bits += 16;
      while (bits >= 5) {
        bits -= 5;
        text += digits[rest >>> bits];
        rest &= (1 << bits) - 1;
      }
    }
  }
  return any === 0 ? undefined : text;
}

/** A span id of two words. */
export function spanIdOf(high: number, low: number): SpanId {
  return (hexOf(high) + hexOf(low)) as SpanId;
}

/** Ids by row, and rows by ids. */
export class IdTable {
  readonly #ids = new Columns(idWords, (length) => new Uint32Array(length));
  #slots = new Int32Array(1 << 10);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** The row with the ids that were set, or -1. */
  find(): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash() & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row === -1 || this.#isAt(row)) return row;
    }
  }

  /** A new row for the ids that were set, which have none. */
  add(): number {
    const row = this.#count;
    this.#count += 1;
    for (let word = 0; word < idWords; word += 1) this.#ids.set(row, word, wanted[word] ?? 0);
    if (this.#count * 2 > this.#slots.length) this.#grow();
    else this.#enter(row);
    return row;
  }

  /** Sets the ids of a row again. */
  take(row: number): void {
    for (let word = 0; word < idWords; word += 1) wanted[word] = this.#ids.get(row, word);
  }

  correlationId(row: number): CorrelationId {
    return (ulidOf((word) => this.#ids.get(row, word)) ?? '') as CorrelationId;
  }

  spanId(row: number): SpanId {
    return spanIdOf(this.#ids.get(row, 4), this.#ids.get(row, 5));
  }

  #isAt(row: number): boolean {
    // The span first: it tells most apart.
    for (let word = idWords - 1; word >= 0; word -= 1) {
      if (this.#ids.get(row, word) !== wanted[word]) return false;
    }
    return true;
  }

  #enter(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash() & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #grow(): void {
    const kept = wanted.slice();
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let row = 0; row < this.#count; row += 1) {
      this.take(row);
      this.#enter(row);
    }
    wanted.set(kept);
  }
}

function hexOf(word: number): string {
  // With a one in front it has all its zeros.
  return (word + 2 ** 32).toString(16).slice(1);
}

function hash(): number {
  // Span ids are random; the time in a correlation id is not, and a hostile stream's ids need not be either.
  let mixed = 0x9e3779b9;
  for (let word = 0; word < idWords; word += 1) {
    mixed = Math.imul(mixed ^ (wanted[word] ?? 0), 0x85ebca6b);
    mixed ^= mixed >>> 13;
  }
  return mixed >>> 0;
}
