/** What of `throughline query` can be said without DuckDB; test/interop/duckdb has the rest. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/cli/query/duckdb.js';
import { admit } from '../../src/cli/query/gate.js';
import { printRows } from '../../src/cli/query/print.js';
import { plainOf } from '../../src/cli/query/values.js';
import { printTo } from '../../src/cli/text.js';
import { throughline } from './bin.js';
import { writeJournal } from './journal.js';
import { checked } from './schema.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-query-'));
  writeJournal(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('without the package', () => {
  it('query says in one sentence how to install it, and exits with 2', () => {
    expect(existsSync('node_modules/@duckdb')).toBe(false);
    const { code, stdout, stderr } = throughline(['query', 'SELECT 1', '--root', root]);
    expect(stderr).toBe(
      'throughline: query needs the package @duckdb/node-api, which is not installed: npm install @duckdb/node-api where throughline is installed (-g if that is global)\n',
    );
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('the command line of query', () => {
  it.each([
    [[], /^throughline: an argument is missing: throughline query 'SELECT …'/],
    [['SELECT', '1'], /^throughline: there are too many arguments/],
    [['SELECT 1', '--csv', '--json'], /^throughline: --csv and --json are two forms/],
    [['SELECT 1', '-n', '0'], /^throughline: --limit is a number from 1 on, or "all", not "0"/],
    [['SELECT 1', '--since', 'noon'], /^throughline: --since takes 10m, 2h/],
    [['SELECT 1', '--write'], /^throughline: query has no option --write/],
  ])('%j is refused before anything is loaded', (args, message) => {
    const { code, stdout, stderr } = throughline(['query', ...args, '--root', root]);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});

const [select, explain] = [1, 4];

/** What DuckDB says of statements that begin so. */
const reasons: Readonly<Record<string, string>> = {
  broken: 'Failed to extract statements: Parser Error: syntax error at or near "broken"\n\nLINE 1',
  PRAGMA: 'Binder Error: PRAGMA function does not have a function specified',
};

/** A DuckDB that takes the first word for the kind of a statement. */
function fake(kinds: Readonly<Record<string, number>>, parameterCount = 0): Database {
  const connection = {
    extractStatements: (sql: string) => {
      const statements = sql.split(';').filter((one) => one.trim() !== '');
      if (statements.length === 0) return Promise.reject(new Error('Error in native callback'));
      const [word = ''] = sql.trim().split(/\s/);
      const statementType = kinds[word.toUpperCase()] ?? 0;
      return Promise.resolve({
        count: statements.length,
        prepare: () =>
          Object.hasOwn(reasons, word)
            ? Promise.reject(new Error(reasons[word]))
            : Promise.resolve({ statementType, parameterCount }),
      });
    },
  };
  const duckdb = { StatementType: { SELECT: select, EXPLAIN: explain } };
  // The gate asks for nothing else.
  return { connection, duckdb } as unknown as Database;
}

const kinds = { SELECT: select, EXPLAIN: explain, INSERT: 2, COPY: 11 };

describe('the gate', () => {
  it('lets a SELECT through, and one behind EXPLAIN', async () => {
    expect(await admit(fake(kinds), 'SELECT 1')).toBe('SELECT 1');
    expect(await admit(fake(kinds), 'EXPLAIN SELECT 1')).toBe('SELECT 1');
    expect(await admit(fake(kinds), ' explain analyze\nSELECT 1')).toBe('SELECT 1');
    expect(await admit(fake(kinds), 'EXPLAIN (FORMAT json) SELECT 1')).toBe('SELECT 1');
  });

  const others = Array.from({ length: 64 }, (_, kind) => kind).filter(
    (kind) => kind !== select && kind !== explain,
  );
  it.each(others)('refuses what DuckDB calls a statement of type %i', async (kind) => {
    await expect(admit(fake({ SELECT: kind }), 'SELECT 1')).rejects.toThrow(/^query only reads/);
  });

  it.each([
    ['EXPLAIN ANALYZE INSERT INTO runs VALUES (1)', /^query only reads/],
    ['EXPLAIN EXPLAIN INSERT INTO runs VALUES (1)', /^query only reads/],
    ["EXPLAIN ANALYZE COPY runs TO '/tmp/x'", /^query only reads/],
    ['EXPLAIN /* ANALYZE */ ANALYZE INSERT INTO runs VALUES (1)', /^query only reads/],
    ['SELECT 1; SELECT 2', /^one statement at a time; this is 2/],
    ['EXPLAIN SELECT 1; INSERT INTO runs VALUES (1)', /^one statement at a time/],
    ['', /^there is no statement in the SQL$/],
    ['PRAGMA database_list', /^query only reads/],
    ['broken', /^Parser Error: syntax error at or near "broken"\n\nLINE 1$/],
  ])('refuses %s', async (sql, message) => {
    await expect(admit(fake(kinds), sql)).rejects.toThrow(message);
  });

  it('refuses what waits for values', async () => {
    await expect(admit(fake(kinds, 1), 'SELECT $1')).rejects.toThrow(/write the values in the SQL/);
  });
});

