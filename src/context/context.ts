/**
 * A context: which request this is, which span of it, and how it came to be. Immutable. Its ids are minted when first
 * asked for, so a request that never reaches a workspace manager costs none.
 */
import {
  correlationIdOf,
  mintSpanId,
  mintTraceId,
  type CorrelationId,
  type IdSource,
  type SpanId,
  type TraceId,
} from './ids.js';
import type { Hlc } from './hlc.js';
import type { Link, Origin } from './member.js';
import { formatTraceparent } from './traceparent.js';
import type { TracestateMember } from './tracestate.js';

/** What a carrier held: the sender's span and everything that travels with it. */
export interface RemoteContext {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly flags: number;
  /** Other vendors' members, in order. */
  readonly tracestate: readonly TracestateMember[];
  readonly hlc?: Hlc;
  readonly origin?: Origin;
  /** Causes of the sender's span that are not its parent. */
  readonly links: readonly Link[];
  /** W3C baggage, passed through and never created. */
  readonly baggage?: string;
}

/**
 * `join`: same trace, the sender's span is the parent (stdio, loopback). `link`: a new root that keeps the sender's
 * context as a link (from elsewhere). `ignore`: a new root that knows nothing of it.
 */
export type Trust = 'join' | 'link' | 'ignore';

export interface BeginOptions {
  /** What the carrier held; `undefined` starts a new root. */
  readonly remote?: RemoteContext | undefined;
  /** Default `join`. */
  readonly trust?: Trust;
  /** What this front says of itself; default is what the carrier said. */
  readonly origin?: Origin | undefined;
  /** Further causes, such as the context a server was started under. */
  readonly links?: readonly Link[];
  /** Whether a new root is sampled. Default true. */
  readonly sampled?: boolean;
  readonly ids?: IdSource;
}

/** Sampled, and the low bits of the trace id are random (W3C Trace Context level 2). */
const sampledRandom = 0x03;
const randomOnly = 0x02;
/** A context must not grow without bound behind a debounce that never fires; later causes are not kept. */
export const contextLinksMax = 32;

interface Parts {
  readonly traceId: TraceId | undefined;
  readonly parentSpanId: SpanId | undefined;
  readonly flags: number;
  readonly tracestate: readonly TracestateMember[];
  readonly origin: Origin | undefined;
  readonly links: readonly Link[];
  readonly baggage: string | undefined;
  readonly ids: IdSource;
}

/** Most contexts have none of these: they share them, and nobody can put something in. */
const noLinks: readonly Link[] = Object.freeze([]);
const noMembers: readonly TracestateMember[] = Object.freeze([]);
const processIds: IdSource = {};

export class Context {
  /** The span this one was caused by; `undefined` for a root. */
  readonly parentSpanId: SpanId | undefined;
  /** 0 to 3: bit 0 sampled, bit 1 random trace id. */
  readonly flags: number;
  /** Other vendors' `tracestate` members, in order. */
  readonly tracestate: readonly TracestateMember[];
  readonly origin: Origin | undefined;
  /** Causes that are not the parent. */
  readonly links: readonly Link[];
  readonly baggage: string | undefined;
  readonly #ids: IdSource;
  #traceId: TraceId | undefined;
  #spanId: SpanId | undefined;
  #correlationId: CorrelationId | undefined;

  private constructor(parts: Parts) {
    this.parentSpanId = parts.parentSpanId;
    this.flags = parts.flags;
    this.tracestate = parts.tracestate;
    this.origin = parts.origin;
    this.links = parts.links;
    this.baggage = parts.baggage;
    this.#ids = parts.ids;
    this.#traceId = parts.traceId;
  }

  /**
   * The context of a new span: continues what the carrier held, as far as `trust` allows, or starts a root.
   * Never throws.
   */
  static begin(options: BeginOptions = {}): Context {
    const { remote, trust = 'join', links = noLinks, sampled = true } = options;
    const { ids = processIds } = options;
    if (remote === undefined || trust !== 'join') {
      const foreign = remote !== undefined && trust === 'link' ? [linkTo(remote)] : noLinks;
      return new Context({
        traceId: undefined,
        parentSpanId: undefined,
        flags: sampled ? sampledRandom : randomOnly,
        tracestate: noMembers,
        origin: options.origin ?? (trust === 'link' ? remote?.origin : undefined),
        links: mergeLinks(foreign, links),
        baggage: undefined,
        ids,
      });
    }
    return new Context({
      traceId: remote.traceId,
      parentSpanId: remote.spanId,
      flags: remote.flags,
      tracestate: remote.tracestate,
      origin: options.origin ?? remote.origin,
      links: mergeLinks(remote.links, links),
      baggage: remote.baggage,
      ids,
    });
  }

  /** True for a context that continues nothing. */
  get isRoot(): boolean {
    return this.parentSpanId === undefined;
  }

  /** 32 lower-case hexadecimal digits. Minted at the first call. */
  get traceId(): TraceId {
    if (this.#traceId === undefined) {
      // The bits of a ULID, so that the id sorts by time. The other spelling is made when somebody asks for it.
      this.#traceId = mintTraceId(this.#ids);
    }
    return this.#traceId;
  }

  /** The 26-character spelling of `traceId`. */
  get correlationId(): CorrelationId {
    const traceId = this.traceId;
    this.#correlationId ??= correlationIdOf(traceId);
    return this.#correlationId;
  }

  /** This hop's own span: what everything it causes names as its parent. */
  get spanId(): SpanId {
    this.#spanId ??= mintSpanId(this.#ids);
    return this.#spanId;
  }

  get traceparent(): string {
    return formatTraceparent(this);
  }

  /** True once an id was minted or continued: whether anyone asked. */
  get isMinted(): boolean {
    return this.#traceId !== undefined;
  }

  /** A new span in the same trace, caused by this one. Links stay with the span they were put on. */
  child(changes: { readonly origin?: Origin; readonly links?: readonly Link[] } = {}): Context {
    return new Context({
      traceId: this.traceId,
      parentSpanId: this.spanId,
      flags: this.flags,
      tracestate: this.tracestate,
      origin: changes.origin ?? this.origin,
      links: mergeLinks(noLinks, changes.links ?? noLinks),
      baggage: this.baggage,
      ids: this.#ids,
    });
  }

  /** Another span with the same cause: for a second run that one message asks for. */
  sibling(): Context {
    return new Context({
      traceId: this.traceId,
      parentSpanId: this.parentSpanId,
      flags: this.flags,
      tracestate: this.tracestate,
      origin: this.origin,
      links: this.links,
      baggage: this.baggage,
      ids: this.#ids,
    });
  }

  /** This context as a cause that is not the parent. */
  asLink(): Link {
    return linkTo(this);
  }
}

function linkTo(span: { readonly traceId: TraceId; readonly spanId: SpanId }): Link {
  return { traceId: span.traceId, spanId: span.spanId };
}

/** Both lists without repeats, in order, the first 32. */
export function mergeLinks(first: readonly Link[], second: readonly Link[]): readonly Link[] {
  if (first.length === 0 && second.length === 0) return first;
  const seen = new Map<string, Link>();
  for (const links of [first, second]) {
    for (const link of links) {
      if (seen.size === contextLinksMax) break;
      seen.set(`${link.traceId}-${link.spanId}`, linkTo(link));
    }
  }
  return [...seen.values()];
}
