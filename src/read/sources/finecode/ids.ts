/** Ids for what FineCode gives none: derived from what it wrote, so that each reading gives the same ones. Pure. */
import { createHash } from 'node:crypto';
import {
  correlationIdOf,
  parseSpanId,
  parseTraceId,
  type CorrelationId,
  type SpanId,
} from '../../../context/index.js';
import { isRunUuid } from '../../entry/uuid.js';

/** The correlation id of a run that nothing joins: the 128 bits of its `wal_run_id`, which is a UUID. */
export function correlationOfRun(runId: string): CorrelationId {
  const hex = isRunUuid(runId) ? runId.replaceAll('-', '') : digest(runId).slice(0, 32);
  const traceId = parseTraceId(hex);
  if (traceId === undefined) throw new RangeError('a digest of zeros');
  return correlationIdOf(traceId);
}

/** A span of a run, by what tells it from the run's other spans. */
export function derivedSpan(runId: string, ...parts: readonly string[]): SpanId {
  const spanId = parseSpanId(digest([runId, ...parts].join('\n')).slice(0, 16));
  if (spanId === undefined) throw new RangeError('a digest of zeros');
  return spanId;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
