/**
 * DuckDB, typed by hand: it is loaded when `query` is called. The database is in memory and closed to everything else:
 * no files, no network, no extensions, and no setting can be changed back.
 */
import { loadPackage } from '../../export/index.js';

/** What of `@duckdb/node-api` is used. */
export interface Duckdb {
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<Instance>;
  };
  readonly DuckDBTimestampTZValue: new (micros: bigint) => TimestampValue;
  readonly DuckDBTimestampValue: new (micros: bigint) => TimestampValue;
  readonly DuckDBDecimalValue: new (...parts: never) => object;
  readonly StatementType: { readonly SELECT: number; readonly EXPLAIN: number };
}

export interface TimestampValue {
  readonly micros: bigint;
}

interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

export interface Connection {
  run(sql: string): Promise<unknown>;
  extractStatements(sql: string): Promise<{
    readonly count: number;
    prepare(index: number): Promise<Statement>;
  }>;
  prepare(sql: string): Promise<Statement>;
  createAppender(table: string, schema: string): Promise<Appender>;
  closeSync(): void;
}

export interface Statement {
  readonly statementType: number;
  readonly parameterCount: number;
  stream(): Promise<Result>;
}

export interface Result {
  columnNames(): readonly string[];
  columnTypes(): readonly { readonly alias?: string | undefined }[];
  fetchChunk(): Promise<Chunk | null>;
}

interface Chunk {
  readonly rowCount: number;
  getRows(): readonly (readonly unknown[])[];
}

export interface Appender {
  appendNull(): void;
  appendVarchar(value: string): void;
  appendBigInt(value: bigint): void;
  appendDouble(value: number): void;
  appendBoolean(value: boolean): void;
  appendTimestampTZ(value: TimestampValue): void;
  endRow(): void;
  closeSync(): void;
}

export interface Database extends AsyncDisposable {
  readonly duckdb: Duckdb;
  readonly connection: Connection;
}

const parts = ['DuckDBInstance', 'DuckDBTimestampTZValue', 'DuckDBTimestampValue'] as const;
const memoryLimit = '2GiB';

/** An empty database. Throws `PACKAGE_MISSING`. */
export async function openDatabase(): Promise<Database> {
  const duckdb = await loadPackage('@duckdb/node-api', duckdbOf, 'query');
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: '',
    enable_external_access: 'false',
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    duckdb,
    connection,
    [Symbol.asyncDispose]: () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}

/** The rows of a result, some at a time. */
export async function* rowsIn(
  result: Result,
): AsyncGenerator<readonly (readonly unknown[])[], void, undefined> {
  for (;;) {
    const chunk = await result.fetchChunk();
    // How a result ends is told in two ways, by version.
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk.getRows();
  }
}

function duckdbOf(loaded: Readonly<Record<string, unknown>>): Duckdb | undefined {
  const isWhole =
    parts.every((part) => typeof loaded[part] === 'function') &&
    typeof loaded['StatementType'] === 'object';
  return isWhole ? (loaded as unknown as Duckdb) : undefined;
}
