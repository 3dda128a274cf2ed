/**
 * What may be run: one statement that only reads. DuckDB itself says what kind of statement it is; the database has
 * nothing but copies in it and reaches nothing outside. Runs nothing.
 */
import { UsageError } from '../command.js';
import type { Connection, Database, Statement } from './duckdb.js';

/** What is around the reason, and says nothing of it. */
const wrapping =
  /^(?:Failed to extract statements: |Invalid Input Error: Attempting to fetch from an unsuccessful query result\s+Error: )/;
const explain = /^\s*EXPLAIN(?:\s+ANALYZE)?(?:\s*\([^()]*\))?\s+(?=\S)/i;

/** Returns the statement, without an EXPLAIN before it. Throws `UsageError`. */
export async function admit(database: Database, sql: string): Promise<string> {
  const { connection, duckdb } = database;
  const { SELECT, EXPLAIN } = duckdb.StatementType;
  let [statement, inner] = [await only(connection, sql), sql];
  if (statement.statementType === EXPLAIN) {
    // EXPLAIN ANALYZE runs what stands behind it.
    inner = sql.replace(explain, '');
    statement = await only(connection, inner);
  }
  if (statement.statementType !== SELECT) throw refused();
  if (statement.parameterCount > 0) {
    throw new UsageError('there is nothing to fill in ? and $1 with: write the values in the SQL');
  }
  return inner;
}

async function only(connection: Connection, sql: string): Promise<Statement> {
  const statements = await said(() => connection.extractStatements(sql));
  if (statements.count === 1) return said(() => statements.prepare(0));
  throw new UsageError(
    `one statement at a time; this is ${statements.count} (a PIVOT without a list of values counts as two)`,
  );
}

function refused(): UsageError {
  return new UsageError(
    'query only reads: one SELECT, also with WITH or FROM first, DESCRIBE, SUMMARIZE, SHOW TABLES, or EXPLAIN of one',
  );
}

/** What DuckDB says of the SQL is for whoever wrote it. */
export async function said<Got>(ask: () => Got | Promise<Got>): Promise<Got> {
  try {
    return await ask();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // It has no words for a text without a statement, and for a PRAGMA, which becomes a SELECT, the wrong ones.
    if (message.includes('native callback')) {
      throw new UsageError('there is no statement in the SQL', { cause: error });
    }
    if (message.startsWith('Binder Error: PRAGMA function')) throw refused();
    const hint = /^Out of Memory/i.test(message) ? '\n--since TIME reads less' : '';
    throw new UsageError(`${message.replace(wrapping, '').trim()}${hint}`, { cause: error });
  }
}
