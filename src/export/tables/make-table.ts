/** Makes a table of its columns. Pure. */
import type { Link } from '../../context/index.js';
import type { Column, ColumnType, Table, TableName, Value } from './table.js';

/** `split` gives what the rows of one request, or of one record, are about. */
export function tableOf<Source, About>(parts: {
  readonly name: TableName;
  readonly help: string;
  readonly columns: readonly Column<About>[];
  readonly split: (source: Source) => Iterable<About>;
}): Table<Source> {
  const { name, help, columns, split } = parts;
  return {
    name,
    help,
    columns,
    *rows(source) {
      for (const about of split(source)) yield columns.map((one) => one.of(about));
    },
    only: (names) => {
      const some = columns.filter((one) => names.includes(one.name));
      return tableOf({ ...parts, columns: some });
    },
  };
}

export function column<About>(
  name: string,
  type: ColumnType,
  help: string,
  of: (about: About) => Value,
): Column<About> {
  return { name, type, help, of };
}

/** Links as they stand in a record; none are NULL. */
export function linksValue(links: readonly Link[]): Value {
  if (links.length === 0) return undefined;
  return links.map((link) => ({ trace_id: link.traceId, span_id: link.spanId }));
}
