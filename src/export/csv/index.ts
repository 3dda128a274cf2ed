/**
 * CSV as RFC 4180 has it, in UTF-8 with newlines alone: a head, then one line a row, but for texts that hold newlines
 * themselves. NULL is an empty field and an empty text is `""`. Values are as they were recorded: nothing is done about
 * texts that a spreadsheet takes for formulas.
 */
import type { Exporter } from '../exporter.js';
import { rowExporter } from '../tables/rows.js';
import { isoMicroseconds } from '../../read/entry/iso-time.js';
import type { ColumnHead, Value } from '../tables/table.js';
import { wellFormed, wellFormedJson } from '../encode/well-formed.js';

export const exporter: Exporter = rowExporter({
  head: (columns) => `${columns.map(({ name }) => name).join(',')}\n`,
  row: (columns, values) =>
    `${values.map((value, index) => field(value, columns[index]?.type)).join(',')}\n`,
});

function field(value: Value, type: ColumnHead['type'] | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return type === 'time' ? isoMicroseconds(value) : String(value);
  if (typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? wellFormed(value) : wellFormedJson(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
