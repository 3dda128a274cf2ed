/** What a table is: columns with names and types, and rows that are lists of values in their order. Only types. */

/**
 * `integer`: within 53 bits. `time`: a number, microseconds since 1970, UTC; text formats spell it as ISO 8601.
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
