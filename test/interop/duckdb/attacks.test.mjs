// What somebody might try through SQL: nothing is read but the streams, nothing is written, nothing is loaded.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeExportCorpus } from '../../support/export-corpus.js';
import { query } from './throughline.mjs';

const secret = 'the secret in the file';
let [root, bait] = ['', ''];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-attack-'));
  bait = mkdtempSync(join(tmpdir(), 'tl-bait-'));
  writeExportCorpus(root);
  writeFileSync(join(bait, 'secret.csv'), `a\n${secret}\n`);
  writeFileSync(join(bait, 'secret.json'), `{"a":"${secret}"}\n`);
  process.env.THROUGHLINE_TEST_SECRET = secret;
});
afterAll(() => {
  for (const directory of [root, bait]) rmSync(directory, { recursive: true, force: true });
});

const refused = [
  ["SELECT * FROM '@/secret.csv'", /does not exist|disabled by configuration/],
  ["SELECT * FROM read_csv('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM read_json('@/secret.json')", /disabled by configuration/],
  ["SELECT * FROM read_text('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM read_blob('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM sniff_csv('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM parquet_metadata('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM read_parquet('@/secret.csv')", /disabled by configuration/],
  ["SELECT * FROM glob('@/*')", /disabled by configuration/],
  ["SELECT * FROM query('SELECT * FROM read_text(''@/secret.csv'')')", /disabled by configuration/],
  ["SELECT * FROM read_csv('https://localhost/x.csv')", /disabled by configuration|httpfs/],
  ["SELECT getenv('THROUGHLINE_TEST_SECRET')", /does not exist/],
  ["COPY runs TO '@/out.csv'", /disabled by configuration|only reads/],
  ["COPY (SELECT 1) TO '@/out.parquet'", /disabled by configuration|only reads/],
  ["COPY runs FROM '@/secret.csv'", /disabled by configuration|only reads/],
  ["EXPORT DATABASE '@/out'", /disabled by configuration|only reads/],
  ["IMPORT DATABASE '@/out'", /disabled by configuration|only reads/],
  ["ATTACH '@/out.db'", /only reads/],
  ['DETACH memory', /only reads/],
  ['INSTALL httpfs', /only reads/],
  ['LOAD httpfs', /only reads/],
  ["LOAD '@/secret.csv'", /only reads/],
  ['SET enable_external_access = true', /only reads/],
  ["SET temp_directory = '@'", /only reads/],
  ['RESET lock_configuration', /only reads|locked|Parser/],
  ['PRAGMA enable_external_access', /only reads|Parser|does not exist/],
  ['PRAGMA database_list', /only reads/],
  ["PRAGMA profiling_output = '@/out.json'", /only reads/],
  ["CALL enable_logging(storage = 'file', storage_path = '@/log')", /only reads/],
  ['CREATE TABLE x AS SELECT 1', /only reads/],
  ['CREATE MACRO f() AS 1', /only reads/],
  ['CREATE SECRET (TYPE http)', /only reads|disabled by configuration/],
  ['DROP VIEW runs', /only reads/],
  ['INSERT INTO runs VALUES (1)', /only reads|columns/],
  ['UPDATE runs SET name = 1', /only reads/],
  ['DELETE FROM runs', /only reads/],
  ['TRUNCATE runs', /only reads/],
  ['MERGE INTO runs USING effects ON true WHEN MATCHED THEN DELETE', /only reads/],
  ['EXPLAIN ANALYZE DELETE FROM runs', /only reads/],
  ["EXPLAIN ANALYZE COPY (SELECT 1) TO '@/out.csv'", /disabled by configuration|only reads/],
  ["EXPLAIN ANALYZE SELECT * FROM read_text('@/secret.csv')", /disabled by configuration/],
  ['WITH x AS (DELETE FROM runs RETURNING *) SELECT * FROM x', /CTE|Parser/],
  ['PREPARE p AS SELECT 1', /only reads/],
  ['EXECUTE p', /only reads|does not exist/],
  ['BEGIN', /only reads/],
  ['CHECKPOINT', /only reads/],
  ['VACUUM', /only reads/],
  ['USE memory', /only reads/],
  ["COMMENT ON VIEW runs IS 'x'", /only reads/],
  ["SELECT 1; COPY runs TO '@/out.csv'", /one statement at a time/],
  ["SELECT 1 --\n; ATTACH '@/out.db'", /one statement at a time/],
  [
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM runs'))",
    /was not read/,
  ],
];

describe('a statement that does more than read', () => {
  it.each(refused)('is refused: %s', async (sql, message) => {
    const before = readdirSync(bait);
    const { code, stdout, stderr } = await query(root, sql.replaceAll('@', bait));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(secret);
    expect(readdirSync(bait)).toEqual(before);
  });
});

describe('a statement about the database', () => {
  it.each([
    'SELECT * FROM duckdb_settings()',
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '@/log')",
    "SELECT * FROM enable_profiling(save_location = '@/profile.json', format = 'json')",
    "SELECT * FROM enable_logging(storage = 'file', storage_config = {'path': '@'})",
    'SELECT * FROM duckdb_secrets()',
    'SELECT * FROM duckdb_extensions()',
    'SHOW ALL TABLES',
    "SELECT current_setting('enable_external_access')",
    'SELECT * FROM information_schema.columns',
  ])('tells nothing of this machine, and writes nothing: %s', async (sql) => {
    const before = readdirSync(bait);
    const { stdout, stderr } = await query(root, sql.replaceAll('@', bait), '-n', 'all');
    expect(stdout + stderr).not.toContain(secret);
    expect(readdirSync(bait)).toEqual(before);
  });

  it('finds everything locked', async () => {
    const sql = `SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration',
      'autoload_known_extensions', 'autoinstall_known_extensions', 'allow_community_extensions', 'temp_directory', 'memory_limit') ORDER BY name`;
    const { stdout } = await query(root, sql, '--csv');
    expect(stdout.trimEnd().split('\n').slice(1)).toEqual([
      'allow_community_extensions,false',
      'autoinstall_known_extensions,false',
      'autoload_known_extensions,false',
      'enable_external_access,false',
      'lock_configuration,true',
      'memory_limit,2.0 GiB',
      'temp_directory,""',
    ]);
  });
});

describe('a name that is hidden from whoever looks for it', () => {
  it.each([
    ["SELECT count(*) AS n FROM query_table('ru' || 'ns')", 38],
    ["SELECT count(*) AS n FROM query('SELECT * FROM eff' || 'ects')", 3],
    ['SELECT count(*) AS n FROM memory.main."RUNS"', 38],
    ["SELECT count(*) AS n FROM 'records'", 78],
    ['SELECT count(*) AS n FROM runs r JOIN requests q USING (correlation_id, entry_span_id)', 38],
    ['WITH requests AS (SELECT 1 AS a) SELECT count(*) AS n FROM requests', 1],
  ])('is read all the same: %s', async (sql, n) => {
    const { stdout } = await query(root, sql);
    expect(stdout.split('\n')[1]).toBe(String(n));
  });
});
