/**
 * OTLP's protobuf, by the numbers of opentelemetry-proto 1.x (trace.proto, common.proto, resource.proto). A file of
 * several messages, one behind the other, is one message: their resource_spans are added up.
 */
import { ProtobufWriter } from '../encode/protobuf.js';
import type { Encoding } from './batches.js';
import type { Attribute } from './attributes.js';
import { linkFlags, type OtlpEvent, type OtlpSpan } from './span.js';

const field = {
  request: { resourceSpans: 1 },
  resourceSpans: { resource: 1, scopeSpans: 2 },
  resource: { attributes: 1 },
  scopeSpans: { scope: 1, spans: 2 },
  scope: { name: 1 },
  span: {
    traceId: 1,
    spanId: 2,
    parentSpanId: 4,
    name: 5,
    kind: 6,
    start: 7,
    end: 8,
    attributes: 9,
    events: 11,
    eventsDropped: 12,
    links: 13,
    status: 15,
    flags: 16,
  },
  event: { time: 1, name: 2, attributes: 3 },
  link: { traceId: 1, spanId: 2, flags: 6 },
  status: { message: 2, code: 3 },
  keyValue: { key: 1, value: 2 },
  anyValue: { string: 1, bool: 2, int: 3, double: 4 },
} as const;

/** Where a span stands among those of one message. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

export function protobufEncoding(): Encoding<Piece, Uint8Array> {
  // All spans of a message stand in one piece of memory: half a million small ones are dear to collect.
  const spansOf = new ProtobufWriter();
  const whole = new ProtobufWriter();
  return {
    span(span) {
      const from = spansOf.length;
      writeSpan(spansOf, span);
      return { from, to: spansOf.length };
    },
    lengthOf: ({ from, to }) => to - from,
    message(writers) {
      for (const { resource, spans } of writers) {
        const inWriter = whole.begin(field.request.resourceSpans);
        const inResource = whole.begin(field.resourceSpans.resource);
        writeAttributes(whole, field.resource.attributes, resource);
        whole.end(inResource);
        const inScope = whole.begin(field.resourceSpans.scopeSpans);
        const scope = whole.begin(field.scopeSpans.scope);
        whole.string(field.scope.name, 'throughline');
        whole.end(scope);
        for (const { from, to } of spans) {
          whole.bytes(field.scopeSpans.spans, spansOf.written(from, to));
        }
        whole.end(inScope);
        whole.end(inWriter);
      }
      spansOf.truncate(0);
      return whole.finish();
    },
  };
}

function writeSpan(to: ProtobufWriter, span: OtlpSpan): void {
  to.hex(field.span.traceId, span.traceId);
  to.hex(field.span.spanId, span.spanId);
  if (span.parentSpanId !== undefined) to.hex(field.span.parentSpanId, span.parentSpanId);
  to.string(field.span.name, span.name);
  to.varint(field.span.kind, span.kind);
  to.nanoseconds(field.span.start, span.start);
  to.nanoseconds(field.span.end, span.end);
  writeAttributes(to, field.span.attributes, span.attributes);
  for (const event of span.events) writeEvent(to, event);
  if (span.eventsDropped > 0) to.varint(field.span.eventsDropped, span.eventsDropped);
  for (const { traceId, spanId } of span.links) {
    const link = to.begin(field.span.links);
    to.hex(field.link.traceId, traceId);
    to.hex(field.link.spanId, spanId);
    to.fixed32(field.link.flags, linkFlags);
    to.end(link);
  }
  if (span.status.code !== 0) {
    const status = to.begin(field.span.status);
    to.string(field.status.message, span.status.message);
    to.varint(field.status.code, span.status.code);
    to.end(status);
  }
  to.fixed32(field.span.flags, span.flags);
}

function writeEvent(to: ProtobufWriter, { name, microseconds, attributes }: OtlpEvent): void {
  const event = to.begin(field.span.events);
  to.nanoseconds(field.event.time, microseconds);
  to.string(field.event.name, name);
  writeAttributes(to, field.event.attributes, attributes);
  to.end(event);
}

function writeAttributes(
  to: ProtobufWriter,
  number: number,
  attributes: readonly Attribute[],
): void {
  for (const [key, value] of attributes) {
    const pair = to.begin(number);
    to.string(field.keyValue.key, key);
    const any = to.begin(field.keyValue.value);
    if (typeof value === 'string') to.string(field.anyValue.string, value);
    else if (typeof value === 'boolean') to.bool(field.anyValue.bool, value);
    else if ('int' in value) to.int(field.anyValue.int, value.int);
    else to.double(field.anyValue.double, value.double);
    to.end(any);
    to.end(pair);
  }
}
