/**
 * OTLP decoded by the code that OpenTelemetry generates from its protos. That is no dependency of this repository:
 * `npm run test:interop -- otlp` installs it and runs the tests of OTLP with it in the place of our own reader.
 */
import { createRequire } from 'node:module';
import type { Attributes, ReadMessage } from './otlp-reader.js';

/** Where the generated module is; without it our own reader has to do. */
const path = process.env['TEST_OTLP_PROTOS'];

interface Any {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
}
type Pairs = readonly { readonly key: string; readonly value: Any }[];

interface Message {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Pairs };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly {
        readonly traceId: Uint8Array;
        readonly spanId: Uint8Array;
        readonly parentSpanId: Uint8Array;
        readonly flags: number;
        readonly name: string;
        readonly kind: number;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: Pairs;
        readonly events: readonly { name: string; timeUnixNano: string; attributes: Pairs }[];
        readonly droppedEventsCount: number;
        readonly links: readonly { traceId: Uint8Array; spanId: Uint8Array; flags: number }[];
        readonly status: { readonly code: number; readonly message: string } | null;
      }[];
    }[];
  }[];
}

interface Generated {
  decode(bytes: Uint8Array): object;
  verify(message: object): string | null;
  toObject(message: object, options: object): Message;
}

/** The reader, where the generated code is installed. */
export function officialReader(): ((bytes: Uint8Array) => ReadMessage) | undefined {
  if (path === undefined) return undefined;
  const root = createRequire(import.meta.url)(path) as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceRequest: Generated } } } };
    };
  };
  const { ExportTraceServiceRequest: type } = root.opentelemetry.proto.collector.trace.v1;
  return (bytes) => {
    const message = type.decode(bytes);
    const problem = type.verify(message);
    if (problem !== null) throw new Error(problem);
    return shaped(type.toObject(message, { longs: String, defaults: true, oneofs: false }));
  };
}

function shaped({ resourceSpans }: Message): ReadMessage {
  const resources = resourceSpans.map(({ resource }) => attributesOf(resource.attributes));
  const spans = resourceSpans.flatMap(({ scopeSpans }, index) =>
    scopeSpans.flatMap(({ spans: of }) =>
      of.map((span) => ({
        resource: resources[index] ?? {},
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        flags: span.flags,
        name: span.name,
        kind: span.kind,
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        events: span.events.map((event) => ({
          name: event.name,
          ns: BigInt(event.timeUnixNano),
          attributes: attributesOf(event.attributes),
        })),
        eventsDropped: span.droppedEventsCount,
        links: span.links.map((link) => ({
          traceId: hex(link.traceId),
          spanId: hex(link.spanId),
          flags: link.flags,
        })),
        status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
      })),
    ),
  );
  return { resources, spans };
}

function attributesOf(pairs: Pairs): Attributes {
  const found: Record<string, string | boolean | number> = {};
  for (const { key, value } of pairs) {
    const { stringValue, boolValue, intValue, doubleValue } = value;
    found[key] = boolValue ?? doubleValue ?? (intValue && Number(intValue)) ?? stringValue ?? '';
  }
  return found;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
