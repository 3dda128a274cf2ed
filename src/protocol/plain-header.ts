/** The header that every reader understands, `Content-Length: N` and nothing else, read and written as bytes. */

const name = Buffer.from('Content-Length: ');
const nameBytes = name.length;
const digitsMax = 15;
const zero = 0x30;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
/** A header of ours is at most this long. */
export const headerBytesMax: number = nameBytes + digitsMax + 4;

export interface PlainHeader {
  /** Where the body begins. */
  readonly end: number;
  readonly length: number;
}

/** Reads a header that is written exactly as ours; `undefined` for any other. */
export function readPlain(bytes: Uint8Array, at: number): PlainHeader | 'unfinished' | undefined {
  const size = bytes.length;
  let next = at;
  for (let index = 0; index < nameBytes; index += 1, next += 1) {
    if (next === size) return 'unfinished';
    if (bytes[next] !== name[index]) return undefined;
  }
  let length = 0;
  const digits = next;
  for (const end = Math.min(size, digits + digitsMax); next < end; next += 1) {
    const digit = (bytes[next] as number) - zero;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  if (next === digits && next < size) return undefined;
  for (let index = 0; index < 4; index += 1, next += 1) {
    if (next === size) return 'unfinished';
    if (bytes[next] !== (index % 2 === 0 ? carriageReturn : lineFeed)) return undefined;
  }
  return { end: next, length };
}

/** Writes the header of a body of `length` bytes at `at`; the byte behind it. */
export function writePlain(target: Uint8Array, at: number, length: number): number {
  let next = at;
  for (let index = 0; index < nameBytes; index += 1, next += 1)
    target[next] = name[index] as number;
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  let rest = length;
  for (let index = digits - 1; index >= 0; index -= 1) {
    target[next + index] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  next += digits;
  target[next] = carriageReturn;
  target[next + 1] = lineFeed;
  target[next + 2] = carriageReturn;
  target[next + 3] = lineFeed;
  return next + 4;
}
