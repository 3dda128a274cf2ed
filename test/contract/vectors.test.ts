/** Runs every case of vectors.json. Expectations are the file's literals; this runner only renames members. */
import { describe, expect, test } from 'vitest';
import {
  Context,
  HybridClock,
  correlationIdOf,
  correlationIdTimeMs,
  extract,
  extractEnv,
  extractHeaders,
  extractMessage,
  formatTraceparent,
  formatTracestate,
  hlcAt,
  hlcMicroseconds,
  parseCorrelationId,
  parseHlc,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  parseTracestate,
  stampMessage,
  traceIdOf,
  type Hlc,
  type Link,
  type RemoteContext,
  type TracestateMember,
} from '../../src/context/index.js';
import { formatLinks, formatMember, parseLinks, parseMember } from '../../src/context/member.js';
import { vectors, type Pairs, type WireContext, type WireLink } from './vectors.js';

const pairs = (members: readonly TracestateMember[]): Pairs =>
  members.map(({ key, value }) => [key, value] as const);
const members = (list: Pairs): TracestateMember[] => list.map(([key, value]) => ({ key, value }));
const wireLinks = (links: readonly Link[]): WireLink[] =>
  links.map((link) => ({ trace_id: link.traceId, span_id: link.spanId }));
const linksOf = (links: readonly WireLink[]): Link[] =>
  links.map((link) => ({ traceId: link.trace_id, spanId: link.span_id }) as Link);

function wire(remote: RemoteContext | undefined): WireContext | null {
  if (remote === undefined) return null;
  const { traceId, spanId, flags, tracestate, links, ...rest } = remote;
  return {
    trace_id: traceId,
    span_id: spanId,
    flags,
    tracestate: pairs(tracestate),
    links: wireLinks(links),
    ...(rest as { hlc?: string; baggage?: string }),
  };
}

/** A context whose own span is the one given, and a clock whose next reading is the one given. */
function written(given: WireContext): { context: Context; clock: HybridClock } {
  const spanBytes = Uint8Array.from(Buffer.from(given.span_id, 'hex'));
  const context = Context.begin({
    remote: {
      traceId: parseTraceId(given.trace_id)!,
      spanId: parseSpanId('00000000000000aa')!,
      flags: given.flags,
      tracestate: members(given.tracestate),
      links: linksOf(given.links),
      ...(given.origin === undefined ? {} : { origin: given.origin }),
      ...(given.baggage === undefined ? {} : { baggage: given.baggage }),
    },
    ids: { random: () => spanBytes },
  });
  return { context, clock: frozenClock(hlcMicroseconds(given.hlc as Hlc)) };
}

function frozenClock(us: number): HybridClock {
  return new HybridClock({ time: { wallMs: () => us / 1000, monotonicMs: () => 0 } });
}

describe('ids', () => {
  test.each(vectors.correlation_ids)(
    '$correlation_id is $trace_id',
    ({ correlation_id, trace_id }) => {
      expect(parseCorrelationId(correlation_id)).toBe(correlation_id);
      expect(parseTraceId(trace_id)).toBe(trace_id);
      expect(traceIdOf(parseCorrelationId(correlation_id)!)).toBe(trace_id);
      expect(correlationIdOf(parseTraceId(trace_id)!)).toBe(correlation_id);
    },
  );
  test.each(vectors.correlation_ids_read)('correlation id: $name', ({ in: value, out }) => {
    expect(parseCorrelationId(value) ?? null).toBe(out);
  });
  test.each(vectors.correlation_id_times)('$correlation_id was minted at $ms', (given) => {
    expect(correlationIdTimeMs(parseCorrelationId(given.correlation_id)!)).toBe(given.ms);
  });
  test.each(vectors.trace_ids_invalid.map((value) => [value]))('%j is no trace id', (value) => {
    expect(parseTraceId(value)).toBeUndefined();
  });
  test.each(vectors.span_ids_invalid.map((value) => [value]))('%j is no span id', (value) => {
    expect(parseSpanId(value)).toBeUndefined();
  });
});

describe('traceparent', () => {
  test.each(vectors.traceparent)('$name', ({ in: value, out, written: text }) => {
    const parsed = parseTraceparent(value);
    expect(
      parsed === undefined
        ? null
        : { trace_id: parsed.traceId, span_id: parsed.spanId, flags: parsed.flags },
    ).toEqual(out);
    if (parsed !== undefined) expect(formatTraceparent(parsed)).toBe(text);
  });
});

