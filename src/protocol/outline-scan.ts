/**
 * A walk over JSON text as bytes: where a value ends, and nothing else. Builds no value, decodes no string, never
 * recurses and never throws; -1 means that this is no JSON. What stands inside a string is not looked at.
 */
import {
  afterInArray,
  afterInObject,
  colonState,
  firstKey,
  firstStep,
  firstValue,
  grammar,
  step,
} from './outline-grammar.js';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const openBracket = 0x5b;
/** Calling into the runtime to find a quote pays for itself in long strings only. */
const shortStringBytes = 64;

/** This module's own constants, because an import is looked up each time it is read. */
const table = grammar;
const steps = firstStep;
/** Which of the open containers are objects; shared, because a walk is synchronous. */
let objects: Uint8Array = new Uint8Array(256);
const objectsMaxKept = 65_536;

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
  const { length } = bytes;
  let next = at + 1;
  const near = Math.min(length, next + shortStringBytes);
  while (next < near) {
    const byte = bytes[next];
    if (byte === quote) return next + 1;
    next += byte === backslash ? 2 : 1;
  }
  while (next < length) {
    const found = bytes.indexOf(quote, next);
    if (found === -1) return -1;
    // An odd number of backslashes in front makes it a character of the string.
    let first = found;
    while (first > next && bytes[first - 1] === backslash) first -= 1;
    next = found + 1;
    if ((found - first) % 2 === 0) return next;
  }
  return -1;
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
  if (objects.length > objectsMaxKept) objects = new Uint8Array(256);
  return end;
}

/** Over the whole grammar, but for what is inside strings. */
function skipContainer(bytes: Buffer, start: number): number {
  const { length } = bytes;
  let isObject = bytes[start] === openBrace;
  let state = isObject ? firstKey : firstValue;
  objects[0] = isObject ? 1 : 0;
  let depth = 1;
  let at = start + 1;
  while (at < length) {
    // Neither is ever outside of its array; saying so costs nothing, checking it does.
    const next = table[(state << 8) | (bytes[at] as number)] as number;
    at += 1;
    if (next < steps) {
      // The error: there is no way back from it.
      if (next === 0) return -1;
      state = next;
    } else if (next === step.string || next === step.key) {
      at = skipString(bytes, at - 1);
      if (at === -1) return -1;
      state = next === step.key ? colonState : isObject ? afterInObject : afterInArray;
    } else if (next === step.close) {
      depth -= 1;
      if (depth === 0) return at;
      isObject = objects[depth - 1] === 1;
      state = isObject ? afterInObject : afterInArray;
    } else {
      isObject = next === step.openObject;
      state = isObject ? firstKey : firstValue;
      if (depth === objects.length) grow();
      objects[depth] = isObject ? 1 : 0;
      depth += 1;
    }
  }
  return -1;
}

function grow(): void {
  const larger = new Uint8Array(objects.length * 4);
  larger.set(objects);
  objects = larger;
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
