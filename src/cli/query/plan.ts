/**
 * What of the tables a statement reads, by DuckDB's own plan of it: tables and columns that are not in it need not be
 * filled. Runs nothing.
 */
import { tableNames, type TableName } from '../../export/index.js';
import { rowsIn, type Connection } from './duckdb.js';
import { said } from './gate.js';

/** Of each table that is read, the columns. */
export type Reads = ReadonlyMap<TableName, ReadonlySet<string>>;

/** The tables are there and empty. */
export async function readsOf(connection: Connection, sql: string): Promise<Reads> {
  // Others leave out what reads an empty table.
  const [names] = await rowsOf(connection, 'SELECT string_agg(name) FROM duckdb_optimizers()');
  const others = String(names?.[0]).split(',');
  const disabled = others.filter((name) => name !== 'unused_columns').join(',');
  await connection.run(`SET disabled_optimizers = '${disabled}'`);
  const [plan] = await said(() => rowsOf(connection, `EXPLAIN (FORMAT json) ${sql}`));
  await connection.run("SET disabled_optimizers = ''");
  const reads = new Map<TableName, Set<string>>();
  for (const { table, columns } of scansOf(JSON.parse(String(plan?.[1])))) {
    const name = tableNames.find((one) => one === table.split('.').at(-1)?.toLowerCase());
    if (name === undefined) continue;
    const read = reads.get(name) ?? new Set();
    for (const column of columns) read.add(column);
    reads.set(name, read);
  }
  return reads;
}

interface Scan {
  readonly table: string;
  readonly columns: readonly string[];
}

interface Node {
  readonly children?: readonly Node[];
  readonly extra_info?: { readonly Table?: string; readonly Projections?: string | string[] };
}

function scansOf(plan: readonly Node[]): readonly Scan[] {
  const scans: Scan[] = [];
  const stack = [...plan];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const { Table: table, Projections: columns = [] } = node.extra_info ?? {};
    if (table !== undefined) scans.push({ table, columns: [columns].flat() });
    stack.push(...(node.children ?? []));
  }
  return scans;
}

async function rowsOf(
  connection: Connection,
  sql: string,
): Promise<readonly (readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  const result = await (await connection.prepare(sql)).stream();
  for await (const some of rowsIn(result)) rows.push(...some);
  return rows;
}
