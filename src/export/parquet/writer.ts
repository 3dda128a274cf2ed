/** What of `hyparquet-writer` is used, typed by hand: it is loaded when a Parquet file is asked for. */
import { loadPackage } from '../optional-package.js';

/** A column of the file's schema, in Parquet's words. */
export interface SchemaElement {
  readonly name: string;
  readonly num_children?: number;
  readonly type?: 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY';
  readonly converted_type?: 'UTF8' | 'JSON' | 'TIMESTAMP_MICROS';
  readonly logical_type?: {
    readonly type: 'TIMESTAMP';
    readonly isAdjustedToUTC: boolean;
    readonly unit: 'MICROS';
  };
  readonly repetition_type?: 'OPTIONAL';
}

/** Bytes that are not fetched yet. `index` is how many; set to 0 they are forgotten, and offsets go on. */
export interface ByteWriter {
  index: number;
  getBytes(): Uint8Array;
}

export interface ParquetWriter {
  write(group: {
    readonly columnData: readonly { readonly name: string; readonly data: readonly unknown[] }[];
    readonly rowGroupSize: number;
  }): void | Promise<void>;
  finish(): void | Promise<void>;
}

export interface ParquetPackage {
  readonly ByteWriter: new () => ByteWriter;
  readonly ParquetWriter: new (options: {
    readonly writer: ByteWriter;
    readonly schema: readonly SchemaElement[];
    readonly createdBy: string;
  }) => ParquetWriter;
}

export function loadParquetWriter(): Promise<ParquetPackage> {
  return loadPackage(
    'hyparquet-writer',
    (loaded) =>
      typeof loaded['ByteWriter'] === 'function' && typeof loaded['ParquetWriter'] === 'function'
        ? (loaded as unknown as ParquetPackage)
        : undefined,
    '--format parquet',
  );
}
