/**
 * A table as a Parquet file: columns of typed values, compressed with Snappy, in row groups small enough to be made in
 * a few megabytes. Holds one row group, and of the others what the file's footer says of them.
 */
import type { Exporter, ExportSource, Sink } from '../exporter.js';
import { tableRows } from '../tables/rows.js';
import type { ColumnHead, Value } from '../tables/table.js';
import { recordTable, requestTables } from '../tables/tables.js';
import { cellOf, schemaOf } from './schema.js';
import { loadParquetWriter, type ByteWriter, type ParquetWriter } from './writer.js';

/** A row group is written when it has so many rows or so much text. */
const groupRowsMax = 2048;
const groupBytesMax = 4 * 1024 ** 2;

/** The exporter, once there is something to write Parquet with. Throws `PACKAGE_MISSING`. */
export async function load(): Promise<Exporter> {
  const { ByteWriter: Bytes, ParquetWriter: Writer } = await loadParquetWriter();
  return async (source, sink) => {
    const { table = 'runs' } = source;
    const { columns } = table === 'records' ? recordTable : requestTables[table];
    const bytes = new Bytes();
    const schema = schemaOf(`throughline_${table}`, columns);
    const writer = new Writer({ writer: bytes, schema, createdBy: 'throughline' });
    const file = new RowGroups(columns, { writer, bytes, sink });
    const counts = await writeRows(source, file);
    await file.finish();
    return { ...counts, leftOut: [] };
  };
}

async function writeRows(
  source: ExportSource,
  file: RowGroups,
): Promise<{ readonly requests: number; readonly spans: number; readonly rows: number }> {
  let [requests, spans, count] = [0, 0, 0];
  for await (const { rows, isRequest, ofSpans } of tableRows(source)) {
    if (isRequest) requests += 1;
    spans += ofSpans;
    for (const row of rows) {
      count += 1;
      file.add(row);
      if (file.isFull) await file.flush();
    }
  }
  return { requests, spans, rows: count };
}

class RowGroups {
  readonly #columns: readonly ColumnHead[];
  readonly #writer: ParquetWriter;
  readonly #made: ByteWriter;
  readonly #sink: Sink;
  #data: unknown[][];
  #rows = 0;
  #bytes = 0;

  constructor(
    columns: readonly ColumnHead[],
    to: { readonly writer: ParquetWriter; readonly bytes: ByteWriter; readonly sink: Sink },
  ) {
    this.#columns = columns;
    this.#writer = to.writer;
    this.#made = to.bytes;
    this.#sink = to.sink;
    this.#data = columns.map(() => []);
  }

  get isFull(): boolean {
    return this.#rows >= groupRowsMax || this.#bytes >= groupBytesMax;
  }

  add(row: readonly Value[]): void {
    for (const [index, { type }] of this.#columns.entries()) {
      const { cell, bytes } = cellOf(row[index], type);
      this.#data[index]?.push(cell);
      this.#bytes += bytes;
    }
    this.#rows += 1;
  }

  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    const columnData = this.#columns.map(({ name }, index) => {
      return { name, data: this.#data[index] ?? [] };
    });
    await this.#writer.write({ columnData, rowGroupSize: this.#rows });
    this.#data = this.#columns.map(() => []);
    this.#rows = 0;
    this.#bytes = 0;
    await this.#drain();
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.#writer.finish();
    await this.#drain();
  }

  /** The sink may keep what it gets, and the writer uses its memory again. */
  async #drain(): Promise<void> {
    const bytes = this.#made.getBytes().slice();
    this.#made.index = 0;
    await this.#sink.write(bytes);
  }
}
