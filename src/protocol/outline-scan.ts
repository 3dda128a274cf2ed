/**
 * A walk over JSON text as bytes: where a value ends, and nothing else. Builds no value, decodes no string, never
 * recurses and never throws; -1 means that this is no JSON. What stands inside a string is not looked at.
 */
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** Calling into the runtime to find a quote pays for itself in long strings only. */
const shortStringBytes = 48;

/** Closers of the containers that are open; shared, because a walk is synchronous. */
let closers: Uint8Array = new Uint8Array(256);
const closersBytesMaxKept = 65_536;

/** The first byte at or behind `at` that is not white space. */
export function skipSpace(bytes: Buffer, at: number): number {
  let next = at;
  for (;;) {
    const byte = bytes[next];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return next;
    next += 1;
  }
}

/** The byte behind the string that begins at `at`. */
export function skipString(bytes: Buffer, at: number): number {
  if (bytes[at] !== quote) return -1;
  let next = at + 1;
  for (;;) {
    const near = Math.min(bytes.length, next + shortStringBytes);
    while (next < near) {
      const byte = bytes[next];
      if (byte === quote) return next + 1;
      next += byte === backslash ? 2 : 1;
    }
    if (next >= bytes.length) return -1;
    const found = bytes.indexOf(quote, next);
    if (found === -1) return -1;
    // An odd number of backslashes in front makes it a character of the string.
    let first = found;
    while (first > next && bytes[first - 1] === backslash) first -= 1;
    next = found + 1;
    if ((found - first) % 2 === 0) return next;
  }
}

/** The first byte of the value whose key begins at `at`. */
export function skipKey(bytes: Buffer, at: number): number {
  const end = skipString(bytes, at);
  return end === -1 ? -1 : skipColon(bytes, end);
}

/** The first byte of the value behind a key that ends at `at`. */
export function skipColon(bytes: Buffer, at: number): number {
  const next = skipSpace(bytes, at);
  return bytes[next] === colon ? skipSpace(bytes, next + 1) : -1;
}

/** The byte behind the value that begins at `at`. */
export function skipValue(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === quote) return skipString(bytes, at);
  if (first !== openBrace && first !== openBracket) return skipScalar(bytes, at);
  const end = skipContainer(bytes, at);
  if (closers.length > closersBytesMaxKept) closers = new Uint8Array(256);
  return end;
}

function skipContainer(bytes: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const byte = bytes[at];
    if (byte === openBrace || byte === openBracket) {
      // The closers stand two behind their openers in ASCII.
      const closer = byte + 2;
      if (depth === closers.length) grow();
      closers[depth] = closer;
      depth += 1;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== closer) {
        if (byte === openBrace) at = skipKey(bytes, at);
        if (at === -1) return -1;
        continue;
      }
      depth -= 1;
      at += 1;
    } else {
      at = byte === quote ? skipString(bytes, at) : skipScalar(bytes, at);
      if (at === -1) return -1;
    }
    // Behind a value: the end of any number of containers, then a comma.
    for (;;) {
      if (depth === 0) return at;
      let next = bytes[at];
      if (next !== comma && next !== closeBracket && next !== closeBrace) {
        at = skipSpace(bytes, at);
        next = bytes[at];
      }
      at += 1;
      if (next === comma) break;
      if (next !== closers[depth - 1]) return -1;
      depth -= 1;
    }
    at = skipSpace(bytes, at);
    if (closers[depth - 1] === closeBrace) at = skipKey(bytes, at);
    if (at === -1) return -1;
  }
}

function grow(): void {
  const larger = new Uint8Array(closers.length * 4);
  larger.set(closers);
  closers = larger;
}

/** A number, `true`, `false` or `null`. */
function skipScalar(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case 0x74:
      return isAt(bytes, at, 'true') ? at + 4 : -1;
    case 0x66:
      return isAt(bytes, at, 'false') ? at + 5 : -1;
    case 0x6e:
      return isAt(bytes, at, 'null') ? at + 4 : -1;
    default:
      return skipNumber(bytes, at);
  }
}

function skipNumber(bytes: Buffer, start: number): number {
  const at = bytes[start] === 0x2d ? start + 1 : start;
  let end = skipDigits(bytes, at);
  if (end === at || (bytes[at] === 0x30 && end > at + 1)) return -1;
  if (bytes[end] === 0x2e) {
    const fraction = end + 1;
    end = skipDigits(bytes, fraction);
    if (end === fraction) return -1;
  }
  const exponent = bytes[end];
  if (exponent === 0x65 || exponent === 0x45) {
    const sign = bytes[end + 1];
    const digits = sign === 0x2b || sign === 0x2d ? end + 2 : end + 1;
    end = skipDigits(bytes, digits);
    if (end === digits) return -1;
  }
  return end;
}

function skipDigits(bytes: Buffer, at: number): number {
  let next = at;
  for (;;) {
    const byte = bytes[next];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return next;
    next += 1;
  }
}

/** Whether the ASCII `text` stands at `at`. */
export function isAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether a backslash stands in these bytes. */
export function hasBackslash(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === backslash) return true;
  return false;
}
