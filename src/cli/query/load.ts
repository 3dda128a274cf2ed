/**
 * Fills the tables that a statement reads: from the story what is made of requests, from the merge the records. What is
 * not asked for stays empty and costs nothing.
 */
import {
  recordTable,
  requestTables,
  tableNames,
  wellFormed,
  wellFormedJson,
  type ColumnHead,
  type ColumnType,
  type TableName,
  type Value,
} from '../../export/index.js';
import {
  openJournal,
  recordFilter,
  truthOf,
  type StreamReport,
  type Truth,
} from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { openStory, reportProblems, rootsOf } from '../open-story.js';
import { filterOf, isPicked } from '../pick.js';
import { withProgress } from '../progress.js';
import type { Appender, Database, Duckdb } from './duckdb.js';

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMPTZ',
  json: 'JSON',
};

/** What the answer rests on. */
export interface Loaded {
  readonly code: number;
  readonly truth: Truth | undefined;
  readonly streams: readonly StreamReport[];
}

export async function createTables({ connection }: Database): Promise<void> {
  for (const name of tableNames) {
    const { columns } = name === 'records' ? recordTable : requestTables[name];
    const list = columns.map((column) => `"${column.name}" ${sqlTypes[column.type]}`);
    await connection.run(`CREATE TABLE ${name} (${list.join(', ')})`);
  }
}

/** Reads the streams at most twice: for tables of requests, and for `records`. Says on stderr what cannot be read. */
export async function fillTables(
  database: Database,
  given: Given,
  names: readonly TableName[],
): Promise<Loaded> {
  const records = names.includes('records') ? await fillRecords(database, given) : nothing;
  const others = names.filter((name) => name !== 'records');
  if (others.length > 0) return fillOthers(database, given, others);
  const { truth } = records;
  return { ...records, code: truth === undefined ? exitCode.ok : reportProblems(given, truth) };
}

const nothing: Omit<Loaded, 'code'> = { truth: undefined, streams: [] };

async function fillRecords(database: Database, given: Given): Promise<Omit<Loaded, 'code'>> {
  const asked = filterOf(given, [], Date.now());
  const isAsked = recordFilter(asked);
  const journal = await openJournal({ roots: rootsOf(given), since: asked.since });
  const filling = await Filling.of(database, 'records', recordTable.columns);
  await withProgress(async () => {
    for await (const item of journal.items()) {
      if (item.kind !== 'entry' || !isAsked(item.entry)) continue;
      for (const row of recordTable.rows(item.entry)) filling.add(row);
    }
  });
  filling.end();
  const truth = truthOf(journal.streams, journal.problems, { notRead: journal.notRead });
  return { truth, streams: journal.streams };
}

async function fillOthers(
  database: Database,
  given: Given,
  names: readonly Exclude<TableName, 'records'>[],
): Promise<Loaded> {
  const filter = filterOf(given, [], Date.now());
  const { story, code } = await openStory(given);
  if (story === undefined) return { ...nothing, code };
  const tables = await Promise.all(
    names.map(async (name) => {
      const table = requestTables[name];
      return { table, filling: await Filling.of(database, name, table.columns) };
    }),
  );
  for (const request of story.requests) {
    if (!isPicked(filter, request, () => request)) continue;
    for (const { table, filling } of tables) {
      for (const row of table.rows(request)) filling.add(row);
    }
  }
  for (const { filling } of tables) filling.end();
  return { code, truth: story.truth, streams: story.streams };
}

class Filling {
  readonly #appender: Appender;
  readonly #columns: readonly ColumnHead[];
  readonly #duckdb: Duckdb;

  static async of(
    { connection, duckdb }: Database,
    name: TableName,
    columns: readonly ColumnHead[],
  ): Promise<Filling> {
    return new Filling(await connection.createAppender(name), columns, duckdb);
  }

  private constructor(appender: Appender, columns: readonly ColumnHead[], duckdb: Duckdb) {
    this.#appender = appender;
    this.#columns = columns;
    this.#duckdb = duckdb;
  }

  add(row: readonly Value[]): void {
    for (const [index, { type }] of this.#columns.entries()) this.#append(row[index], type);
    this.#appender.endRow();
  }

  end(): void {
    this.#appender.closeSync();
  }

  #append(value: Value, type: ColumnType): void {
    const appender = this.#appender;
    if (typeof value === 'string') {
      appender.appendVarchar(wellFormed(value));
    } else if (typeof value === 'object') {
      appender.appendVarchar(wellFormedJson(value));
    } else if (typeof value === 'boolean') {
      appender.appendBoolean(value);
    } else if (value === undefined || (type !== 'number' && !Number.isSafeInteger(value))) {
      appender.appendNull();
    } else if (type === 'time') {
      appender.appendTimestampTZ(new this.#duckdb.DuckDBTimestampTZValue(BigInt(value)));
    } else if (type === 'integer') {
      appender.appendBigInt(BigInt(value));
    } else {
      appender.appendDouble(value);
    }
  }
}
