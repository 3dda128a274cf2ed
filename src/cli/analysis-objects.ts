/** What the JSON output of the commands that compare and count holds: one function per schema, as in objects.ts. */
import type { Effect, Finding, Request, StreamReport } from '../read/index.js';
import type { Step } from './analysis/critical-path.js';
import type { FileDifference, Side, SpanDifference } from './analysis/difference.js';
import type { Failure } from './analysis/failures.js';
import type { Change } from './analysis/over-time.js';
import { percentile, type Statistic } from './analysis/statistics.js';
import { spanDurationMs } from './render/outline.js';

/** `throughline.failure/1`. */
export function failureObject(request: Request, { span, path }: Failure): object {
  return {
    ...idsOf(request),
    span_id: span.spanId,
    kind: span.kind,
    name: span.name,
    state: span.state,
    why: span.why,
    error: span.error ?? null,
    path: path.map((above) => ({ span_id: above.spanId, kind: above.kind, name: above.name })),
    started: span.started?.ts ?? null,
    ended: span.ended?.ts ?? null,
    duration_ms: spanDurationMs(span) ?? null,
    writer_id: span.writerId,
    wal_run_id: span.runId ?? null,
    request_state: request.state,
    via: request.via ?? null,
    client: request.client ?? null,
    what: request.what,
  };
}

/** `throughline.step/1`. */
export function stepObject(request: Request, step: Step): object {
  return {
    ...idsOf(request),
    span_id: step.span.spanId,
    kind: step.span.kind,
    name: step.span.name,
    state: step.span.state,
    depth: step.depth,
    count: step.count,
    start_ms: step.startUs / 1000,
    total_ms: step.totalUs / 1000,
    wait_ms: step.waitUs / 1000,
    self_ms: step.selfUs / 1000,
    gain_ms: step.gainUs / 1000,
    writer_id: step.span.writerId,
  };
}

/** `throughline.change/1`. */
export function changeObject(
  request: Request,
  { what, span, at, offsetUs, effect }: Change,
): object {
  return {
    ...idsOf(request),
    span_id: span.spanId,
    kind: span.kind,
    name: span.name,
    what: what.replace(' ', '_'),
    state: what === 'began' || what === 'touched' ? 'in_flight' : span.state,
    offset_ms: offsetUs / 1000,
    ts: at.ts,
    hlc: at.hlc,
    path: effect?.path ?? null,
    change: effect?.change ?? null,
    inferred: effect?.inferred ?? null,
    writer_id: span.writerId,
  };
}

/** `throughline.difference/1` of a place in the trees. */
export function spanDifferenceObject(a: Request, b: Request, span: SpanDifference): object {
  return {
    of: 'span',
    a_correlation_id: a.correlationId,
    b_correlation_id: b.correlationId,
    depth: span.depth,
    kind: span.kind,
    name: span.name,
    change: span.change,
    spans: span.spans,
    a: sideObject(span.a),
    b: sideObject(span.b),
  };
}

/** `throughline.difference/1` of a file. */
export function fileDifferenceObject(a: Request, b: Request, file: FileDifference): object {
  return {
    of: 'file',
    a_correlation_id: a.correlationId,
    b_correlation_id: b.correlationId,
    path: file.path,
    change: file.change,
    a: contentObject(file.a),
    b: contentObject(file.b),
  };
}

/** `throughline.stat/1`. */
export function statObject(one: Statistic): object {
  return {
    of: one.of,
    name: one.name,
    count: one.count,
    states: one.states,
    p50_ms: one.p50Ms ?? null,
    p99_ms: one.p99Ms ?? null,
    max_ms: one.maxMs ?? null,
  };
}

/** `throughline.stream/1`. */
export function streamObject(stream: StreamReport): object {
  return {
    writer_id: stream.writerId,
    role: stream.role,
    root: stream.root,
    records: stream.records,
    first: stream.first?.ts ?? null,
    last: stream.last === undefined ? null : lastObject(stream.last),
    sealed: stream.sealed,
    condition: stream.condition,
    writer: stream.writer.state,
    evidence: stream.writer.evidence,
    faults: stream.faults.length,
    duplicates: stream.duplicates,
    later_format: stream.isForeign,
  };
}

/** `throughline.finding/1`. */
export function findingObject(finding: Finding): object {
  return {
    finding: finding.name,
    message: finding.message,
    recovery: finding.recovery.replaceAll(/[ -]/g, '_'),
    because: finding.because,
    repeat: finding.repeat ?? null,
    correlation_id: finding.correlationId ?? null,
    entry_span_id: finding.entrySpanId ?? null,
    span_id: finding.spanId ?? null,
    records: finding.records.map((record) => ({
      root: record.root,
      writer_id: record.writerId,
      sequence: record.sequence,
      file: record.file,
      offset: record.offset,
      event: record.event,
      ts: record.ts,
    })),
  };
}

function idsOf(request: Request): object {
  return {
    correlation_id: request.correlationId,
    trace_id: request.traceId,
    entry_span_id: request.entrySpanId,
  };
}

function lastObject(last: NonNullable<StreamReport['last']>): object {
  return { event: last.event, sequence: last.sequence, ts: last.ts };
}

function sideObject(side: Side | undefined): object | null {
  return side === undefined ? null : { ...sideNumbers(side), errors: side.errors };
}

/** How often, how it ended and how long it took, on one side of a comparison. */
export function sideNumbers(side: Side): object {
  return {
    count: side.count,
    states: Object.fromEntries(side.states),
    p50_ms: percentile(side.durationsMs, 0.5) ?? null,
    total_ms: side.durationsMs.reduce((sum, ms) => sum + ms, 0),
  };
}

function contentObject(effect: Effect | undefined): object | null {
  if (effect === undefined) return null;
  return { change: effect.change, after: effect.after ?? null, inferred: effect.inferred };
}
