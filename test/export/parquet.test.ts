/** What of Parquet can be said without its writer; test/interop/duckdb reads the files back. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cellOf, schemaOf } from '../../src/export/parquet/schema.js';
import type { ColumnType } from '../../src/export/tables/table.js';
import { throughline } from '../cli/bin.js';

describe('without hyparquet-writer', () => {
  it('export says in one sentence how to install it, before it reads or writes anything', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tl-parquet-'));
    try {
      mkdirSync(join(directory, 'empty'));
      const [root, file] = [join(directory, 'empty'), join(directory, 'runs.parquet')];
      const args = ['export', '--format', 'parquet', '--since', '1d', '--to', file, '--root', root];
      const { code, stdout, stderr } = throughline(args);
      expect(stderr).toBe(
        'throughline: --format parquet needs the package hyparquet-writer, which is not installed: npm install hyparquet-writer where throughline is installed (-g if that is global)\n',
      );
      expect([code, stdout]).toEqual([2, '']);
      expect(readdirSync(directory)).toEqual(['empty']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a value as Parquet has it', () => {
  it.each<[string, Parameters<typeof cellOf>[0], ColumnType, unknown]>([
    ['NULL', undefined, 'text', null],
    ['a text', 'é漢😀', 'text', 'é漢😀'],
    ['half a character', 'a\ud83d', 'text', 'a\\ud83d'],
    ['an integer', 42, 'integer', 42n],
    ['a number where an integer belongs', 1.5, 'integer', null],
    ['a number', 1.5, 'number', 1.5],
    ['a time', 1_763_733_731_480_123, 'time', 1_763_733_731_480_123n],
    ['false', false, 'boolean', false],
    ['an object', { a: ['x'] }, 'json', { a: ['x'] }],
    ['half a character in an object', { a: 'x\ud83d' }, 'json', { a: 'x\\ud83d' }],
  ])('that is %s', (_, value, type, cell) => {
    expect(cellOf(value, type).cell).toEqual(cell);
  });

  it('is measured, so that a row group is bounded in bytes', () => {
    expect(cellOf('x'.repeat(1000), 'text').bytes).toBe(1000);
    expect(cellOf({ pad: 'x'.repeat(1000) }, 'json').bytes).toBe(1010);
    expect(cellOf(1, 'integer').bytes).toBe(8);
  });
});

it('a schema has every column, each of which may be NULL', () => {
  const columns = [
    { name: 'ts', type: 'time', help: '' },
    { name: 'payload', type: 'json', help: '' },
  ] as const;
  expect(schemaOf('throughline_records', columns)).toEqual([
    { name: 'throughline_records', num_children: 2 },
    {
      name: 'ts',
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      repetition_type: 'OPTIONAL',
    },
    { name: 'payload', type: 'BYTE_ARRAY', converted_type: 'JSON', repetition_type: 'OPTIONAL' },
  ]);
});
