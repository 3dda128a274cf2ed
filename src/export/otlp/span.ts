/**
 * A span as OTLP has it, before it is spelled as protobuf or JSON. Pure. What is not recorded is not made up: where OTLP
 * wants a value there is none for, an attribute says what stands there instead.
 */
import { traceIdOf, type Link } from '../../context/index.js';
import type { Request, Span } from '../../read/index.js';
import { timesOf } from './times.js';
import { bounded, effectAttributes, spanAttributes, type Attribute } from './attributes.js';

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

const eventsMax = 1024;
/** States that are shown as errors. */
const errors: ReadonlySet<string> = new Set(['failed', 'rejected', 'lost']);

/** `parent` is the span above this one in the story; absent: no stream has it. */
export function otlpSpan(request: Request, span: Span, parent: Span | undefined): OtlpSpan {
  const times = timesOf(span);
  const isLocal = parent !== undefined && parent.writerId === span.writerId;
  const isRemote = span.parentSpanId !== undefined && !isLocal;
  const { spanId, parentSpanId } = span;
  const { events, eventsDropped } = eventsOf(span);
  return {
    traceId: traceIdOf(span.correlationId),
    spanId,
    parentSpanId,
    flags: flag.sampled | flag.isKnown | (isRemote ? flag.isRemote : 0),
    name: bounded(span.name === '' ? unnamed(span) : span.name),
    kind: kindOf(span, isLocal),
    start: times.start,
    end: times.end,
    attributes: spanAttributes({
      span,
      times,
      request: parent === undefined ? request : undefined,
    }),
    events,
    eventsDropped,
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

function eventsOf(span: Span): Pick<OtlpSpan, 'events' | 'eventsDropped'> {
  const events: OtlpEvent[] = [];
  const asked = span.cancelRequestedAt;
  if (asked !== undefined) {
    const reason = bounded(span.cancelRequested ?? '');
    const attributes: readonly Attribute[] = [['throughline.reason', reason]];
    events.push({ name: 'run.cancel_requested', microseconds: asked.microseconds, attributes });
  }
  const gone = span.clientGoneAt;
  if (gone !== undefined) {
    events.push({ name: 'run.client_gone', microseconds: gone.microseconds, attributes: [] });
  }
  for (const effect of span.effects.slice(0, eventsMax)) {
    const { microseconds } = effect.at;
    events.push({ name: 'effect.applied', microseconds, attributes: effectAttributes(effect) });
  }
  const eventsDropped = Math.max(0, span.effects.length - eventsMax);
  return { events, eventsDropped };
}
