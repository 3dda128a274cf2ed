/**
 * `throughline query SQL`: one SELECT over what is recorded, in a DuckDB that lives as long as the command. The streams are
 * opened read-only, as everywhere, and DuckDB sees only what is copied to it.
 */
import { UsageError, type Given } from '../command.js';
import { limitOf } from '../limit.js';
import { complain, isEmpty, reportTruth } from '../open-story.js';
import { filterOf } from '../pick.js';
import { openDatabase, rowsIn, type Database } from '../query/duckdb.js';
import { admit, said } from '../query/gate.js';
import { createTables, fillTables, openViews, type Loaded } from '../query/load.js';
import { readsOf } from '../query/plan.js';
import { printRows, type Form } from '../query/print.js';
import { plainOf, type Plain } from '../query/values.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { print } from '../text.js';

const tableRowsMax = 100_000;

const query: Execute = async (given: Given): Promise<number> => {
  const limit = limitOf(given);
  filterOf(given, [], Date.now());
  const form = formOf(given);
  const [sql = ''] = given.arguments;
  await using database = await openDatabase();
  await createTables(database);
  const reads = await readsOf(database.connection, await admit(database, sql));
  await openViews(database, reads);
  const loaded = await fillTables(database, given, reads);
  if (reads.size > 0 && isEmpty(loaded.truth)) return loaded.code;
  // A table is held until its last row is known, and a hundred million do not fit.
  const rowsMax = form === 'table' ? Math.min(limit, tableRowsMax) : limit;
  const { count, isMore } = await answer({ database, sql, form, limit: rowsMax });
  const rest = count === tableRowsMax ? '--csv and --json have all' : '-n all shows all';
  const note = isMore ? `the first ${count} rows are shown, there are more (${rest})` : '';
  tell(loaded, form, { count, note });
  return loaded.code;
};

export const execute: Execute = (given) => (given.flag('csv') ? query : paged(query))(given);

function formOf(given: Given): Form {
  if (given.flag('csv') && given.flag('json')) {
    throw new UsageError('--csv and --json are two forms: give one of them');
  }
  return given.flag('csv') ? 'csv' : given.flag('json') ? 'json' : 'table';
}

interface Question {
  readonly database: Database;
  readonly sql: string;
  readonly form: Form;
  readonly limit: number;
}

/** Prints as it comes, but for a table, whose widths all rows decide. */
async function answer({
  database,
  sql,
  form,
  limit,
}: Question): Promise<{ readonly count: number; readonly isMore: boolean }> {
  const { connection, duckdb } = database;
  // Anew: a plan for empty tables may be one for empty tables only.
  const statement = await said(() => connection.prepare(sql));
  const result = await said(() => statement.stream());
  const names = result.columnNames();
  const isJson = result.columnTypes().map(({ alias }) => alias === 'JSON');
  const kept: (readonly Plain[])[] = [];
  let [count, isMore, isFirst] = [0, false, true];
  await said(async () => {
    for await (const chunk of rowsIn(result)) {
      const wanted = chunk.slice(0, limit - count);
      isMore = wanted.length < chunk.length;
      count += wanted.length;
      const rows = wanted.map((row) =>
        row.map((value, index) => plainOf(value, duckdb, isJson[index])),
      );
      if (form === 'table') kept.push(...rows);
      else printRows({ names, rows }, form, isFirst);
      isFirst = false;
      if (isMore) break;
    }
  });
  if (form === 'table' || isFirst) printRows({ names, rows: kept }, form, true);
  return { count, isMore };
}

function tell(
  { truth, streams }: Loaded,
  form: Form,
  { count, note }: { readonly count: number; readonly note: string },
): void {
  if (form === 'json') {
    reportTruth(truth, note);
    return;
  }
  const lines = truthLines({ streams, truth }, plural(count, 'row'), note);
  if (form === 'table') print(lines);
  // CSV is for programs, which have no line for it.
  else for (const text of lines) complain(text);
}
