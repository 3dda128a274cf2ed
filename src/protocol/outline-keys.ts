/** The names that matter in a message, each a bit: which of them a key is, told from its bytes. Reads no value. */
import { hasBackslash, isAt } from './outline-scan.js';

export const keyOf = {
  id: 1,
  method: 2,
  params: 4,
  meta: 8,
  traceparent: 16,
  tracestate: 32,
  baggage: 64,
  result: 128,
  error: 256,
  finecode: 512,
  progressToken: 1024,
} as const;

/** Which of them matter where. */
export const metaKeys: number = keyOf.traceparent | keyOf.tracestate | keyOf.baggage;
export const envelopeKeys: number =
  keyOf.id | keyOf.method | keyOf.params | keyOf.meta | keyOf.result | keyOf.error | metaKeys;
export const paramsKeys: number = keyOf.meta | keyOf.finecode;
export const paramsMetaKeys: number = metaKeys | keyOf.progressToken;

const named: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['id', keyOf.id],
  ['method', keyOf.method],
  ['params', keyOf.params],
  ['_meta', keyOf.meta],
  ['traceparent', keyOf.traceparent],
  ['tracestate', keyOf.tracestate],
  ['baggage', keyOf.baggage],
  ['result', keyOf.result],
  ['error', keyOf.error],
  ['_traceparent', keyOf.finecode],
  ['progressToken', keyOf.progressToken],
]);
/** The longest name, each of its characters escaped, and its quotes. */
const keyBytesMax = 128;

/** The key whose text stands from `start` to `end`, without its quotes; 0 for any other. */
export function keyAt(bytes: Buffer, start: number, end: number): number {
  const key = plainKey(bytes, start, end - start);
  if (key !== 0) return key;
  const isShort = end - start + 2 <= keyBytesMax;
  return isShort && hasBackslash(bytes, start, end) ? escapedKey(bytes, start, end) : 0;
}

/** By its length first: most keys are none of these. */
function plainKey(bytes: Buffer, start: number, length: number): number {
  switch (length) {
    case 2:
      return isAt(bytes, start, 'id') ? keyOf.id : 0;
    case 5:
      if (isAt(bytes, start, '_meta')) return keyOf.meta;
      return isAt(bytes, start, 'error') ? keyOf.error : 0;
    case 6:
      if (isAt(bytes, start, 'method')) return keyOf.method;
      if (isAt(bytes, start, 'params')) return keyOf.params;
      return isAt(bytes, start, 'result') ? keyOf.result : 0;
    case 7:
      return isAt(bytes, start, 'baggage') ? keyOf.baggage : 0;
    case 10:
      return isAt(bytes, start, 'tracestate') ? keyOf.tracestate : 0;
    case 11:
      return isAt(bytes, start, 'traceparent') ? keyOf.traceparent : 0;
    case 12:
      return isAt(bytes, start, '_traceparent') ? keyOf.finecode : 0;
    case 13:
      return isAt(bytes, start, 'progressToken') ? keyOf.progressToken : 0;
    default:
      return 0;
  }
}

function escapedKey(bytes: Buffer, start: number, end: number): number {
  try {
    return named.get(JSON.parse(bytes.toString('utf8', start - 1, end + 1))) ?? 0;
  } catch {
    return 0;
  }
}
