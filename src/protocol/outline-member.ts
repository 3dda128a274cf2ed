/** One value out of a message's bytes, found without parsing the rest. Never throws. */
import { viewOf } from './bytes.js';
import type { Span } from './outline-types.js';
import { skipColon, skipSpace, skipString, skipValue } from './outline-scan.js';

const openBrace = 0x7b;
const comma = 0x2c;

/** Where the value at `path`, a list of keys, stands; of a key that stands there twice the last one. */
export function findMember(body: Uint8Array, path: readonly string[]): Span | undefined {
  const bytes = viewOf(body);
  let start = skipSpace(bytes, 0);
  let end = bytes.length;
  for (const key of path) {
    const value = findKey(bytes, start, key);
    if (value === undefined) return undefined;
    ({ start, end } = value);
  }
  return { start, end };
}

/** The value at `path` if it is a string, number, boolean or `null` of at most `bytesMax` bytes. */
export function readMember(
  body: Uint8Array,
  path: readonly string[],
  bytesMax = 4096,
): string | number | boolean | null | undefined {
  const span = findMember(body, path);
  if (span === undefined || span.end - span.start > bytesMax) return undefined;
  const value = parse(viewOf(body), span);
  return typeof value === 'object' && value !== null ? undefined : value;
}

/** An object with more members is not read to its end. */
const membersMax = 4096;

/** All members of the object that begins at `start`, of a key that stands there twice the last; none of anything else. */
export function membersAt(body: Uint8Array, start = 0): ReadonlyMap<string, Span> {
  const bytes = viewOf(body);
  const members = new Map<string, Span>();
  const brace = skipSpace(bytes, start);
  if (bytes[brace] !== openBrace) return members;
  for (let at = skipSpace(bytes, brace + 1); members.size < membersMax;) {
    const keyEnd = skipString(bytes, at);
    const valueStart = keyEnd === -1 ? -1 : skipColon(bytes, keyEnd);
    const end = valueStart === -1 ? -1 : skipValue(bytes, valueStart);
    if (end === -1) break;
    const key = parse(bytes, { start: at, end: keyEnd });
    if (typeof key === 'string') members.set(key, { start: valueStart, end });
    at = skipSpace(bytes, end);
    if (bytes[at] !== comma) break;
    at = skipSpace(bytes, at + 1);
  }
  return members;
}

function findKey(bytes: Buffer, brace: number, key: string): Span | undefined {
  if (bytes[brace] !== openBrace) return undefined;
  let found: Span | undefined;
  let at = skipSpace(bytes, brace + 1);
  for (;;) {
    const keyEnd = skipString(bytes, at);
    // Not a key: the object is empty, or this is no JSON.
    if (keyEnd === -1) return found;
    const start = skipColon(bytes, keyEnd);
    const end = start === -1 ? -1 : skipValue(bytes, start);
    if (end === -1) return undefined;
    if (parse(bytes, { start: at, end: keyEnd }) === key) found = { start, end };
    at = skipSpace(bytes, end);
    if (bytes[at] !== comma) return found;
    at = skipSpace(bytes, at + 1);
  }
}

function parse(bytes: Buffer, { start, end }: Span): string | number | boolean | null | undefined {
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as string | number | boolean | null;
  } catch {
    return undefined;
  }
}
