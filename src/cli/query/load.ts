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
  type Table,
  type TableName,
  type Value,
} from '../../export/index.js';
import {
  openJournal,
  recordFilter,
  truthOf,
  type Request,
  type StreamReport,
  type Truth,
} from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { openStory, reportProblems, journalOf } from '../open-story.js';
import { filterOf, isPicked } from '../pick.js';
import { withProgress } from '../progress.js';
import type { Appender, Database, Duckdb } from './duckdb.js';
import type { Reads } from './plan.js';

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
  readonly truth: Truth;
  readonly streams: readonly StreamReport[];
}

/** Empty ones, all four. */
export async function createTables({ connection }: Database): Promise<void> {
  for (const name of tableNames) {
    await connection.run(`CREATE TABLE ${name} (${definition(columnsOf(name))})`);
  }
}

/**
 * Each table becomes a view of what is read of it. What is not read refuses to be: an empty table, or a NULL, would be a
 * wrong answer to a statement that hides what it reads, in `json_execute_serialized_sql` and its like.
 */
export async function openViews({ connection }: Database, reads: Reads): Promise<void> {
  await connection.run('CREATE SCHEMA filled');
  for (const name of tableNames) {
    const read = reads.get(name);
    const refusal = `error('${name} was not read: name it in the SQL itself')`;
    const list = columnsOf(name).map((column) => {
      const isRead = read?.has(column.name) === true;
      const value = isRead ? '' : `CAST(${refusal} AS ${sqlTypes[column.type]}) AS `;
      return `${value}"${column.name}"`;
    });
    await connection.run(`DROP TABLE ${name}`);
    if (read !== undefined) {
      await connection.run(`CREATE TABLE filled.${name} (${definition(filled(name, read))})`);
    }
    const from = read === undefined ? `(SELECT 1) WHERE ${refusal} IS NULL` : `filled.${name}`;
    await connection.run(`CREATE VIEW ${name} AS SELECT ${list.join(', ')} FROM ${from}`);
  }
  // From here on nothing can be set, by whatever statement.
  await connection.run('SET lock_configuration = true');
}

/** The columns that are filled: of a table that is only counted, one. */
function filled(name: TableName, read: ReadonlySet<string>): readonly ColumnHead[] {
  const columns = columnsOf(name);
  const some = columns.filter((column) => read.has(column.name));
  return some.length > 0 ? some : columns.slice(0, 1);
}

function definition(columns: readonly ColumnHead[]): string {
  return columns.map((column) => `"${column.name}" ${sqlTypes[column.type]}`).join(', ');
}

function columnsOf(name: TableName): readonly ColumnHead[] {
  return name === 'records' ? recordTable.columns : requestTables[name].columns;
}

/** Reads the streams at most twice: for tables of requests, and for `records`. Says on stderr what cannot be read. */
export async function fillTables(database: Database, given: Given, reads: Reads): Promise<Loaded> {
  const ofRecords = reads.get('records');
  const records = ofRecords === undefined ? nothing : await fillRecords(database, given, ofRecords);
  if ([...reads.keys()].some((name) => name !== 'records')) {
    return fillOthers(database, given, reads);
  }
  const code = ofRecords === undefined ? exitCode.ok : reportProblems(given, records.truth);
  return { ...records, code };
}

const nothing: Omit<Loaded, 'code'> = { truth: truthOf([]), streams: [] };

async function fillRecords(
  database: Database,
  given: Given,
  read: ReadonlySet<string>,
): Promise<Omit<Loaded, 'code'>> {
  const asked = filterOf(given, [], Date.now());
  const isAsked = recordFilter(asked);
  const journal = await openJournal({ ...journalOf(given), since: asked.since });
  const columns = filled('records', read);
  const table = recordTable.only(columns.map(({ name }) => name));
  const filling = await Filling.of(database, 'records', columns);
  await withProgress(async () => {
    for await (const item of journal.items()) {
      if (item.kind !== 'entry' || !isAsked(item.entry)) continue;
      for (const row of table.rows(item.entry)) filling.add(row);
    }
  });
  filling.end();
  const truth = truthOf(journal.streams, journal.problems, { notRead: journal.notRead });
  return { truth, streams: journal.streams };
}

async function fillOthers(database: Database, given: Given, reads: Reads): Promise<Loaded> {
  const filter = filterOf(given, [], Date.now());
  const { story, code } = await openStory(given);
  if (story === undefined) return { ...nothing, code };
  const tables: { readonly table: Table<Request>; readonly filling: Filling }[] = [];
  for (const [name, read] of reads) {
    if (name === 'records') continue;
    const columns = filled(name, read);
    const table = requestTables[name].only(columns.map((column) => column.name));
    tables.push({ table, filling: await Filling.of(database, name, columns) });
  }
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
    return new Filling(await connection.createAppender(name, 'filled'), columns, duckdb);
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
