/** DuckDB's values as JSON has them. Pure. */
import { timeText } from '../../export/index.js';
import type { Duckdb, TimestampValue } from './duckdb.js';

/** A value as JSON: whole numbers beyond 2^53 and everything that JSON has no word for as text. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** So many of a decimal fraction a number holds, whatever they are. */
const digitsMax = 15;

/** `isJson`: the column is JSON, and its text is a value. */
export function plainOf(value: unknown, duckdb: Duckdb, isJson = false): Plain {
  switch (typeof value) {
    case 'string':
      return isJson ? parsed(value) : value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return numberOf(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : ofObject(value, duckdb);
    default:
      return null;
  }
}

function ofObject(value: object, duckdb: Duckdb): Plain {
  const { DuckDBTimestampTZValue, DuckDBTimestampValue, DuckDBDecimalValue } = duckdb;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) {
    return timeOf(value);
  }
  if (value instanceof DuckDBDecimalValue) return decimalOf(textOf(value));
  const { items, entries } = value as { readonly items?: unknown; readonly entries?: unknown };
  if (Array.isArray(items)) return items.map((item) => plainOf(item, duckdb));
  if (Array.isArray(entries)) return entries.map((entry) => plainOf({ entries: entry }, duckdb));
  if (typeof entries !== 'object' || entries === null) return textOf(value);
  const members = Object.entries(entries).map(([key, one]) => [key, plainOf(one, duckdb)] as const);
  return Object.fromEntries(members);
}

/** DuckDB's values spell themselves. */
function textOf(value: object): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- Its own classes have one each.
  return value.toString();
}

function timeOf(value: TimestampValue): string {
  const microseconds = numberOf(value.micros);
  const text = typeof microseconds === 'number' ? timeText(microseconds) : '';
  // Infinity, and years that no date has.
  return text.length > 20 ? text : textOf(value);
}

/** What a number has room for as a number; of more digits none is lost. */
function decimalOf(text: string): number | string {
  const digits = text.replaceAll(/[-.]/g, '').replace(/^0+/, '');
  return digits.length <= digitsMax ? Number(text) : text;
}

function numberOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function parsed(text: string): Plain {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return text;
  }
}
