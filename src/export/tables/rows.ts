/** Writes a table in a format that is rows of text. The rows come from the tables; a format says how one is spelled. */
import type { Exported, Exporter, ExportSource } from '../exporter.js';
import type { ColumnHead, Value } from './table.js';
import { recordTable, requestTables } from './tables.js';
import { TextBuffer } from '../encode/text-buffer.js';

export interface RowFormat {
  /** What stands before the first row. */
  readonly head: (columns: readonly ColumnHead[]) => string;
  /** One row, with its newline. */
  readonly row: (columns: readonly ColumnHead[], values: readonly Value[]) => string;
}

export function rowExporter({ head, row }: RowFormat): Exporter {
  return async (source, sink) => {
    const { table = 'runs' } = source;
    const { columns } = table === 'records' ? recordTable : requestTables[table];
    const buffer = new TextBuffer(sink);
    buffer.add(head(columns));
    let [requests, spans, count] = [0, 0, 0];
    for await (const { rows, isRequest, ofSpans } of tableRows(source)) {
      if (isRequest) requests += 1;
      spans += ofSpans;
      for (const values of rows) {
        count += 1;
        if (buffer.add(row(columns, values))) await buffer.flush();
      }
    }
    await buffer.flush();
    const exported: Exported = { requests, spans, rows: count, leftOut: [] };
    return exported;
  };
}

interface Rows {
  readonly rows: Iterable<readonly Value[]>;
  readonly isRequest: boolean;
  readonly ofSpans: number;
}

export async function* tableRows(source: ExportSource): AsyncGenerator<Rows, void, undefined> {
  const { table = 'runs' } = source;
  if (table === 'records') {
    for await (const entry of source.entries?.() ?? []) {
      yield { rows: recordTable.rows(entry), isRequest: false, ofSpans: 0 };
    }
    return;
  }
  for (const request of source.requests) {
    yield { rows: requestTables[table].rows(request), isRequest: true, ofSpans: request.spans };
  }
}
