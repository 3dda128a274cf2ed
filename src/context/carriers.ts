/**
 * Inject and extract. A carrier holds `traceparent` and `tracestate` (and passes W3C `baggage` through); the first
 * VALID carrier wins whole. Extracting never throws and returns `undefined` for anything it cannot read.
 */
import { processClock } from './clock.js';
import type { Context, RemoteContext } from './context.js';
import type { HybridClock } from './hlc.js';
import {
  formatLinks,
  formatMember,
  linksKey,
  memberKey,
  parseLinks,
  parseMember,
} from './member.js';
import { parseTraceparent } from './traceparent.js';
import { formatTracestate, parseTracestate, type TracestateMember } from './tracestate.js';

/** What is written into a carrier. */
export interface Carrier {
  readonly traceparent: string;
  readonly tracestate: string;
  readonly baggage?: string;
}

export interface InjectOptions {
  /** Default: the process's clock. */
  readonly clock?: HybridClock;
}

const baggageCharsMax = 8192;
const baggagePattern = /^[\x20-\x7e\t]+$/;

/** The carrier for everything this context's span causes. The clock ticks. */
export function inject(context: Context, options: InjectOptions = {}): Carrier {
  const own = formatMember((options.clock ?? processClock()).tick(), context.origin);
  const carrier = { traceparent: context.traceparent, tracestate: tracestateOf(context, own) };
  return context.baggage === undefined ? carrier : { ...carrier, baggage: context.baggage };
}

function tracestateOf(context: Context, own: string): string {
  // Most contexts come without a link and without another vendor's member.
  if (context.links.length === 0 && context.tracestate.length === 0) return `${memberKey}=${own}`;
  const members: TracestateMember[] = [{ key: memberKey, value: own }];
  if (context.links.length > 0) members.push({ key: linksKey, value: formatLinks(context.links) });
  members.push(...context.tracestate.filter(isForeign));
  return formatTracestate(members);
}

/**
 * Reads one carrier: an object with `traceparent` and, optionally, `tracestate` and `baggage`. Without a valid
 * `traceparent` there is no context; an invalid `tracestate` is left out.
 */
export function extract(carrier: unknown): RemoteContext | undefined {
  return unlessItThrows(() => extractFields(carrier));
}

function extractFields(carrier: unknown): RemoteContext | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  const { traceparent, tracestate, baggage } = carrier as Record<string, unknown>;
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return undefined;
  let foreign = none;
  let own = '';
  let links = '';
  for (const member of parseTracestate(tracestate) ?? none) {
    if (member.key === memberKey) own = member.value;
    else if (member.key === linksKey) links = member.value;
    else foreign = [...foreign, member];
  }
  const { hlc, origin } = parseMember(own);
  // Assigned one by one: this runs for every message, and spreading costs more than parsing.
  const remote: Writable<RemoteContext> = {
    traceId: parent.traceId,
    spanId: parent.spanId,
    flags: parent.flags,
    tracestate: foreign,
    links: links === '' ? [] : parseLinks(links),
  };
  if (hlc !== undefined) remote.hlc = hlc;
  if (origin !== undefined) remote.origin = origin;
  if (isBaggage(baggage)) remote.baggage = baggage;
  return remote;
}

/** Most carriers have no other vendor's member: they share this one list. */
const none: readonly TracestateMember[] = Object.freeze([]);

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/**
 * The environment variables for a child process: `TRACEPARENT`, `TRACESTATE`, and `BAGGAGE` where the context has any.
 */
export function injectEnv(context: Context, options: InjectOptions = {}): Record<string, string> {
  const carrier = inject(context, options);
  const env = { TRACEPARENT: carrier.traceparent, TRACESTATE: carrier.tracestate };
  return carrier.baggage === undefined ? env : { ...env, BAGGAGE: carrier.baggage };
}

/** Reads `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`. */
export function extractEnv(
  env: Readonly<Record<string, string | undefined>>,
): RemoteContext | undefined {
  return unlessItThrows(() =>
    extractFields({
      traceparent: env['TRACEPARENT'],
      tracestate: env['TRACESTATE'],
      baggage: env['BAGGAGE'],
    }),
  );
}

/**
 * Reads HTTP headers: an object with names in any case, or anything with `get(name)`. A repeated `tracestate` is one
 * list; a repeated `traceparent` is no context.
 */
export function extractHeaders(headers: unknown): RemoteContext | undefined {
  return unlessItThrows(() => {
    if (typeof headers !== 'object' || headers === null) return undefined;
    const get = (headers as { get?: unknown }).get;
    if (typeof get === 'function') {
      const read = (name: string): unknown => get.call(headers, name);
      return extractFields({
        traceparent: read('traceparent'),
        tracestate: read('tracestate'),
        baggage: read('baggage'),
      });
    }
    const traceparents = headerValues(headers, 'traceparent');
    return extractFields({
      traceparent: traceparents.length === 1 ? traceparents[0] : undefined,
      tracestate: headerValues(headers, 'tracestate').join(','),
      baggage: headerValues(headers, 'baggage').join(',') || undefined,
    });
  });
}

function headerValues(headers: object, name: string): readonly unknown[] {
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value as unknown);
}

function isForeign(member: TracestateMember): boolean {
  return member.key !== memberKey && member.key !== linksKey;
}

function isBaggage(value: unknown): value is string {
  return typeof value === 'string' && value.length <= baggageCharsMax && baggagePattern.test(value);
}

/** A carrier is somebody else's object: its getters and proxies may throw, and that too is "no context". */
export function unlessItThrows<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
