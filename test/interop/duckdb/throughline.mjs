// The copy of throughline that stands beside DuckDB, called in this process, and DuckDB itself.
import { DuckDBInstance } from '@duckdb/node-api';

const dist = new URL('./node_modules/throughline/dist/', import.meta.url);

/** A module of the copy. */
export function built(path) {
  return import(new URL(path, dist).href);
}

/** Runs `throughline query …`; a usage error is its message and code 2, as `main` makes it. */
export async function query(root, ...args) {
  const [{ commands }, { readArguments }] = await Promise.all([
    built('src/cli/table.js'),
    built('src/cli/arguments.js'),
  ]);
  const command = commands.find(({ name }) => name === 'query');
  const { execute } = await command.load();
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    const code = await execute(readArguments(command, ['--root', root, ...args]));
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    return { code: 2, stdout: stdout.text(), stderr: error.message };
  } finally {
    stdout.release();
    stderr.release();
  }
}

/** The rows of an answer as objects, with what the truth line says. */
export async function rows(root, sql, ...args) {
  const { code, stdout, stderr } = await query(root, sql, '--json', '-n', 'all', ...args);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).row);
}

/** An unrestricted DuckDB of our own, for reading files back: rows as objects of texts, numbers and lists. */
export async function duckdb(sql) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const found = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  return found;
}

function capture(stream) {
  const parts = [];
  const before = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = (data) => {
    parts.push(Buffer.from(data));
    return true;
  };
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
  return {
    text: () => Buffer.concat(parts).toString('utf8'),
    release: () => {
      if (before === undefined) delete stream.write;
      else Object.defineProperty(stream, 'write', before);
    },
  };
}
