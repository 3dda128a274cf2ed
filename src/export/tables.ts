/**
 * The four tables that csv, jsonl, parquet and `query` share, as data: docs/query.md is made from it. A row is a list of
 * values in the order of the columns; nothing here decides how a format spells them, or reads anything.
 */
import { effectsTable } from './table-effects.js';
import { recordsTable } from './table-records.js';
import { requestsTable } from './table-requests.js';
import { runsTable } from './table-runs.js';
import type { Entry, Request } from '../read/index.js';

/**
 * `integer`: within 53 bits. `time`: a number, microseconds since 1970, UTC; `timeText` is how text formats spell it.
 * `json`: an array or object.
 */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json';

/** One value; `undefined` is NULL, an empty field, or `null`. */
export type Value = string | number | boolean | object | undefined;

export interface ColumnHead {
  readonly name: string;
  readonly type: ColumnType;
  /** For docs/query.md. */
  readonly help: string;
}

/** A column, and how it is had from what a row is about. */
export interface Column<About> extends ColumnHead {
  readonly of: (about: About) => Value;
}

/** A table of rows that come from `Source`: a request, or a record. */
export interface Table<Source> {
  readonly name: TableName;
  readonly help: string;
  readonly columns: readonly ColumnHead[];
  /** The rows of one request, or of one record, in order. */
  readonly rows: (source: Source) => Iterable<readonly Value[]>;
  /** The same with some of the columns, in the table's order: what nobody asks for is not looked at. */
  readonly only: (names: readonly string[]) => Table<Source>;
}

export type TableName = 'requests' | 'runs' | 'records' | 'effects';

/** In the order in which they are told of. */
export const tableNames: readonly TableName[] = ['requests', 'runs', 'records', 'effects'];

/** Tables that are made of requests. */
export const requestTables: Readonly<Record<Exclude<TableName, 'records'>, Table<Request>>> = {
  requests: requestsTable,
  runs: runsTable,
  effects: effectsTable,
};

/** The one table that is made of records: all that were read, merged, also those of no request. */
export const recordTable: Table<Entry> = recordsTable;

export { isoMicroseconds as timeText } from '../read/entry/iso-time.js';
