/**
 * Ids. A correlation id is one 128-bit value with two spellings: the 26-character ULID that people read and the
 * 32-digit hexadecimal W3C trace-id that travels. Nothing here reads a clock or randomness but through arguments.
 */
import { ulid } from 'ulid';
import { pooledRandom, type RandomBytes } from './random.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 32 lower-case hexadecimal digits, never all zero (W3C Trace Context, "trace-id"). */
export type TraceId = Branded<'TraceId'>;
/** 16 lower-case hexadecimal digits, never all zero (W3C Trace Context, "parent-id"). */
export type SpanId = Branded<'SpanId'>;
/** The same 128 bits as a trace id, spelled as 26 Crockford base-32 characters. */
export type CorrelationId = Branded<'CorrelationId'>;

/** Where ids take their time and randomness from. */
export interface IdSource {
  /** Unix time in milliseconds. */
  readonly nowMs?: () => number;
  readonly random?: RandomBytes;
}

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;
/** Without the `u` flag, `i` maps no letter outside ASCII into it (`ſ` is not an `S`). */
const correlationIdPattern = /^(?!0{26})[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const hexadecimal = '0123456789abcdef';
const crockfordValue = new Map(
  Array.from(crockford, (character, value) => [character, value] as const),
);
const hexDigits = Uint8Array.from(hexadecimal, (one) => one.charCodeAt(0));
const spanBytes = new Uint8Array(8);
/** Behind the time. */
const traceBytes = new Uint8Array(10);
let mintedMs = 0;
let mintedTime = '';

/** The value as a trace id, or `undefined` when it is not one. */
export function parseTraceId(value: unknown): TraceId | undefined {
  return typeof value === 'string' && traceIdPattern.test(value) ? (value as TraceId) : undefined;
}

/** The value as a span id, or `undefined` when it is not one. */
export function parseSpanId(value: unknown): SpanId | undefined {
  return typeof value === 'string' && spanIdPattern.test(value) ? (value as SpanId) : undefined;
}

/** The trace id that begins at `start`, or `undefined` when there is none. */
export function readTraceId(text: string, start: number): TraceId | undefined {
  return isHexadecimal(text, start, start + 32)
    ? (text.slice(start, start + 32) as TraceId)
    : undefined;
}

/** The span id that begins at `start`, or `undefined` when there is none. */
export function readSpanId(text: string, start: number): SpanId | undefined {
  return isHexadecimal(text, start, start + 16)
    ? (text.slice(start, start + 16) as SpanId)
    : undefined;
}

/** The value of a lower-case hexadecimal digit's code; -1 for anything else. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Whether there are hexadecimal digits from `start` to `end`, not all zero. */
function isHexadecimal(text: string, start: number, end: number): boolean {
  let bits = 0;
  for (let index = start; index < end; index += 1) {
    const value = hexDigit(text.charCodeAt(index));
    if (value < 0) return false;
    bits |= value;
  }
  return bits !== 0;
}

/** The value (upper or lower case) as a correlation id, or `undefined` when it is not one. */
export function parseCorrelationId(value: unknown): CorrelationId | undefined {
  return typeof value === 'string' && correlationIdPattern.test(value)
    ? (value.toUpperCase() as CorrelationId)
    : undefined;
}

/** The trace-id spelling of a correlation id. */
export function traceIdOf(correlationId: CorrelationId): TraceId {
  let text = '';
  // The mirror of `correlationIdOf`: 26 groups of five bits are 130, and the first two are zero.
  let carry = 0;
  let carryBits = -2;
  for (let index = 0; index < correlationId.length; index += 1) {
    carry = (carry << 5) | (crockfordValue.get(correlationId.charAt(index)) ?? 0);
    carryBits += 5;
    while (carryBits >= 4) {
      carryBits -= 4;
      text += hexadecimal.charAt(carry >> carryBits);
      carry &= (1 << carryBits) - 1;
    }
  }
  return text as TraceId;
}

/** The ULID spelling of a trace id. For a trace id that was not minted here it carries no time. */
export function correlationIdOf(traceId: TraceId): CorrelationId {
  let text = '';
  // 128 bits are 25 groups of five and three bits in front: read as 130 bits with two leading zeros.
  let carry = 0;
  let carryBits = 2;
  for (const digit of traceId) {
    carry = (carry << 4) | Number.parseInt(digit, 16);
    carryBits += 4;
    if (carryBits >= 5) {
      carryBits -= 5;
      text += crockford.charAt(carry >> carryBits);
      carry &= (1 << carryBits) - 1;
    }
  }
  return text as CorrelationId;
}

/** A new correlation id: 48 bits of time in milliseconds, then 80 random bits. Never monotonic within a millisecond. */
export function mintCorrelationId(source: IdSource = {}): CorrelationId {
  // `ulid` reads its own clock when it is given zero, and throws below it.
  const nowMs = Math.max((source.nowMs ?? Date.now)(), 1);
  return ulid(nowMs, randomFraction(source)) as CorrelationId;
}

/** The trace-id spelling of a new correlation id: the same bits, without the detour over the other alphabet. */
export function mintTraceId(source: IdSource = {}): TraceId {
  const nowMs = Math.max(Math.trunc((source.nowMs ?? Date.now)()), 1);
  const random = (source.random ?? pooledRandom)(traceBytes);
  // 48 bits of time; it changes once in a millisecond, and ids are minted more often.
  if (nowMs !== mintedMs) {
    mintedMs = nowMs;
    mintedTime = nowMs.toString(16).padStart(12, '0');
  }
  const last = String.fromCharCode(
    highDigit(random, 8),
    lowDigit(random, 8),
    highDigit(random, 9),
    lowDigit(random, 9),
  );
  return (mintedTime + fourBytes(random, 0) + fourBytes(random, 4) + last) as TraceId;
}

/** A new span id. */
export function mintSpanId(source: IdSource = {}): SpanId {
  const bytes = (source.random ?? pooledRandom)(spanBytes);
  if (bytes.every((byte) => byte === 0)) return '0000000000000001' as SpanId;
  return (fourBytes(bytes, 0) + fourBytes(bytes, 4)) as SpanId;
}

/** Eight characters in one go: put together one by one they are a tree that has to be made flat again. */
function fourBytes(bytes: Uint8Array, start: number): string {
  return String.fromCharCode(
    highDigit(bytes, start),
    lowDigit(bytes, start),
    highDigit(bytes, start + 1),
    lowDigit(bytes, start + 1),
    highDigit(bytes, start + 2),
    lowDigit(bytes, start + 2),
    highDigit(bytes, start + 3),
    lowDigit(bytes, start + 3),
  );
}

function highDigit(bytes: Uint8Array, index: number): number {
  return hexDigits[(bytes[index] ?? 0) >> 4] ?? 0;
}

function lowDigit(bytes: Uint8Array, index: number): number {
  return hexDigits[(bytes[index] ?? 0) & 15] ?? 0;
}

/**
 * The time in a correlation id that `mintCorrelationId` made, in Unix milliseconds. Do not ask it of a foreign
 * trace id: those bits are random.
 */
export function correlationIdTimeMs(correlationId: CorrelationId): number {
  let timeMs = 0;
  for (const character of correlationId.slice(0, 10)) {
    timeMs = timeMs * 32 + (crockfordValue.get(character) ?? 0);
  }
  return timeMs;
}

/** `ulid` asks for sixteen fractions and keeps five bits of each; a byte over 256 gives those five bits evenly. */
function randomFraction(source: IdSource): () => number {
  const bytes = (source.random ?? pooledRandom)(new Uint8Array(16));
  let next = 0;
  return () => (bytes[next++ % 16] ?? 0) / 256;
}
