/**
 * Which records are asked for: a time span and FIELD=VALUE matches, as journalctl has them. Pure. What a filter leaves
 * out is left out of the answer alone, never of the evidence that states rest on.
 */
import { parseCorrelationId, parseTraceId, correlationIdOf } from '../../context/index.js';
import { isObject, type Entry } from './entry.js';
import { roleOfWriter } from './writer-id.js';

/** One condition: the member of the record that this path leads to, printed, is `value`. */
export interface FieldMatch {
  /** `event_type`, `writer_id`, `payload.runner`, `origin.client` …; `role` and `root` are of the stream. */
  readonly field: string;
  readonly value: string;
}

export interface RecordFilter {
  /** Microseconds since 1970, of `ts`: not before, and before. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Of one field any may hold; of all fields that are named one must. */
  readonly matches?: readonly FieldMatch[] | undefined;
}

const fieldPattern = /^[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_-]+){0,8}$/;

/** Reads `FIELD=VALUE`; `undefined` when the text is none. */
export function parseMatch(text: string): FieldMatch | undefined {
  const at = text.indexOf('=');
  const field = text.slice(0, Math.max(at, 0));
  return fieldPattern.test(field) ? { field, value: text.slice(at + 1) } : undefined;
}

/** A function that says whether an entry is asked for. */
export function recordFilter(filter: RecordFilter): (entry: Entry) => boolean {
  const { since = -Infinity, until = Infinity } = filter;
  const wanted = new Map<string, Set<string>>();
  for (const { field, value } of filter.matches ?? []) {
    const values = wanted.get(field) ?? new Set<string>();
    wanted.set(field, values.add(spelling(field, value)));
  }
  return (entry) => {
    if (entry.at.microseconds < since || entry.at.microseconds >= until) return false;
    for (const [field, values] of wanted) {
      const found = valueOf(entry, field);
      if (found === undefined || !values.has(found)) return false;
    }
    return true;
  };
}

/** The newest `count` of what is added, oldest first: for a list with an end and a limit. */
export class Newest<Item> {
  readonly #items: Item[] = [];
  readonly #countMax: number;
  #next = 0;
  /** How many were let go. */
  dropped = 0;

  constructor(countMax: number) {
    this.#countMax = Math.max(1, countMax);
  }

  add(item: Item): void {
    if (this.#items.length < this.#countMax) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#countMax;
    this.dropped += 1;
  }

  items(): readonly Item[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}

/** An id has two spellings and one value. */
function spelling(field: string, value: string): string {
  if (field !== 'correlation_id') return value;
  const traceId = parseTraceId(value.toLowerCase());
  return traceId === undefined ? (parseCorrelationId(value) ?? value) : correlationIdOf(traceId);
}

function valueOf(entry: Entry, field: string): string | undefined {
  if (field === 'correlation_id') return entry.correlationId;
  if (field === 'root') return entry.root;
  if (field === 'role') return roleOfWriter(entry.writerId);
  let value: unknown = entry.record;
  for (const name of field.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
