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
  const members: TracestateMember[] = [
    {
      key: memberKey,
      value: formatMember((options.clock ?? processClock()).tick(), context.origin),
    },
  ];
  if (context.links.length > 0) members.push({ key: linksKey, value: formatLinks(context.links) });
  members.push(...context.tracestate);
  const carrier = { traceparent: context.traceparent, tracestate: formatTracestate(members) };
  return context.baggage === undefined ? carrier : { ...carrier, baggage: context.baggage };
}

/**
 * Reads one carrier: an object with `traceparent` and, optionally, `tracestate` and `baggage`. Without a valid
 * `traceparent` there is no context; an invalid `tracestate` is left out.
 */
export function extract(carrier: unknown): RemoteContext | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  const { traceparent, tracestate, baggage } = carrier as Record<string, unknown>;
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return undefined;
  const members = parseTracestate(tracestate) ?? [];
  const own = members.find((member) => member.key === memberKey);
  const links = members.find((member) => member.key === linksKey);
  const { hlc, origin } = parseMember(own?.value ?? '');
  return {
    ...parent,
    tracestate: members.filter((member) => member.key !== memberKey && member.key !== linksKey),
    links: links === undefined ? [] : parseLinks(links.value),
    ...(hlc === undefined ? {} : { hlc }),
    ...(origin === undefined ? {} : { origin }),
    ...(isBaggage(baggage) ? { baggage } : {}),
  };
}

/** The environment variables for a child process. */
export function injectEnv(context: Context, options: InjectOptions = {}): Record<string, string> {
  const carrier = inject(context, options);
  return { TRACEPARENT: carrier.traceparent, TRACESTATE: carrier.tracestate };
}

/** Reads `TRACEPARENT` and `TRACESTATE`. */
export function extractEnv(
  env: Readonly<Record<string, string | undefined>>,
): RemoteContext | undefined {
  return extract({ traceparent: env['TRACEPARENT'], tracestate: env['TRACESTATE'] });
}

/** Reads HTTP headers, names in any case; a repeated `tracestate` header is one list. */
export function extractHeaders(headers: unknown): RemoteContext | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const get = (headers as { get?: unknown }).get;
  if (typeof get === 'function') {
    const read = (name: string): unknown => get.call(headers, name);
    return extract({
      traceparent: read('traceparent'),
      tracestate: read('tracestate'),
      baggage: read('baggage'),
    });
  }
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'tracestate' || lower === 'baggage') {
      found[lower] = Array.isArray(value) ? value.join(',') : value;
    } else if (lower === 'traceparent') {
      found[lower] = value;
    }
  }
  return extract(found);
}

function isBaggage(value: unknown): value is string {
  return typeof value === 'string' && value.length <= baggageCharsMax && baggagePattern.test(value);
}