describe('tracestate', () => {
  test.each(vectors.tracestate)('read: $name', ({ in: value, out }) => {
    const parsed = parseTracestate(value);
    expect(parsed === undefined ? null : pairs(parsed)).toEqual(out);
  });
  test.each(vectors.tracestate_written)('written: $name', ({ members: list, out }) => {
    expect(formatTracestate(members(list))).toBe(out);
  });
});

describe('the member tl', () => {
  test.each(vectors.tl_read)('read: $name', ({ in: value, out }) => {
    expect(JSON.parse(JSON.stringify(parseMember(value)))).toEqual(out);
  });
  test.each(vectors.tl_written)('written: $name', ({ hlc, origin, out }) => {
    expect(formatMember(hlc as Hlc, origin)).toBe(out);
  });
});

describe('the member tl-links', () => {
  test.each(vectors.tl_links_read)('read: $name', ({ in: value, out }) => {
    expect(wireLinks(parseLinks(value))).toEqual(out);
  });
  test.each(vectors.tl_links_written)('written: $name', ({ links, out }) => {
    expect(formatLinks(linksOf(links))).toBe(out);
  });
});

describe('the clock', () => {
  test.each(vectors.hlc)('$hlc is $us and $counter', ({ hlc, us, counter }) => {
    expect(parseHlc(hlc)).toBe(hlc);
    expect(hlcMicroseconds(hlc as Hlc)).toBe(us);
    expect(hlcAt(us, counter)).toBe(hlc);
  });
  test('readings sort as text', () => {
    expect(vectors.hlc_sorted.toReversed().toSorted()).toEqual(vectors.hlc_sorted);
  });
  test.each(vectors.hlc_invalid.map((value) => [value]))('%j is no reading', (value) => {
    expect(parseHlc(value)).toBeUndefined();
  });
  test.each(vectors.hlc_sequences)('$name', ({ drift_ms_max, start_us, steps }) => {
    let nowUs = start_us;
    const clock = new HybridClock({
      hlcDriftMsMax: drift_ms_max,
      time: {
        wallMs: () => Math.floor(nowUs / 1000),
        monotonicMs: () => (nowUs - start_us) / 1000,
      },
    });
    for (const step of steps) {
      nowUs = step.now_us;
      if (step.op === 'tick') expect(clock.tick()).toBe(step.out);
      else if (step.op === 'merge') expect(clock.merge(step.hlc)).toBe(step.out);
      else clock.startAfter(step.hlc as Hlc);
    }
  });
});

describe('carriers', () => {
  test.each(vectors.messages_read)('a message: $name', ({ message, out }) => {
    expect(wire(extractMessage(message))).toEqual(out);
  });
  test.each(vectors.env_read)('an environment: $name', ({ env, out }) => {
    expect(wire(extractEnv(env))).toEqual(out);
  });
  test.each(vectors.headers_read)('headers: $name', ({ headers, out }) => {
    expect(wire(extractHeaders(headers))).toEqual(out);
  });
  test.each(vectors.messages_written)(
    'written: $name',
    ({ message, form, context: given, out }) => {
      const before = JSON.stringify(message);
      const { context, clock } = written(given);
      expect(stampMessage(message, context, form, { clock })).toEqual(out);
      expect(JSON.stringify(message)).toBe(before);
    },
  );
});

describe('begin', () => {
  test.each(vectors.begin)('$name', ({ carrier, trust, sampled, links, origin, out }) => {
    const context = Context.begin({
      remote: extract(carrier),
      ...(trust === undefined ? {} : { trust }),
      ...(sampled === undefined ? {} : { sampled }),
      ...(links === undefined ? {} : { links: linksOf(links) }),
      ...(origin === undefined ? {} : { origin }),
    });
    expect({
      ...(context.isRoot ? {} : { trace_id: context.traceId }),
      ...(context.parentSpanId === undefined ? {} : { parent_span_id: context.parentSpanId }),
      flags: context.flags,
      tracestate: pairs(context.tracestate),
      links: wireLinks(context.links),
      ...(context.origin === undefined ? {} : { origin: context.origin }),
      ...(context.baggage === undefined ? {} : { baggage: context.baggage }),
    }).toEqual(out);
    if (out.trace_id === undefined) expect(context.traceId).not.toBe(extract(carrier)?.traceId);
  });
});

test('the file is of the format this runner knows', () => {
  expect(vectors.format).toBe(1);
});
