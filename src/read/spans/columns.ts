/** Numbers in pages: what a million spans are kept in. Grows without ever copying what is there. */

const pageBits = 10;
const pageRows = 1 << pageBits;
const rowMask = pageRows - 1;

type Numbers = Float64Array | Uint32Array | Int32Array | Uint16Array;

/** `width` numbers in each row. */
export class Columns<Page extends Numbers> {
  readonly #pages: Page[] = [];
  readonly #width: number;
  readonly #make: (length: number) => Page;

  constructor(width: number, make: (length: number) => Page) {
    this.#width = width;
    this.#make = make;
  }

  get(row: number, column: number): number {
    return this.#pages[row >> pageBits]?.[(row & rowMask) * this.#width + column] ?? 0;
  }

  set(row: number, column: number, value: number): void {
    const at = row >> pageBits;
    let page = this.#pages[at];
    if (page === undefined) {
      page = this.#make(pageRows * this.#width);
      this.#pages[at] = page;
    }
    page[(row & rowMask) * this.#width + column] = value;
  }
}

const half = /\p{Surrogate}/u;

/** Texts that come again and again, by number from 1; 0 is none. */
export class Interner {
  readonly #numbers = new Map<string, number>();
  readonly #texts: (string | undefined)[] = [undefined];
  readonly #textsMax: number;

  constructor(textsMax = 0xffff) {
    this.#textsMax = textsMax;
  }

  /** -1 when there are too many different ones: then it is no use. */
  number(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length > this.#textsMax) return -1;
    // The parser's strings may hold on to the line they were cut from. UTF-8 has no halves of characters.
    const encoding = half.test(text) ? 'utf16le' : 'utf8';
    const own = Buffer.from(text, encoding).toString(encoding);
    this.#numbers.set(own, this.#texts.length);
    return this.#texts.push(own) - 1;
  }

  text(number: number): string | undefined {
    return this.#texts[number];
  }
}

/** Texts of all kinds, one after the other, in memory that is not looked through for garbage. */
export class Arena {
  readonly #pages: Buffer[] = [];
  #used = 0;

  /** Returns where it is. */
  add(text: string): number {
    const bytes = Buffer.from(text);
    const needed = bytes.length + 4;
    let page = this.#pages.at(-1);
    if (page === undefined || this.#used + needed > page.length) {
      page = Buffer.allocUnsafeSlow(Math.max(arenaPageBytes, needed));
      this.#pages.push(page);
      this.#used = 0;
    }
    page.writeUInt32LE(bytes.length, this.#used);
    page.set(bytes, this.#used + 4);
    const place = (this.#pages.length - 1) * arenaPageBytes + this.#used;
    this.#used += needed;
    return place;
  }

  text(place: number): string {
    const page = this.#pages[Math.floor(place / arenaPageBytes)];
    const at = place % arenaPageBytes;
    const length = page?.readUInt32LE(at) ?? 0;
    return page?.toString('utf8', at + 4, at + 4 + length) ?? '';
  }
}

const arenaPageBytes = 1 << 16;
