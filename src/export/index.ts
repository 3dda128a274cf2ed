/** A story in the formats of other tools. Reads what it is given; opens no file. */
export type { Exported, Exporter, ExportSource, Sink } from './exporter.js';
export { formats } from './formats.js';
export type { Format } from './formats.js';
export { tableNames } from './tables.js';
export type { TableName } from './tables.js';
