/**
 * What a span must be before it leaves. Collectors take all-zero ids and ends before starts without a word, and whoever
 * looks for the span later does not find it.
 */
import type { OtlpSpan } from './span.js';

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;
/** What a number holds exactly: the year 2255. In nanoseconds it is still below the 64 bits of OTLP. */
const microsecondsMax = Number.MAX_SAFE_INTEGER;
const nameCharsMax = 16_384;

/** What is wrong with it, in words that fit behind "a span was left out: "; `undefined` when nothing is. */
export function problemOf(span: OtlpSpan): string | undefined {
  if (!traceIdPattern.test(span.traceId)) return 'its trace id is none';
  if (!spanIdPattern.test(span.spanId)) return 'its span id is none';
  const { parentSpanId } = span;
  if (parentSpanId !== undefined && !spanIdPattern.test(parentSpanId)) {
    return 'the id of its parent is none';
  }
  for (const { traceId, spanId } of span.links) {
    if (!traceIdPattern.test(traceId) || !spanIdPattern.test(spanId)) return 'a link of it is none';
  }
  if (!isTime(span.start) || !isTime(span.end)) return 'its times are before 1970 or after 2255';
  if (span.end < span.start) return 'it ends before it begins';
  if (!span.events.every(({ microseconds }) => isTime(microseconds))) {
    return 'a time in it is before 1970 or after 2255';
  }
  if (span.name === '' || span.name.length > nameCharsMax) return 'its name is empty or too long';
  return undefined;
}

function isTime(microseconds: number): boolean {
  return Number.isInteger(microseconds) && microseconds >= 0 && microseconds <= microsecondsMax;
}
