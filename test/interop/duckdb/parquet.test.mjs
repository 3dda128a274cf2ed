// Parquet files as DuckDB reads them: the corpus, all of it and nothing else, and files of many row groups.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/read/index.js';
import { hereWith } from '../../read/here.js';
import {
  corpusCounts,
  corpusSpansWritten,
  hostileName,
  readExportCorpus,
  writeExportCorpus,
} from '../../support/export-corpus.js';
import { generate } from '../../support/generate.mjs';
import { built, duckdb } from './throughline.mjs';

let [directory, root, story] = ['', '', undefined];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tl-parquet-'));
  root = join(directory, 'root');
  writeExportCorpus(root);
  story = await readExportCorpus(root);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Writes the table to a file; returns where that is and what the exporter says. */
async function written(table, from = story, entries) {
  const { load } = await built('src/export/parquet/index.js');
  const exporter = await load();
  const file = join(directory, `${table}.parquet`);
  const parts = [];
  const sink = { write: async (chunk) => void parts.push(chunk) };
  const exported = await exporter({ ...from, table, ...(entries && { entries }) }, sink);
  writeFileSync(file, Buffer.concat(parts));
  return { file, exported };
}

const number = (text) => (text === null ? null : Number(text));

const micros = (column) => `epoch_us(${column})::BIGINT`;

describe('the corpus as Parquet', () => {
  it('has every span, and no other', async () => {
    const { file, exported } = await written('runs');
    expect(exported).toEqual({ requests: 17, spans: 38, rows: 38, leftOut: [] });
    const found = await duckdb(
      `SELECT *, ${micros('started')} AS start, ${micros('ended')} AS stop FROM '${file}' ORDER BY correlation_id, span_id`,
    );
    expect(
      found.map((row) => ({
        correlationId: row.correlation_id,
        spanId: row.span_id,
        parentSpanId: row.parent_span_id,
        kind: row.kind,
        name: row.name,
        state: row.state,
        start: number(row.start),
        end: number(row.stop),
        links: JSON.parse(row.links ?? '[]').map((link) => `${link.trace_id}-${link.span_id}`),
        writerId: row.writer_id,
      })),
    ).toEqual(corpusSpansWritten);
  });

  it('has every request and every effect', async () => {
    const requests = await written('requests');
    const sums = `SELECT count(*)::INT AS n, sum(spans)::INT AS spans, sum(effects)::INT AS effects FROM '${requests.file}'`;
    expect(await duckdb(sums)).toEqual([
      { n: corpusCounts.requests, spans: corpusSpansWritten.length, effects: corpusCounts.effects },
    ]);
    const effects = await written('effects');
    const paths = `SELECT path FROM '${effects.file}' ORDER BY ts`;
    expect((await duckdb(paths)).map((row) => row.path)).toEqual([
      '/ws/src/a, "b".ts',
      '/ws/new.ts',
      // UTF-8 has no halves of characters: written out.
      `/ws/${hostileName.replace(/\ud83d$/, '\\ud83d')}`,
    ]);
  });

  it('has every record, with its payload as JSON', async () => {
    const journal = await openJournal({ roots: [root], here: hereWith(22) });
    const { file } = await written('records', story, async function* entries() {
      for await (const item of journal.items()) if (item.kind === 'entry') yield item.entry;
    });
    const counts = `SELECT count(*)::INT AS n, count(DISTINCT writer_id)::INT AS streams,
      count(payload)::INT AS payloads, typeof(any_value(payload)) AS type FROM '${file}'`;
    expect(await duckdb(counts)).toEqual([{ n: 78, streams: 7, payloads: 78, type: 'JSON' }]);
    const nested = `SELECT DISTINCT payload->>'$.error.code' AS code FROM '${file}' WHERE event_type = 'handler.failed' AND code IS NOT NULL`;
    expect(await duckdb(nested)).toEqual([{ code: '1' }]);
  });

  it('has the types that docs/query.md names', async () => {
    const { file } = await written('runs');
    const described = await duckdb(
      `DESCRIBE SELECT started, duration_ms, depth, is_open, links, name FROM '${file}'`,
    );
    expect(described.map((row) => row.column_type)).toEqual([
      'TIMESTAMP WITH TIME ZONE',
      'DOUBLE',
      'BIGINT',
      'BOOLEAN',
      'JSON',
      'VARCHAR',
    ]);
  });

  it('is a whole file also of nothing', async () => {
    const { file, exported } = await written('runs', { ...story, requests: [] });
    expect(exported).toEqual({ requests: 0, spans: 0, rows: 0, leftOut: [] });
    expect(await duckdb(`SELECT count(*)::INT AS n FROM '${file}'`)).toEqual([{ n: 0 }]);
  });
});

describe('a large journal as Parquet', () => {
  it('is in row groups of at most 2048 rows', async () => {
    const large = join(directory, 'large');
    generate(large, { streams: 4, requests: 1500 });
    const { readStory } = await built('src/read/index.js');
    const { file } = await written('runs', await readStory({ roots: [large] }));
    const groups = `SELECT DISTINCT row_group_id, row_group_num_rows::INT AS n FROM parquet_metadata('${file}') ORDER BY 1`;
    expect((await duckdb(groups)).map((row) => row.n)).toEqual([2048, 2048, 1904]);
    const sums = `SELECT count(*)::INT AS n, count(DISTINCT (correlation_id, span_id))::INT AS spans FROM '${file}'`;
    expect(await duckdb(sums)).toEqual([{ n: 6000, spans: 6000 }]);
  });

  it('is in smaller row groups where the texts are long', async () => {
    const payload = { pad: 'x'.repeat(1024 ** 2) };
    const at = { microseconds: 1, hlc: '0000000000000' };
    const { file } = await written('records', story, async function* entries() {
      for (let sequence = 1; sequence <= 10; sequence += 1) {
        yield { writerId: 'wm', sequence, event: 'x', at, links: [], payload, record: {} };
      }
    });
    const groups = `SELECT DISTINCT row_group_id, row_group_num_rows::INT AS n FROM parquet_metadata('${file}') ORDER BY 1`;
    expect((await duckdb(groups)).map((row) => row.n)).toEqual([4, 4, 2]);
  });

  it.skipIf(process.env.QUICK === '1')(
    'of a million records takes at most 256 MiB, for every table',
    { timeout: 900_000 },
    () => {
      const million = join(directory, 'million');
      generate(million, { streams: 64, requests: 125_000 });
      const bin = fileURLToPath(
        new URL('./node_modules/throughline/dist/src/cli/main.js', import.meta.url),
      );
      const report = join(directory, 'rss.cjs');
      const said = join(directory, 'rss');
      writeFileSync(
        report,
        `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(said)}, String(process.resourceUsage().maxRSS / 1024)));`,
      );
      for (const [table, rows] of [
        ['runs', 500_000],
        ['requests', 125_000],
        ['effects', 125_000],
        ['records', 1_000_160],
      ]) {
        const file = join(directory, `million-${table}.parquet`);
        const args = [
          'export',
          '--format',
          'parquet',
          '--table',
          table,
          '--output',
          file,
          '--root',
          million,
        ];
        const ran = spawnSync(process.execPath, ['--require', report, bin, ...args], {
          encoding: 'utf8',
        });
        expect(ran.stderr).not.toContain('Error');
        expect(ran.status).toBe(0);
        const mebibytes = Number(readFileSync(said, 'utf8'));
        console.log(`${table}: ${rows} rows, ${Math.round(mebibytes)} MiB`);
        expect(mebibytes).toBeLessThanOrEqual(256);
      }
    },
  );
});
