/**
 * The border between bytes and story: one function turns a parsed record into an `Entry` whose fields are what they
 * claim to be. A field of the wrong type is absent, never an exception: a reader outlives every writer's bugs.
 */
import {
  correlationIdOf,
  hlcAt,
  hlcMicroseconds,
  parseCorrelationId,
  parseHlc,
  parseSpanId,
  parseTraceId,
  type CorrelationId,
  type Hlc,
  type Link,
  type Origin,
  type SpanId,
} from '../context/index.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** When something was recorded: what the wall clock said, and the reading that orders it among all streams. */
export interface Moment {
  /** As written: ISO-8601, UTC, microseconds. */
  readonly ts: string;
  /** `ts` in microseconds since 1970. */
  readonly microseconds: number;
  /** The record's own reading, or for a record without one the running maximum of its stream's `ts`. */
  readonly hlc: Hlc;
}

/** One record, read at the border. `record` is the line as parsed, with every member that was in it. */
export interface Entry {
  readonly root: string;
  readonly writerId: string;
  readonly sequence: number;
  /** The segment it is in, by name, and where it begins there. */
  readonly file: string;
  readonly offset: number;
  readonly event: string;
  readonly at: Moment;
  readonly correlationId?: CorrelationId;
  readonly spanId?: SpanId;
  readonly parentSpanId?: SpanId;
  readonly runId?: string;
  readonly action?: string;
  readonly trigger?: string;
  readonly env?: string;
  readonly project?: string;
  readonly origin?: Origin;
  readonly links: readonly Link[];
  readonly payload: JsonObject;
  readonly record: JsonObject;
  readonly acknowledged: 'yes' | 'unknown';
}

/** Where a record was found. */
export interface EntrySource {
  readonly root: string;
  readonly writerId: string;
  readonly file: string;
  readonly offset: number;
  readonly acknowledged: 'yes' | 'unknown';
  /** The stream's highest reading so far: what a record without a clock of its own may not fall behind. */
  readonly floor: Hlc;
}

const originParts = ['front', 'method', 'name', 'client'] as const;
const linksMax = 64;

/** The record as an entry. */
export function entryOf(record: object, source: EntrySource): Entry {
  const fields = record as JsonObject;
  const correlationId = readCorrelationId(fields['correlation_id']);
  const spanId = parseSpanId(fields['span_id']);
  const parentSpanId = parseSpanId(fields['parent_span_id']);
  const origin = readOrigin(fields['origin']);
  return {
    root: source.root,
    writerId: source.writerId,
    sequence: typeof fields['sequence'] === 'number' ? fields['sequence'] : 0,
    file: source.file,
    offset: source.offset,
    event: text(fields['event_type']) ?? 'unknown',
    at: momentOf(fields, source.floor),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(spanId === undefined ? {} : { spanId }),
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...optional('runId', text(fields['wal_run_id'])),
    ...optional('action', text(fields['action_name'])),
    ...optional('trigger', text(fields['trigger'])),
    ...optional('env', text(fields['env_name'])),
    ...optional('project', text(fields['project_path'])),
    ...(origin === undefined ? {} : { origin }),
    links: readLinks(fields['links']),
    payload: isObject(fields['payload']) ? fields['payload'] : {},
    record: fields,
    acknowledged: source.acknowledged,
  };
}

/** Microseconds since 1970 of an ISO-8601 text in UTC, or `undefined`. */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(
    value,
  );
  if (match === null) return undefined;
  const seconds = Date.parse(`${(match[1] ?? '').replace(' ', 'T')}${match[3] ?? 'Z'}`);
  if (Number.isNaN(seconds)) return undefined;
  return seconds * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

/** A text member, or `undefined`. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with one member, or with none when the value is absent: for exact optional properties. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [name in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [name in Key]?: Value };
}

function momentOf(fields: JsonObject, floor: Hlc): Moment {
  const own = parseHlc(fields['hlc']);
  const parsed = parseTimestamp(fields['ts']);
  const microseconds = parsed ?? hlcMicroseconds(own ?? floor);
  const hlc = own ?? hlcAt(microseconds);
  return {
    ts: text(fields['ts']) ?? '',
    microseconds,
    // Within a stream the sequence is the truth: a reading that runs backwards does not reorder it.
    hlc: hlc < floor ? floor : hlc,
  };
}

function readCorrelationId(value: unknown): CorrelationId | undefined {
  const correlationId = parseCorrelationId(value);
  if (correlationId !== undefined) return correlationId;
  const traceId = parseTraceId(value);
  return traceId === undefined ? undefined : correlationIdOf(traceId);
}

function readOrigin(value: unknown): Origin | undefined {
  if (!isObject(value)) return undefined;
  const origin: Record<string, string> = {};
  for (const part of originParts) {
    const read = text(value[part]);
    if (read !== undefined) origin[part] = read;
  }
  return Object.keys(origin).length === 0 ? undefined : origin;
}

function readLinks(value: unknown): readonly Link[] {
  if (!Array.isArray(value)) return [];
  const links: Link[] = [];
  for (const item of value.slice(0, linksMax) as readonly unknown[]) {
    if (!isObject(item)) continue;
    const traceId = parseTraceId(item['trace_id']);
    const spanId = parseSpanId(item['span_id']);
    if (traceId !== undefined && spanId !== undefined) links.push({ traceId, spanId });
  }
  return links;
}
