/** The same question to DuckDB: the records of one id, read from the same files. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** `find(id)`, or why there is none. */
export async function openDuckdb(root) {
  if (!existsSync(join(here, 'node_modules', '@duckdb'))) {
    try {
      execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'ignore' });
    } catch {
      return '@duckdb/node-api could not be installed';
    }
  }
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = join(root, 'wal', '*', '*', '*.jsonl');
  const columns =
    "{correlation_id: 'VARCHAR', sequence: 'BIGINT', event_type: 'VARCHAR', hlc: 'VARCHAR', payload: 'JSON'}";
  return {
    async find(id) {
      const from = `read_json('${files}', format = 'newline_delimited', columns = ${columns})`;
      const reader = await connection.runAndReadAll(
        `select * from ${from} where correlation_id = '${id}' order by hlc`,
      );
      return reader.getRows();
    },
  };
}
