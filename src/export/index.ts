/** A story in the formats of other tools. Reads what it is given; opens no file. */
export type { Exported, Exporter, ExportSource, Sink, TableName } from './exporter.js';
export { formats } from './formats.js';
export type { Format } from './formats.js';
