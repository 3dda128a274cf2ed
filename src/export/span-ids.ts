/**
 * The ids of spans in every format. A recorded id is used as it is, so that an export of today and one of tomorrow are
 * the same spans. What has none gets one that is computed from what it is, and never a random one.
 */
import { createHash } from 'node:crypto';
import { parseSpanId, traceIdOf, type SpanId, type TraceId } from '../context/index.js';
import type { Span } from '../read/index.js';

export interface SpanIds {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
}

/** The ids of one span, in the spelling of W3C. */
export function idsOf(span: Pick<Span, 'correlationId' | 'spanId' | 'parentSpanId'>): SpanIds {
  const { correlationId, spanId, parentSpanId } = span;
  return { traceId: traceIdOf(correlationId), spanId, parentSpanId };
}

/** An id for something that has none: the same parts give the same id, for ever. */
export function derivedSpanId(...parts: readonly string[]): SpanId {
  const hash = createHash('sha256');
  // With its length before it no part can be taken for the end of another one.
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return parseSpanId(hash.digest('hex').slice(0, 16)) ?? ('0000000000000001' as SpanId);
}

/** A 64-bit number for the same, for formats that name tracks and flows by numbers. */
export function derivedNumber(...parts: readonly string[]): bigint {
  return BigInt(`0x${derivedSpanId(...parts)}`);
}
