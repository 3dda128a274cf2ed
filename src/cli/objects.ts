/** What the JSON output holds: one function per schema. docs/cli.md is the contract; absent values are null. */
import type { Link } from '../context/index.js';
import {
  type EffectOf,
  type Effect,
  type Entry,
  type OpenSpan,
  type Request,
  type Span,
} from '../read/index.js';

/** `throughline.run/1`. */
export function runObject(request: Request): object {
  return {
    correlation_id: request.correlationId,
    trace_id: request.traceId,
    entry_span_id: request.entrySpanId,
    state: request.state,
    why: request.why,
    started: request.started.ts,
    ended: request.ended?.ts ?? null,
    duration_ms: request.durationMs ?? null,
    via: request.via ?? null,
    client: request.client ?? null,
    what: request.what,
    spans: request.spans,
    open: request.open,
    lost: request.lost,
    unknown: request.unknown,
    streams: request.streams.map((stream) => stream.writerId),
    records: request.records,
    effects: request.effects,
    effects_inferred: request.effectsInferred,
    answered: request.answered ?? null,
    resolution: request.resolution ?? null,
    ...joinFields(request),
    links: linkFields(request.links),
    last: { event: request.last.event, ts: request.last.ts },
  };
}

/** `throughline.span/1`. */
export function spanObject(request: Request, span: Span, depth: number): object {
  return {
    correlation_id: request.correlationId,
    trace_id: request.traceId,
    entry_span_id: request.entrySpanId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? null,
    depth,
    kind: span.kind,
    name: span.name,
    state: span.state,
    open: span.open,
    why: span.why,
    started: span.started?.ts ?? null,
    started_hlc: span.started?.hlc ?? null,
    ended: span.ended?.ts ?? null,
    ended_hlc: span.ended?.hlc ?? null,
    duration_ms: span.durationMs ?? null,
    writer_id: span.writerId,
    wal_run_id: span.runId ?? null,
    trigger: span.trigger ?? null,
    env_name: span.env ?? null,
    runner: span.runner ?? null,
    attempt: span.attempt ?? null,
    error: span.error ?? null,
    answered: span.answered ?? null,
    cancel_requested: span.cancelRequested ?? null,
    client_gone: span.clientGone,
    resolution: span.resolution ?? null,
    ...joinFields(span),
    records: span.records,
    terminals: span.terminals,
    effects: span.effects.map((effect) => effectFields(effect)),
    last: { event: span.last.event, ts: span.last.ts },
  };
}

/** `throughline.inflight/1`. */
export function openObject(open: OpenSpan): object {
  const { request, span } = open;
  return {
    correlation_id: request.correlationId,
    trace_id: request.traceId,
    entry_span_id: request.entrySpanId,
    span_id: span.spanId,
    kind: span.kind,
    name: span.name,
    state: open.state,
    why: span.why,
    since: span.first.ts,
    writer_id: span.writerId,
    wal_run_id: span.runId ?? null,
    last: { event: open.last.event, ts: open.last.ts },
    waits_for: open.waitsFor.map((waited) => ({
      writer_id: waited.writerId,
      span_id: waited.spanId,
      state: waited.state,
    })),
    waits_for_unseen: open.waitsForUnseen,
    via: request.via ?? null,
    client: request.client ?? null,
    what: request.what,
  };
}

/** What became of a file since an effect on it was recorded. */
export type FileNow = 'same' | 'changed' | 'gone' | 'unreadable';

/** `throughline.effect/1`. */
export function effectObject({ effect, span, request }: EffectOf, now: FileNow): object {
  return {
    ...effectFields(effect),
    now,
    correlation_id: request.correlationId,
    trace_id: request.traceId,
    entry_span_id: request.entrySpanId,
    span_id: span.spanId,
    kind: span.kind,
    name: span.name,
    writer_id: effect.writerId,
    wal_run_id: span.runId ?? null,
    via: request.via ?? null,
    client: request.client ?? null,
    what: request.what,
    state: request.state,
  };
}

/** `throughline.record/1`: the record as it stands in its stream. */
export function recordObject(entry: Entry): object {
  return {
    root: entry.root,
    writer_id: entry.writerId,
    acknowledged: entry.acknowledged,
    record: entry.record,
  };
}

/** Of what another program recorded; left out of everything else. */
export function joinFields({
  join,
  candidates,
  isEndInferred,
}: Pick<Span, 'join' | 'candidates' | 'isEndInferred'>): object {
  return {
    ...(join === undefined ? {} : { join }),
    ...(candidates.length === 0 ? {} : { candidates: linkFields(candidates) }),
    ...(isEndInferred ? { end_inferred: true } : {}),
  };
}

function linkFields(links: readonly Link[]): readonly object[] {
  return links.map(({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId }));
}

function effectFields(effect: Effect): object {
  return {
    path: effect.path,
    change: effect.change,
    before: effect.before ?? null,
    after: effect.after ?? null,
    inferred: effect.inferred,
    ts: effect.at.ts,
  };
}
