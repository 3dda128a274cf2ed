/**
 * One JSON object a line, all columns of the table in their order. NULL is `null`; times are texts; what is JSON in the
 * table is JSON here. Halves of characters are written out, because strict readers refuse them.
 */
import type { Exporter } from '../exporter.js';
import { rowExporter } from '../tables/rows.js';
import { isoMicroseconds } from '../../read/entry/iso-time.js';
import type { ColumnHead, Value } from '../tables/table.js';
import { wellFormedJson } from '../encode/well-formed.js';

export const exporter: Exporter = rowExporter({
  head: () => '',
  row: (columns, values) =>
    `{${columns.map((column, index) => member(column, values[index])).join(',')}}\n`,
});

function member({ name, type }: ColumnHead, value: Value): string {
  // A column's name needs no escapes.
  return `"${name}":${spelled(type === 'time' && typeof value === 'number' ? isoMicroseconds(value) : value)}`;
}

function spelled(value: Value): string {
  return value === undefined ? 'null' : wellFormedJson(value);
}
