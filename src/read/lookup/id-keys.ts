/**
 * Which ids stand in a file, as a set of 32-bit keys: what is not in the set is not in the file, for certain; what is may
 * be. It is made of the same bytes that a search looks at, damaged or not, and knows nothing of records. Pure.
 */
const quote = 0x22;
const tailCharacters = 7;
const ulidCharacters = 26;
const traceCharacters = 32;
const besideMax = 8;
/** A file with more is not worth knowing, or was made to be large. */
const keysMax = 4_000_000;

const upper = 1;
const hex = 2;
const kinds = new Uint8Array(256);
for (let code = 0; code < 256; code += 1) {
  const text = String.fromCharCode(code);
  kinds[code] = (/[0-9A-Z]/.test(text) ? upper : 0) | (/[0-9a-f]/.test(text) ? hex : 0);
}

/** The key to look a text up by; `undefined` for one that sets of keys know nothing of. */
export function keyOf(text: string): number | undefined {
  const bytes = Buffer.from(text, 'latin1');
  if (/^[0-9A-Z]{26}$/.test(text)) return keyAt(bytes, 0, ulidCharacters);
  if (/^[0-9a-f]{32}$/.test(text)) return keyAt(bytes, 0, traceCharacters);
  if (/^[0-9A-Z]{7,25}"$/.test(text)) {
    return keyAt(bytes, bytes.length - 1 - tailCharacters, tailCharacters);
  }
  return undefined;
}

/** FNV-1a. */
function keyAt(bytes: Uint8Array, at: number, length: number): number {
  let key = 0x811c9dc5 ^ length;
  for (let index = at; index < at + length; index += 1) {
    key = Math.imul(key ^ (bytes[index] ?? 0), 0x01000193);
  }
  // An empty place holds 0.
  return key === 0 ? 1 : key >>> 0;
}

/** Gathers the keys of a file, block by block. */
export class IdKeys {
  #keys = new Uint32Array(8192);
  #count = 0;
  /** Most ids stand in a row of lines: so that each need not be held as often. */
  readonly #recent = new Uint32Array(4096);

  /** Whole lines. */
  look({ bytes, start, end }: { bytes: Uint8Array; start: number; end: number }): void {
    this.#runs({ bytes, start, end, kind: upper, least: tailCharacters }, (from, to) => {
      this.#words(bytes, { from, to, length: ulidCharacters });
      if (bytes[to] === quote && !isClock(bytes, from, to))
        this.#add(bytes, to - tailCharacters, tailCharacters);
    });
    this.#runs({ bytes, start, end, kind: hex, least: traceCharacters }, (from, to) => {
      this.#words(bytes, { from, to, length: traceCharacters });
    });
  }

  /** An id, also where damage to what is beside it has made it longer; in what is longer yet, a hash, none is sought. */
  #words(
    bytes: Uint8Array,
    { from, to, length }: { readonly from: number; readonly to: number; readonly length: number },
  ): void {
    if (to - from > length + besideMax) return;
    for (let at = from; at + length <= to; at += 1) this.#add(bytes, at, length);
  }

  /** Sorted, each once; `undefined`: there are too many. */
  sorted(): Uint32Array | undefined {
    if (this.#count >= keysMax) return undefined;
    const keys = this.#keys.slice(0, this.#count).sort();
    let count = 0;
    for (const key of keys) {
      if (count === 0 || keys[count - 1] !== key) keys[count++] = key;
    }
    return keys.slice(0, count);
  }

  /** Every stretch of at least `least` bytes of one kind: one in so many bytes has to be looked at to find them. */
  #runs(
    where: { bytes: Uint8Array; start: number; end: number; kind: number; least: number },
    tell: (from: number, to: number) => void,
  ): void {
    const { bytes, start, end, kind, least } = where;
    for (let at = start + least - 1; at < end; at += least) {
      if (((kinds[bytes[at] ?? 0] ?? 0) & kind) === 0) continue;
      let from = at;
      while (from > start && ((kinds[bytes[from - 1] ?? 0] ?? 0) & kind) !== 0) from -= 1;
      while (at < end && ((kinds[bytes[at] ?? 0] ?? 0) & kind) !== 0) at += 1;
      if (at - from >= least) tell(from, at);
    }
  }

  #add(bytes: Uint8Array, at: number, length: number): void {
    const key = keyAt(bytes, at, length);
    if (this.#recent[key & 4095] === key || this.#count >= keysMax) return;
    this.#recent[key & 4095] = key;
    if (this.#count === this.#keys.length) {
      const larger = new Uint32Array(this.#count * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[this.#count++] = key;
  }
}

/** The two readings that every record has: they are new in each, and no id. */
function isClock(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  // `.480123Z"` of `ts`, and `"hlc":"…"`.
  if (length === 7) return bytes[from - 1] === 0x2e && bytes[to - 1] === 0x5a;
  return length === 13 && bytes[from - 1] === quote && bytes[from - 4] === 0x63;
}

/** Whether sorted keys hold this one. */
export function holds(keys: Uint32Array, key: number): boolean {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key;
}
