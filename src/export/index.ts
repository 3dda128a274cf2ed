/** A story in the formats of other tools. Reads what it is given; opens no file. */
export type { Exported, Exporter, ExportSource, Sink } from './exporter.js';
export { formats } from './formats.js';
export type { Format } from './formats.js';
export { recordTable, requestTables, tableNames } from './tables/tables.js';
export type { ColumnHead, ColumnType, Table, TableName, Value } from './tables/table.js';
export { isoMicroseconds as timeText } from '../read/entry/iso-time.js';
export { loadPackage } from './optional-package.js';
export { wellFormed, wellFormedJson } from './encode/well-formed.js';
