// The views hold the corpus of all exports, and SQL over them has the answers that can be counted by hand.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStory } from '../../../src/read/index.js';
import { checked } from '../../cli/schema.js';
import { correlation, span } from '../../read/stream-file.js';
import {
  corpusCounts,
  corpusSpansWritten,
  spansOf,
  writeExportCorpus,
  writers,
} from '../../support/export-corpus.js';
import { query, rows } from './throughline.mjs';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-duckdb-'));
  writeExportCorpus(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const iso = (us) =>
  us === null
    ? null
    : `${new Date(Math.floor(us / 1000)).toISOString().slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`;

describe('the views', () => {
  it('have every span of the corpus, and no other', async () => {
    const found = await rows(root, 'SELECT * FROM runs ORDER BY correlation_id, span_id');
    const story = await readStory({ roots: [root] });
    // What is open is judged by who asks, and here that is this machine.
    const states = spansOf(story).map((one) => one.state);
    const wanted = corpusSpansWritten.map((one, index) => ({
      ...one,
      state: states[index],
      start: iso(one.start),
      end: iso(one.end),
    }));
    expect(
      found.map((row) => ({
        correlationId: row.correlation_id,
        spanId: row.span_id,
        parentSpanId: row.parent_span_id,
        kind: row.kind,
        name: row.name,
        state: row.state,
        start: row.started,
        end: row.ended,
        links: (row.links ?? []).map((link) => `${link.trace_id}-${link.span_id}`),
        writerId: row.writer_id,
      })),
    ).toEqual(wanted);
  });

  it('have every request, record and effect once', async () => {
    const counts = `SELECT (SELECT count(*) FROM requests) AS requests, (SELECT count(*) FROM records) AS records,
      (SELECT count(*) FROM effects) AS effects, (SELECT count(DISTINCT writer_id) FROM records) AS streams`;
    expect(await rows(root, counts)).toEqual([corpusCounts]);
    const twice = 'SELECT writer_id, sequence FROM records GROUP BY ALL HAVING count(*) > 1';
    expect(await rows(root, twice)).toEqual([]);
  });

  it('join by the keys that docs/query.md names', async () => {
    const joined = `SELECT count(*) AS n, count(*) FILTER (q.spans <> r.spans) AS wrong FROM requests q
      JOIN (SELECT correlation_id, entry_span_id, count(*) AS spans FROM runs GROUP BY ALL) r
      USING (correlation_id, entry_span_id)`;
    expect(await rows(root, joined)).toEqual([{ n: corpusCounts.requests, wrong: 0 }]);
    const records = `SELECT count(*) AS wrong FROM runs JOIN
      (SELECT correlation_id, span_id, count(*) AS n FROM records GROUP BY ALL) USING (correlation_id, span_id)
      WHERE n <> records`;
    expect(await rows(root, records)).toEqual([{ wrong: 0 }]);
  });

  it('have columns that need no quotes', async () => {
    for (const view of ['requests', 'runs', 'records', 'effects']) {
      const columns = await rows(root, `DESCRIBE ${view}`);
      const list = columns.map((column) => column.column_name).join(', ');
      expect(await rows(root, `SELECT ${list} FROM ${view} LIMIT 0`)).toEqual([]);
    }
  });
});

describe('docs/query.md', () => {
  const questions = [
    ...readFileSync('docs/query.md', 'utf8').matchAll(/\n([^\n]+):\n\n```sql\n([^`]*)```/g),
  ].map(([, title, sql]) => [title, sql.replace('/ws/src/%', '/ws/%')]);

  it('asks ten questions', () => {
    expect(questions).toHaveLength(10);
  });

  it.each(questions)('has an answer to: %s', async (title, sql) => {
    const found = await rows(root, sql);
    // In the corpus no file is written twice.
    const least = title === 'Which files several requests wrote' ? 0 : 1;
    expect(found.length).toBeGreaterThanOrEqual(least);
  });
});

describe('an answer', () => {
  it.each([
    [
      'requests that did not go well, by front',
      `SELECT via, state, count(*) AS n FROM requests WHERE state IN ('failed', 'rejected', 'cancelled') GROUP BY ALL ORDER BY state`,
      [
        { via: 'lsp', state: 'cancelled', n: 1 },
        { via: 'mcp', state: 'failed', n: 1 },
        { via: 'lsp', state: 'rejected', n: 1 },
      ],
    ],
    [
      'the 95th percentile of an action',
      `SELECT name, count(*) AS n, round(quantile_cont(duration_ms, 0.95), 3) AS p95 FROM runs
       WHERE kind = 'run' AND name IN ('check', 'hover', 'format') AND ended IS NOT NULL GROUP BY name ORDER BY name`,
      [
        // 30, 5 and 6 ms; 10 and 5.
        { name: 'check', n: 3, p95: 27.6 },
        { name: 'format', n: 2, p95: 9.75 },
        { name: 'hover', n: 3, p95: 1 },
      ],
    ],
    [
      'who wrote a file',
      `SELECT ts, name, via, client, what, request_state, change FROM effects WHERE path = '/ws/src/a, "b".ts'`,
      [
        {
          ts: '2025-11-21T14:02:11.504000Z',
          name: 'oxfmt',
          via: 'mcp',
          client: 'claude-code',
          what: 'tool run_checks',
          request_state: 'completed',
          change: 'modified',
        },
      ],
    ],
    [
      'what is open',
      `SELECT right(correlation_id, 7) AS run, role, kind, name FROM runs WHERE is_open AND kind = 'handler' ORDER BY first_hlc`,
      [
        { run: 'F11GHT1', role: 'wm', kind: 'handler', name: 'watch' },
        { run: '10ST001', role: 'er', kind: 'handler', name: 'slow_format' },
      ],
    ],
    [
      'attempts by what became of them',
      `SELECT list(state ORDER BY attempt) AS attempts FROM runs
       WHERE kind = 'dispatch' AND correlation_id = '${correlation('RETRY01')}'`,
      [{ attempts: ['failed', 'unknown', 'completed'] }],
    ],
    [
      'what a payload holds',
      `SELECT DISTINCT payload->>'resolution' AS resolution, payload->>'writer_id' AS lost FROM records WHERE event_type = 'run.resolved'`,
      [{ resolution: 'abandoned', lost: writers.closed }],
    ],
    [
      'causes that are not the parent',
      `SELECT span_id, len(CAST(links AS JSON[])) AS n FROM runs WHERE links IS NOT NULL ORDER BY first_hlc`,
      [
        { span_id: span(0x201), n: 2 },
        { span_id: span(0x201), n: 1 },
      ],
    ],
    [
      'halves of characters, written out',
      `SELECT count(*) AS n FROM records WHERE (payload->>'$.error.message') LIKE '%\\ud83d' OR (payload->>'path') LIKE '%\\ud83d'`,
      [{ n: 4 }],
    ],
  ])('says %s', async (_, sql, expected) => {
    expect(await rows(root, sql)).toEqual(expected);
  });

  it('is cut at the limit, and says so', async () => {
    const { stdout } = await query(root, 'SELECT span_id FROM runs ORDER BY 1', '-n', '2');
    expect(stdout.split('\n').slice(0, 3)).toEqual(['span_id', span(0x102), span(0x103)]);
    expect(stdout).toMatch(
      /^2 rows · the first 2 rows are shown, there are more \(-n all shows all\) · 7 streams: /m,
    );
    const json = await query(root, 'SELECT span_id FROM runs', '-n', '2', '--json');
    expect(checked(json.stdout)).toHaveLength(2);
    expect(checked(json.stderr)[0]).toMatchObject({
      schema: 'throughline.truth/1',
      streams: 7,
      left_out: 'the first 2 rows are shown, there are more (-n all shows all)',
    });
    const whole = await query(
      root,
      'SELECT span_id FROM runs',
      '-n',
      String(corpusSpansWritten.length),
    );
    expect(whole.stdout).not.toContain('there are more');
  });

  it('as a table is no longer than what can be held, and says so', async () => {
    const { stdout } = await query(root, 'SELECT * FROM range(100001)', '-n', 'all');
    const note = '100000 rows · the first 100000 rows are shown, there are more';
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`${note} (--csv and --json have all)`);
    const csv = await query(root, 'SELECT * FROM range(100001)', '-n', 'all', '--csv');
    expect(csv.stdout.split('\n')).toHaveLength(100_003);
  });

  it('as CSV has a head, and the truth on stderr', async () => {
    const { stdout, stderr } = await query(
      root,
      "SELECT 1 AS a, NULL AS b, 'x,y' AS c, count(*) FROM runs",
      '--csv',
    );
    expect(stdout).toBe(`a,b,c,count_star()\n1,,"x,y",${corpusSpansWritten.length}\n`);
    expect(stderr).toMatch(/^throughline: 1 row · 7 streams: /);
  });

  it('is of what --since and --until choose', async () => {
    const since = ['--since', '2025-11-21T14:02:17', '--until', '2025-11-21T14:02:20', '--utc'];
    const count = 'SELECT count(*) AS n FROM requests';
    const all = await rows(root, count);
    const some = await rows(root, count, ...since.slice(0, 4));
    expect(all).toEqual([{ n: corpusCounts.requests }]);
    expect(some[0].n).toBeLessThan(corpusCounts.requests);
    const records = `SELECT bool_and(ts >= '2025-11-21 14:02:17Z' AND ts < '2025-11-21 14:02:20Z') AS within FROM records`;
    expect(await rows(root, records, ...since.slice(0, 4))).toEqual([{ within: true }]);
  });

  it('says what could not be read, in a process of its own', () => {
    const bin = fileURLToPath(
      new URL('./node_modules/throughline/dist/src/cli/throughline.cjs', import.meta.url),
    );
    const run = (...args) =>
      spawnSync(process.execPath, [bin, 'query', ...args], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: root },
      });
    const good = run('SELECT count(*) AS n FROM runs', '--root', root);
    expect(good.stdout).toMatch(/^n\n38\n1 row · 7 streams: .*1 torn/);
    expect(good.status).toBe(0);
    const missing = run('SELECT count(*) FROM runs', '--root', join(root, 'nowhere'));
    expect([missing.status, missing.stdout]).toEqual([3, '']);
    const wrong = run('SELECT nothing FROM runs', '--root', root);
    expect(wrong.stderr).toMatch(
      /^throughline: Binder Error: Referenced column "nothing" not found/,
    );
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
  });
});