class Micros {
  readonly micros: bigint;
  constructor(micros: bigint) {
    this.micros = micros;
  }
  toString(): string {
    return 'infinity';
  }
}
class Decimal {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}
const duckdb = {
  ...fake(kinds).duckdb,
  DuckDBInstance: { create: () => Promise.reject(new Error('none')) },
  DuckDBTimestampTZValue: Micros,
  DuckDBTimestampValue: Micros,
  DuckDBDecimalValue: Decimal,
};

describe('a value of an answer', () => {
  it.each([
    ['null', null, null],
    ['a whole number', 42n, 42],
    ['one beyond 2^53', 9_007_199_254_740_993n, '9007199254740993'],
    ['no number', Number.NaN, 'NaN'],
    ['a time', new Micros(1_763_733_731_480_123n), '2025-11-21T14:02:11.480123Z'],
    ['a time without end', new Micros(2n ** 63n - 1n), 'infinity'],
    ['a short decimal', new Decimal('-1.50'), -1.5],
    ['a decimal of 15 digits', new Decimal('123456789012.345'), 123_456_789_012.345],
    ['a longer one', new Decimal('12345678901234567890.123'), '12345678901234567890.123'],
    ['a list', { items: [1n, 'a', null] }, [1, 'a', null]],
    ['a struct', { entries: { a: 1n, b: { items: [] } } }, { a: 1, b: [] }],
    ['a map', { entries: [{ key: 'a', value: 1n }] }, [{ key: 'a', value: 1 }]],
  ])('that is %s is the same in JSON', (_, value, plain) => {
    expect(plainOf(value, duckdb)).toEqual(plain);
  });

  it('of a JSON column is what it is the text of', () => {
    expect(plainOf('{"a":[1]}', duckdb, true)).toEqual({ a: [1] });
    expect(plainOf('{"a":[1]}', duckdb)).toBe('{"a":[1]}');
    expect(plainOf('no json', duckdb, true)).toBe('no json');
  });
});

describe('an answer', () => {
  const names = ['a', 'b', 'b'];
  const rows = [
    [1, null, ''],
    ['x\u001b[31m', 'say "hi", twice', { c: [true] }],
  ];

  it('as a table shows NULL, and no control character', () => {
    expect(printed('table')).toBe(
      'a       b                b\n1       NULL\nx\ufffd[31m  say "hi", twice  {"c":[true]}\n',
    );
  });

  it('as CSV has an empty field for NULL and "" for an empty text', () => {
    expect(printed('csv')).toBe('a,b,b\n1,,""\nx\u001b[31m,"say ""hi"", twice","{""c"":[true]}"\n');
  });

  it('as JSON has a member for each column, also for two of one name', () => {
    expect(checked(printed('json'))).toEqual([
      { schema: 'throughline.row/1', row: { a: 1, b: null, b_1: '' } },
      {
        schema: 'throughline.row/1',
        row: { a: 'x\u001b[31m', b: 'say "hi", twice', b_1: { c: [true] } },
      },
    ]);
  });

  function printed(form: 'table' | 'csv' | 'json'): string {
    let text = '';
    printTo((some) => {
      text += some;
    });
    try {
      printRows({ names, rows }, form, true);
    } finally {
      printTo(undefined);
    }
    return text;
  }
});
