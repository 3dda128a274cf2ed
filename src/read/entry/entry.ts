/**
 * The border between bytes and story: one function turns a parsed record into an `Entry` whose fields are what they
 * claim to be. A field of the wrong type is absent, never an exception: a reader outlives every writer's bugs.
 */
import {
  hlcAt,
  hlcMicroseconds,
  parseSpanId,
  type CorrelationId,
  type Hlc,
  type Link,
  type Origin,
  type SpanId,
} from '../../context/index.js';
import type { Imported } from '../sources/imported.js';
import { isoMicroseconds } from './iso-time.js';
import { readCorrelationId, readLinks, readOrigin } from './read-ids.js';
import { parseTimestamp } from './timestamp.js';
import { isObject, text, type JsonObject } from './values.js';

export { isObject, optional, text } from './values.js';
export type { JsonObject } from './values.js';

/** When something was recorded: what the wall clock said, and the reading that orders it among all streams. */
export interface Moment {
  /** As written: ISO-8601, UTC, microseconds. */
  readonly ts: string;
  /** `ts` in microseconds since 1970. */
  readonly microseconds: number;
  /** The record's own reading, or for a record without one the running maximum of its stream's `ts`. */
  readonly hlc: Hlc;
}

/**
 * One record, read at the border. Parsed when first looked into: most of a journal is passed over. `record` is the line
 * as parsed, with every member that was in it.
 */
export interface Entry {
  readonly root: string;
  readonly writerId: string;
  readonly sequence: number;
  /** The segment it is in, by name, and where it begins there. */
  readonly file: string;
  readonly offset: number;
  readonly event: string;
  readonly at: Moment;
  readonly correlationId: CorrelationId | undefined;
  readonly spanId: SpanId | undefined;
  readonly parentSpanId: SpanId | undefined;
  readonly runId: string | undefined;
  readonly action: string | undefined;
  readonly trigger: string | undefined;
  readonly env: string | undefined;
  readonly project: string | undefined;
  readonly origin: Origin | undefined;
  readonly links: readonly Link[];
  readonly payload: JsonObject;
  readonly record: JsonObject;
  readonly acknowledged: 'yes' | 'unknown';
  /** Of a record of another program: what its source knows of it beside what is in it. */
  readonly imported?: Imported | undefined;
}

/** A line of a stream, as its source hands it over; `text` is good until the source is asked for more. */
export interface EntryLine {
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
  readonly text: string;
  readonly acknowledged: 'yes' | 'unknown';
  readonly imported?: Imported | undefined;
  /** The record, where the source has parsed it. */
  readonly parsed?: JsonObject | undefined;
}

/** Whose line it is, and who is told when it turns out to be no record. */
export interface EntryOwner {
  readonly source: { readonly root: string; readonly writerId: string };
  notARecord(entry: Entry, bytes: number): void;
}

const eventKey = '"event_type":"';
/** In a line of ours the type stands within so many characters, before anything that a host may say. */
const headCharsMax = 220;

/** The line as an entry, at its place in the merge. */
export function entryOf(line: EntryLine, hlc: Hlc, owner: EntryOwner): Entry {
  return new LineEntry(line, hlc, owner);
}

class LineEntry implements Entry {
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
  readonly acknowledged: 'yes' | 'unknown';
  readonly imported: Imported | undefined;
  readonly #owner: EntryOwner;
  readonly #hlc: Hlc;
  readonly #text: string;
  #record: JsonObject | undefined;
  #at: Moment | undefined;

  constructor(line: EntryLine, hlc: Hlc, owner: EntryOwner) {
    this.#owner = owner;
    this.sequence = line.sequence;
    this.file = line.file;
    this.offset = line.offset;
    this.acknowledged = line.acknowledged;
    this.imported = line.imported;
    this.#record = line.parsed;
    this.#hlc = hlc;
    this.#text = line.text;
  }

  get root(): string {
    return this.#owner.source.root;
  }

  get writerId(): string {
    return this.#owner.source.writerId;
  }

  get record(): JsonObject {
    if (this.#record !== undefined) return this.#record;
    const record = parseObject(this.#text);
    this.#record = record;
    if (!isObject(record['payload'])) this.#owner.notARecord(this, this.#text.length + 1);
    return record;
  }

  get event(): string {
    if (this.imported !== undefined) return text(this.record['event_type']) ?? 'unknown';
    const at = this.#text.indexOf(eventKey);
    if (at === -1 || at > headCharsMax) return text(this.record['event_type']) ?? 'unknown';
    const from = at + eventKey.length;
    return this.#text.slice(from, this.#text.indexOf('"', from));
  }

  get at(): Moment {
    if (this.#at !== undefined) return this.#at;
    const at = momentOf(this.record['ts'], this.#hlc);
    // In our spelling: `+00:00`, or no fraction, would be told apart from it as text.
    this.#at = this.imported === undefined ? at : { ...at, ts: isoMicroseconds(at.microseconds) };
    return this.#at;
  }

  get correlationId(): CorrelationId | undefined {
    return this.imported === undefined
      ? readCorrelationId(this.record['correlation_id'])
      : this.imported.correlationId;
  }

  get spanId(): SpanId | undefined {
    return this.imported === undefined ? parseSpanId(this.record['span_id']) : this.imported.spanId;
  }

  get parentSpanId(): SpanId | undefined {
    return this.imported === undefined
      ? parseSpanId(this.record['parent_span_id'])
      : this.imported.parentSpanId;
  }

  get runId(): string | undefined {
    return text(this.record['wal_run_id']);
  }

  get action(): string | undefined {
    return text(this.record['action_name']);
  }

  get trigger(): string | undefined {
    return text(this.record['trigger']);
  }

  get env(): string | undefined {
    return text(this.record['env_name']) ?? this.imported?.env;
  }

  get project(): string | undefined {
    return text(this.record['project_path']);
  }

  get origin(): Origin | undefined {
    const front = this.imported?.front;
    return front === undefined ? readOrigin(this.record['origin']) : { front };
  }

  get links(): readonly Link[] {
    return readLinks(this.record['links']);
  }

  get payload(): JsonObject {
    const { payload } = this.record;
    return isObject(payload) ? payload : nothing;
  }
}

const nothing: JsonObject = {};

/** A line that passes its check and is no JSON is empty. */
function parseObject(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : nothing;
  } catch {
    return nothing;
  }
}

function momentOf(ts: unknown, hlc: Hlc): Moment {
  return { ts: text(ts) ?? '', microseconds: parseTimestamp(ts) ?? hlcMicroseconds(hlc), hlc };
}

/** The place of a record without a reading of its own: what its `ts` says. */
export function placeByTime(line: string): Hlc | undefined {
  const microseconds = parseTimestamp(parseObject(line)['ts']);
  return microseconds === undefined ? undefined : hlcAt(microseconds);
}
