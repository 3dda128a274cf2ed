/**
 * The four tables that csv, jsonl, parquet and `query` share, as data: docs/query.md is made from it. A row is a list of
 * values in the order of the columns; nothing here decides how a format spells them, or reads anything.
 */
import { effectsTable } from './effects.js';
import { recordsTable } from './records.js';
import { requestsTable } from './requests.js';
import { runsTable } from './runs.js';
import type { Table, TableName } from './table.js';
import type { Entry, Request } from '../../read/index.js';

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
