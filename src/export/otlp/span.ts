/**
 * A span as OTLP has it, before it is spelled as protobuf or JSON. Pure. What is not recorded is not made up: where OTLP
 * wants a value there is none for, an attribute says what stands there instead.
 */
import type { Link } from '../../context/index.js';
import type { Effect, Moment, Request, Span } from '../../read/index.js';
import { idsOf } from '../span-ids.js';
import { timeText } from '../tables.js';
import { timesOf, type SpanTimes } from '../times.js';
import { wellFormed, wellFormedJson } from '../well-formed.js';

export type AttributeValue =
  | string
  | boolean
  | { readonly int: number }
  | { readonly double: number };
export type Attribute = readonly [key: string, value: AttributeValue];

export interface OtlpEvent {
  readonly name: string;
  readonly microseconds: number;
  readonly attributes: readonly Attribute[];
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  /** Microseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: readonly Attribute[];
  readonly events: readonly OtlpEvent[];
  readonly eventsDropped: number;
  readonly links: readonly Link[];
  /** 0: unset, 2: error. */
  readonly status: { readonly code: 0 | 2; readonly message: string };
}

/** Kinds of OTLP: what a host does for another process, and what it asks of one. */
const spanKind = { internal: 1, server: 2, client: 3 } as const;
/**
 * The lowest bit: recorded ("sampled"), which everything in a stream is. Above the eight bits of W3C: it is known
 * whether the parent is in another process, and it is.
 */
const flag = { sampled: 0x01, isKnown: 0x100, isRemote: 0x200 } as const;
/** Flags of a link: its context always came over a wire. */
export const linkFlags: number = flag.sampled | flag.isKnown | flag.isRemote;

const textCharsMax = 8192;
const eventsMax = 1024;
/** States that are shown as errors. */
const errors: ReadonlySet<string> = new Set(['failed', 'rejected', 'lost']);

/** `parent` is the span above this one in the story; absent: no stream has it. */
export function otlpSpan(request: Request, span: Span, parent: Span | undefined): OtlpSpan {
  const times = timesOf(span);
  const isLocal = parent !== undefined && parent.writerId === span.writerId;
  const isRemote = span.parentSpanId !== undefined && !isLocal;
  return {
    ...idsOf(span),
    flags: flag.sampled | flag.isKnown | (isRemote ? flag.isRemote : 0),
    name: bounded(span.name === '' ? unnamed(span) : span.name),
    kind: kindOf(span, isLocal),
    start: times.start,
    end: times.end,
    attributes: attributesOf(span, times, parent === undefined ? request : undefined),
    ...eventsOf(span),
    links: span.links,
    status: statusOf(span),
  };
}

function kindOf({ kind }: Span, isLocal: boolean): number {
  if (kind === 'dispatch') return spanKind.client;
  return kind === 'run' && !isLocal ? spanKind.server : spanKind.internal;
}

/** What nobody named is called after the last thing that is known of it. */
function unnamed({ kind, last }: Span): string {
  return kind === 'other' ? last.event : kind;
}

function statusOf(span: Span): OtlpSpan['status'] {
  if (!errors.has(span.state)) return { code: 0, message: '' };
  const { error, state, why } = span;
  const said = [error?.code ?? error?.class, error?.message].filter((part) => part !== undefined);
  // An attempt is what it caused: the error is told there.
  const message = said.length > 0 ? said.join(' ') : state === 'lost' ? `lost: ${why}` : why;
  return { code: 2, message: bounded(message) };
}

/** `request`: it is one of its top spans, and carries what there is to say of it. */
function attributesOf(
  span: Span,
  times: SpanTimes,
  request: Request | undefined,
): readonly Attribute[] {
  const { error, origin } = span;
  const given: Readonly<Record<string, AttributeValue | undefined>> = {
    state: span.state,
    correlation_id: span.correlationId,
    kind: span.kind,
    // As recorded, where a name of OTLP's must not be empty.
    name: span.name === '' ? '' : undefined,
    why: span.why === span.last.event ? undefined : span.why,
    open: span.open ? true : undefined,
    start: times.isStartRecorded ? undefined : 'not_recorded',
    end: endOf(times),
    ended: times.isStepped ? timeText(span.ended?.microseconds ?? 0) : undefined,
    duration_ms: span.durationMs === undefined ? undefined : { double: span.durationMs },
    [span.kind === 'handler' ? 'handler' : 'action']:
      span.kind === 'dispatch' || span.name === '' ? undefined : span.name,
    runner: span.runner,
    attempt: whole(span.attempt),
    run_id: span.runId,
    trigger: span.trigger,
    env: span.env,
    'origin.front': origin?.front,
    'origin.method': origin?.method,
    'origin.name': origin?.name,
    'origin.client': origin?.client,
    peer: span.peer === undefined ? undefined : wellFormedJson(span.peer),
    'error.code': error?.code,
    'error.class': error?.class,
    'error.message': error?.message,
    answered: span.answered,
    cancel_requested: span.cancelRequested,
    client_gone: span.clientGone ? true : undefined,
    resolution: span.resolution,
    records: whole(span.records),
    ends: span.terminals > 1 ? whole(span.terminals) : undefined,
    'request.entry_span_id': request?.entrySpanId,
    'request.state': request?.state,
    'request.what': request?.what,
  };
  const attributes = present(given);
  const type = error?.class ?? error?.code;
  if (type !== undefined) attributes.push(['error.type', bounded(type)]);
  return attributes;
}

function endOf({ endFrom, isStepped }: SpanTimes): string | undefined {
  if (endFrom === 'none') return 'none';
  if (isStepped) return 'clock_step';
  return endFrom === 'children' ? 'of_what_it_caused' : undefined;
}

function whole(value: number | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  return Number.isSafeInteger(value) ? { int: value } : { double: value };
}

function eventsOf(span: Span): Pick<OtlpSpan, 'events' | 'eventsDropped'> {
  const events: OtlpEvent[] = [];
  const asked = span.cancelRequestedAt;
  if (asked !== undefined) {
    events.push(eventAt('run.cancel_requested', asked, { reason: span.cancelRequested }));
  }
  if (span.clientGoneAt !== undefined) {
    events.push(eventAt('run.client_gone', span.clientGoneAt, {}));
  }
  for (const effect of span.effects.slice(0, eventsMax)) events.push(effectEvent(effect));
  const eventsDropped = Math.max(0, span.effects.length - eventsMax);
  return { events, eventsDropped };
}

function effectEvent(effect: Effect): OtlpEvent {
  return eventAt('effect.applied', effect.at, {
    path: effect.path,
    change: effect.change,
    before_sha256: effect.before?.sha256,
    before_bytes: whole(effect.before?.bytes),
    after_sha256: effect.after?.sha256,
    after_bytes: whole(effect.after?.bytes),
    inferred: effect.inferred ? true : undefined,
  });
}

function eventAt(
  name: string,
  at: Moment,
  given: Readonly<Record<string, AttributeValue | undefined>>,
): OtlpEvent {
  return { name, microseconds: at.microseconds, attributes: present(given) };
}

/** What there is, under names of ours. */
function present(given: Readonly<Record<string, AttributeValue | undefined>>): Attribute[] {
  const attributes: Attribute[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    attributes.push([`throughline.${key}`, typeof value === 'string' ? bounded(value) : value]);
  }
  return attributes;
}

/** Whole characters, and no more of them than a collector takes. */
function bounded(text: string): string {
  const written = wellFormed(text);
  if (written.length <= textCharsMax) return written;
  const kept = wellFormed(written.slice(0, textCharsMax));
  return `${kept}…[cut ${written.length - textCharsMax}]`;
}
