/** Reads OTLP back, both spellings into one shape, by the numbers and names of opentelemetry-proto and nothing of ours. */
import { officialReader } from './official.js';
import { bytesAt, hexAt, numberAt, readFields, textAt } from '../support/protobuf-reader.js';

export type Attributes = Readonly<Record<string, string | boolean | number | undefined>>;

export interface ReadSpan {
  readonly resource: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { name: string; ns: bigint; attributes: Attributes }[];
  readonly eventsDropped: number;
  readonly links: readonly { traceId: string; spanId: string; flags: number }[];
  readonly status: { readonly code: number; readonly message: string };
}

export interface ReadMessage {
  readonly resources: readonly Attributes[];
  readonly spans: readonly ReadSpan[];
}

export const readProtobuf: (message: Uint8Array) => ReadMessage = officialReader() ?? readOwn;

function readOwn(message: Uint8Array): ReadMessage {
  const resources: Attributes[] = [];
  const spans: ReadSpan[] = [];
  for (const inWriter of bytesAt(readFields(message), 1)) {
    const ofWriter = readFields(inWriter);
    const resource = attributesAt(bytesAt(ofWriter, 1)[0] ?? new Uint8Array(), 1);
    resources.push(resource);
    for (const inScope of bytesAt(ofWriter, 2)) {
      for (const bytes of bytesAt(readFields(inScope), 2)) spans.push(spanOf(bytes, resource));
    }
  }
  return { resources, spans };
}

function spanOf(bytes: Uint8Array, resource: Attributes): ReadSpan {
  const fields = readFields(bytes);
  const status = readFields(bytesAt(fields, 15)[0] ?? new Uint8Array());
  return {
    resource,
    traceId: hexAt(fields, 1),
    spanId: hexAt(fields, 2),
    parentSpanId: hexAt(fields, 4),
    flags: Number(numberAt(fields, 16)),
    name: textAt(fields, 5),
    kind: Number(numberAt(fields, 6)),
    startNs: numberAt(fields, 7),
    endNs: numberAt(fields, 8),
    attributes: attributesAt(bytes, 9),
    events: bytesAt(fields, 11).map((event) => ({
      name: textAt(readFields(event), 2),
      ns: numberAt(readFields(event), 1),
      attributes: attributesAt(event, 3),
    })),
    eventsDropped: Number(numberAt(fields, 12)),
    links: bytesAt(fields, 13).map((link) => ({
      traceId: hexAt(readFields(link), 1),
      spanId: hexAt(readFields(link), 2),
      flags: Number(numberAt(readFields(link), 6)),
    })),
    status: { code: Number(numberAt(status, 3)), message: textAt(status, 2) },
  };
}

function attributesAt(message: Uint8Array, number: number): Attributes {
  const found: Record<string, string | boolean | number> = {};
  for (const pair of bytesAt(readFields(message), number)) {
    const any = readFields(bytesAt(readFields(pair), 2)[0] ?? new Uint8Array());
    const key = textAt(readFields(pair), 1);
    if (key in found) throw new Error(`${key} twice`);
    const [one] = any;
    if (one?.number === 2) found[key] = one.value === 1n;
    else if (one?.number === 3) found[key] = Number(BigInt.asIntN(64, one.value as bigint));
    else if (one?.number === 4) found[key] = doubleOf(one.value as bigint);
    else found[key] = textAt(any, 1);
  }
  return found;
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

interface JsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
}
type JsonAttributes = readonly { readonly key: string; readonly value: JsonValue }[];

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: JsonAttributes;
  readonly events?: readonly { name: string; timeUnixNano: string; attributes: JsonAttributes }[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly { traceId: string; spanId: string; flags: number }[];
  readonly status?: { readonly code: number; readonly message: string };
}

interface JsonMessage {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: JsonAttributes };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

/** One message: one line. */
export function readJson(line: string): ReadMessage {
  const { resourceSpans } = JSON.parse(line) as JsonMessage;
  const resources = resourceSpans.map(({ resource }) => jsonAttributes(resource.attributes));
  const spans = resourceSpans.flatMap(({ scopeSpans }, index) =>
    scopeSpans.flatMap(({ spans: of }) =>
      of.map((span) => ({
        resource: resources[index] ?? {},
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        flags: span.flags,
        name: span.name,
        kind: span.kind,
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        attributes: jsonAttributes(span.attributes),
        events: (span.events ?? []).map((event) => ({
          name: event.name,
          ns: BigInt(event.timeUnixNano),
          attributes: jsonAttributes(event.attributes),
        })),
        eventsDropped: span.droppedEventsCount ?? 0,
        links: span.links ?? [],
        status: span.status ?? { code: 0, message: '' },
      })),
    ),
  );
  return { resources, spans };
}

function jsonAttributes(attributes: JsonAttributes): Attributes {
  const found: Record<string, string | boolean | number> = {};
  for (const { key, value } of attributes) {
    if (key in found) throw new Error(`${key} twice`);
    const { stringValue, boolValue, intValue, doubleValue } = value;
    const read = stringValue ?? boolValue ?? doubleValue ?? (intValue && Number(intValue));
    if (read === undefined) throw new Error(`${key} has no value`);
    found[key] = read;
  }
  return found;
}
