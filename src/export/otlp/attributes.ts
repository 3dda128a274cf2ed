/** Attributes of spans and events: a table of what there is to say, under names of ours. What is absent is left out. */
import type { Effect, Request, Span } from '../../read/index.js';
import { isoMicroseconds } from '../../read/entry/iso-time.js';
import type { SpanTimes } from './times.js';
import { wellFormed, wellFormedJson } from '../encode/well-formed.js';

export type AttributeValue =
  | string
  | boolean
  | { readonly int: number }
  | { readonly double: number };
export type Attribute = readonly [key: string, value: AttributeValue];

/** A span, and what was found out about it. */
export interface Told {
  readonly span: Span;
  readonly times: SpanTimes;
  /** Of the top spans of a request, which carry what there is to say of it. */
  readonly request: Request | undefined;
}

type Fact<About> = readonly [key: string, of: (about: About) => AttributeValue | undefined];

const textCharsMax = 8192;

const spanFacts: readonly Fact<Told>[] = [
  ['throughline.state', ({ span }) => span.state],
  ['throughline.correlation_id', ({ span }) => span.correlationId],
  ['throughline.kind', ({ span }) => span.kind],
  // As recorded: OTLP's own name must not be empty.
  ['throughline.name', ({ span }) => (span.name === '' ? '' : undefined)],
  ['throughline.why', ({ span }) => (span.why === span.last.event ? undefined : span.why)],
  ['throughline.open', ({ span }) => isSo(span.open)],
  ['throughline.start', ({ times }) => (times.isStartRecorded ? undefined : 'not_recorded')],
  ['throughline.end', ({ times }) => endOf(times)],
  ['throughline.ended', ({ span, times }) => endedOf(span, times)],
  ['throughline.end_inferred', ({ span }) => isSo(span.isEndInferred)],
  ['throughline.join_confidence', ({ span }) => span.join],
  ['throughline.candidates', ({ span }) => candidatesOf(span)],
  ['throughline.duration_ms', ({ span }) => fraction(span.durationMs)],
  ['throughline.action', ({ span }) => (span.kind === 'run' ? named(span) : undefined)],
  ['throughline.handler', ({ span }) => (span.kind === 'handler' ? named(span) : undefined)],
  ['throughline.runner', ({ span }) => span.runner],
  ['throughline.attempt', ({ span }) => whole(span.attempt)],
  ['throughline.run_id', ({ span }) => span.runId],
  ['throughline.trigger', ({ span }) => span.trigger],
  ['throughline.env', ({ span }) => span.env],
  ['throughline.origin.front', ({ span }) => span.origin?.front],
  ['throughline.origin.method', ({ span }) => span.origin?.method],
  ['throughline.origin.name', ({ span }) => span.origin?.name],
  ['throughline.origin.client', ({ span }) => span.origin?.client],
  ['throughline.peer', ({ span }) => (span.peer === undefined ? undefined : json(span.peer))],
  ['throughline.error.code', ({ span }) => span.error?.code],
  ['throughline.error.class', ({ span }) => span.error?.class],
  ['throughline.error.message', ({ span }) => span.error?.message],
  ['throughline.answered', ({ span }) => span.answered],
  ['throughline.cancel_requested', ({ span }) => span.cancelRequested],
  ['throughline.client_gone', ({ span }) => isSo(span.clientGone)],
  ['throughline.resolution', ({ span }) => span.resolution],
  ['throughline.records', ({ span }) => whole(span.records)],
  ['throughline.ends', ({ span }) => (span.terminals > 1 ? whole(span.terminals) : undefined)],
  ['throughline.request.entry_span_id', ({ request }) => request?.entrySpanId],
  ['throughline.request.state', ({ request }) => request?.state],
  ['throughline.request.what', ({ request }) => request?.what],
  // OpenTelemetry's own name for it.
  ['error.type', ({ span }) => span.error?.class ?? span.error?.code],
];

const effectFacts: readonly Fact<Effect>[] = [
  ['throughline.path', ({ path }) => path],
  ['throughline.change', ({ change }) => change],
  ['throughline.before_sha256', ({ before }) => before?.sha256],
  ['throughline.before_bytes', ({ before }) => whole(before?.bytes)],
  ['throughline.after_sha256', ({ after }) => after?.sha256],
  ['throughline.after_bytes', ({ after }) => whole(after?.bytes)],
  ['throughline.inferred', ({ inferred }) => isSo(inferred)],
];

export function spanAttributes(told: Told): readonly Attribute[] {
  return present(spanFacts, told);
}

export function effectAttributes(effect: Effect): readonly Attribute[] {
  return present(effectFacts, effect);
}

/** Whole characters, and no more of them than a collector takes. */
export function bounded(text: string): string {
  const written = wellFormed(text);
  if (written.length <= textCharsMax) return written;
  const kept = wellFormed(written.slice(0, textCharsMax));
  return `${kept}…[cut ${written.length - textCharsMax}]`;
}

function present<About>(facts: readonly Fact<About>[], about: About): Attribute[] {
  const attributes: Attribute[] = [];
  for (const [key, of] of facts) {
    const value = of(about);
    if (value === undefined) continue;
    attributes.push([key, typeof value === 'string' ? bounded(value) : value]);
  }
  return attributes;
}

function endOf({ endFrom, isStepped }: SpanTimes): string | undefined {
  if (endFrom === 'none') return 'none';
  if (isStepped) return 'clock_step';
  return endFrom === 'children' ? 'of_what_it_caused' : undefined;
}

/** What the clock said at the end, where that cannot be the end of the span. */
function endedOf({ ended }: Span, { isStepped }: SpanTimes): string | undefined {
  return isStepped && ended !== undefined ? isoMicroseconds(ended.microseconds) : undefined;
}

/** As JSON: a link would say that they are causes. */
function candidatesOf({ candidates }: Span): string | undefined {
  if (candidates.length === 0) return undefined;
  return json(candidates.map(({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId })));
}

function named({ name }: Span): string | undefined {
  return name === '' ? undefined : name;
}

function isSo(value: boolean): true | undefined {
  return value ? true : undefined;
}

function whole(value: number | undefined): AttributeValue | undefined {
  return Number.isSafeInteger(value) ? { int: value as number } : fraction(value);
}

function fraction(value: number | undefined): AttributeValue | undefined {
  return value === undefined ? undefined : { double: value };
}

function json(value: object): string {
  return wellFormedJson(value);
}
