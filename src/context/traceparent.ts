/**
 * W3C Trace Context `traceparent` (https://www.w3.org/TR/trace-context-2/#traceparent-header), strictly.
 */
import {
  hexDigit,
  parseSpanId,
  parseTraceId,
  readSpanId,
  readTraceId,
  type SpanId,
  type TraceId,
} from './ids.js';

export interface Traceparent {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** 0 to 3: bit 0 sampled, bit 1 random trace id. Other bits are not defined and are dropped. */
  readonly flags: number;
}

const versionZeroChars = 55;
/** Longer than any `traceparent` a future version may send us; what is longer is not looked at. */
const traceparentCharsMax = 256;
const definedFlags = 0x03;
const flagTexts = ['00', '01', '02', '03'] as const;
const dash = 0x2d;
const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent`, or returns `undefined` for anything the specification calls invalid. Never throws. */
export function parseTraceparent(value: unknown): Traceparent | undefined {
  if (typeof value !== 'string' || value.length > traceparentCharsMax) return undefined;
  return value.length === versionZeroChars && value.startsWith('00-')
    ? parseVersionZero(value)
    : parseLater(value);
}

/** What nearly every message carries, read without a pattern: this runs for each of them. */
function parseVersionZero(value: string): Traceparent | undefined {
  if (value.charCodeAt(35) !== dash || value.charCodeAt(52) !== dash) return undefined;
  const traceId = readTraceId(value, 3);
  const spanId = readSpanId(value, 36);
  const high = hexDigit(value.charCodeAt(53));
  const low = hexDigit(value.charCodeAt(54));
  if (traceId === undefined || spanId === undefined || high < 0 || low < 0) return undefined;
  return { traceId, spanId, flags: low & definedFlags };
}

function parseLater(value: string): Traceparent | undefined {
  const match = shape.exec(value);
  if (match === null) return undefined;
  const [, version, trace, span, flags] = match;
  // Version ff is forbidden; version 00 has exactly four fields; later versions may add fields behind a dash.
  if (version === 'ff' || (version === '00' && value.length !== versionZeroChars)) return undefined;
  const traceId = parseTraceId(trace);
  const spanId = parseSpanId(span);
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & definedFlags };
}

/** Writes a version 00 `traceparent`: 55 characters. */
export function formatTraceparent(value: Traceparent): string {
  return `00-${value.traceId}-${value.spanId}-${flagTexts[value.flags & definedFlags] ?? '00'}`;
}
