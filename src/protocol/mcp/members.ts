/** The few values of an MCP message that a context is made of, read without parsing the rest. Never throws. */
import { viewOf } from '../bytes.js';
import { isAt, skipColon, skipSpace, skipString, skipValue } from '../outline-scan.js';
import { idKey, type Outline, type Place, type Slot } from '../outline-types.js';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
/** A longer value is no name. */
const valueBytesMax = 4096;
const clientInfoKey = 'io.modelcontextprotocol/clientInfo';

/** What is asked for: the name of a tool or a prompt. */
export function nameOf(body: Uint8Array, { params }: Outline): string | undefined {
  return textMember(body, params, 'name');
}

/** The text that a key of an object has. */
export function textMember(body: Uint8Array, holder: Slot, key: string): string | undefined {
  const found = typeof holder === 'object' ? value(body, holder, key) : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** The client's name: from `initialize`, or, since 2026-07-28, from any request. */
export function clientOf(body: Uint8Array, found: Outline): string | undefined {
  const { method, params, paramsMeta } = found;
  const [holder, key] =
    method === 'initialize' ? [params, 'clientInfo'] : [paramsMeta, clientInfoKey];
  const info = typeof holder === 'object' ? value(body, holder, key) : undefined;
  const name = (info as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/** Which request a cancel means, as `idKey` spells it. */
export function requestIdOf(body: Uint8Array, { params }: Outline): string | undefined {
  const bytes = viewOf(body);
  const start = typeof params === 'object' ? find(bytes, params, 'requestId') : -1;
  const end = start === -1 ? -1 : skipValue(bytes, start);
  return end === -1 ? undefined : idKey(bytes.toString('utf8', start, end));
}

function value(body: Uint8Array, place: Place, key: string): unknown {
  const bytes = viewOf(body);
  const start = find(bytes, place, key);
  const end = start === -1 ? -1 : skipValue(bytes, start);
  if (end === -1 || end - start > valueBytesMax) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as unknown;
  } catch {
    return undefined;
  }
}

/** Where the value of a key begins: of the first that is spelled so, without escapes. */
function find(bytes: Buffer, place: Place, key: string): number {
  let at = skipSpace(bytes, place.start);
  while (bytes[at] === quote) {
    const keyEnd = skipString(bytes, at);
    const start = keyEnd === -1 ? -1 : skipColon(bytes, keyEnd);
    if (start === -1) return -1;
    const isKey =
      keyEnd - at === key.length + 2 && isAt(bytes, at + 1, key) && bytes[keyEnd - 2] !== backslash;
    if (isKey) return start;
    const end = skipValue(bytes, start);
    if (end === -1) return -1;
    at = skipSpace(bytes, end);
    if (bytes[at] !== comma) return -1;
    at = skipSpace(bytes, at + 1);
  }
  return -1;
}
