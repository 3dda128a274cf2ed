/** The columns of a table in Parquet's types, and each value in the form that its type wants. Pure. */
import type { ColumnHead, ColumnType, Value } from '../tables/table.js';
import { wellFormed, wellFormedJson } from '../encode/well-formed.js';
import type { SchemaElement } from './writer.js';

const types: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
};
const fixedBytes = 8;

/** The file's schema: every column may be NULL. */
export function schemaOf(name: string, columns: readonly ColumnHead[]): readonly SchemaElement[] {
  return [
    { name, num_children: columns.length },
    ...columns.map((column): SchemaElement => {
      return { name: column.name, ...types[column.type], repetition_type: 'OPTIONAL' };
    }),
  ];
}

/** The value as it is written, and about how many bytes it takes until then. */
export function cellOf(
  value: Value,
  type: ColumnType,
): { readonly cell: unknown; readonly bytes: number } {
  if (value === undefined) return { cell: null, bytes: fixedBytes };
  if (typeof value === 'string') return { cell: wellFormed(value), bytes: value.length };
  if (typeof value === 'object') {
    const json = wellFormedJson(value);
    // Strict readers refuse the escape of half a character, and with it the whole file.
    const isAscii = !json.includes('\\ud');
    return { cell: isAscii ? value : JSON.parse(json), bytes: json.length };
  }
  const isInteger = type === 'integer' || type === 'time';
  // A number that is none of these was somebody's bug; the row is worth more than the value.
  if (isInteger && !Number.isSafeInteger(value)) return { cell: null, bytes: fixedBytes };
  return { cell: isInteger ? BigInt(value) : value, bytes: fixedBytes };
}
