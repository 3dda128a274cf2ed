/**
 * OTLP's JSON: ids in lower-case hexadecimal, 64-bit numbers as texts, enums as numbers. One message a line, which is
 * what collectors call a file of OTLP JSON.
 */
import type { Encoding } from './batches.js';
import type { Attribute } from './attributes.js';
import { linkFlags, type OtlpEvent, type OtlpSpan } from './span.js';

export function jsonEncoding(): Encoding<string, string> {
  return {
    span: spanText,
    lengthOf: (text) => text.length,
    message: (writers) => {
      const parts = writers.map(
        ({ resource, spans }) =>
          `{"resource":{"attributes":${attributesText(resource)}},"scopeSpans":[{"scope":{"name":"throughline"},"spans":[${spans.join(',')}]}]}`,
      );
      return `{"resourceSpans":[${parts.join(',')}]}\n`;
    },
  };
}

function spanText(span: OtlpSpan): string {
  const { parentSpanId, events, eventsDropped, links, status } = span;
  const parent = parentSpanId === undefined ? '' : `,"parentSpanId":"${parentSpanId}"`;
  const parts = [
    `"traceId":"${span.traceId}","spanId":"${span.spanId}"${parent},"flags":${span.flags}`,
    `"name":${JSON.stringify(span.name)},"kind":${span.kind}`,
    `"startTimeUnixNano":"${nanoseconds(span.start)}","endTimeUnixNano":"${nanoseconds(span.end)}"`,
    `"attributes":${attributesText(span.attributes)}`,
  ];
  if (events.length > 0) parts.push(`"events":[${events.map((one) => eventText(one)).join(',')}]`);
  if (eventsDropped > 0) parts.push(`"droppedEventsCount":${eventsDropped}`);
  if (links.length > 0) {
    const texts = links.map(
      ({ traceId, spanId }) => `{"traceId":"${traceId}","spanId":"${spanId}","flags":${linkFlags}}`,
    );
    parts.push(`"links":[${texts.join(',')}]`);
  }
  if (status.code !== 0) {
    parts.push(`"status":{"code":${status.code},"message":${JSON.stringify(status.message)}}`);
  }
  return `{${parts.join(',')}}`;
}

function eventText({ name, microseconds, attributes }: OtlpEvent): string {
  return `{"timeUnixNano":"${nanoseconds(microseconds)}","name":${JSON.stringify(name)},"attributes":${attributesText(attributes)}}`;
}

function attributesText(attributes: readonly Attribute[]): string {
  const texts = attributes.map(([key, value]) => {
    const spelled =
      typeof value === 'string'
        ? `"stringValue":${JSON.stringify(value)}`
        : typeof value === 'boolean'
          ? `"boolValue":${value}`
          : 'int' in value
            ? `"intValue":"${value.int}"`
            : `"doubleValue":${value.double}`;
    return `{"key":"${key}","value":{${spelled}}}`;
  });
  return `[${texts.join(',')}]`;
}

/** As text: nanoseconds since 1970 are more than a number of JavaScript holds. */
function nanoseconds(microseconds: number): string {
  return microseconds === 0 ? '0' : `${microseconds}000`;
}
