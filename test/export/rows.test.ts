import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exporter as csv } from '../../src/export/csv/index.js';
import { exporter as jsonl } from '../../src/export/jsonl/index.js';
import type { TableName } from '../../src/export/index.js';
import { openJournal, type Entry, type Story } from '../../src/read/index.js';
import {
  corpusCounts,
  corpusSpansWritten,
  hostileNameWritten,
  readExportCorpus,
  writeExportCorpus,
  type CorpusSpan,
} from '../support/export-corpus.js';
import { collect } from './collect.js';

const root = mkdtempSync(join(tmpdir(), 'tl-rows-'));
let story: Story;
beforeAll(async () => {
  writeExportCorpus(root);
  story = await readExportCorpus(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function* entries(): AsyncGenerator<Entry> {
  const journal = await openJournal({ roots: [root] });
  for await (const item of journal.items()) if (item.kind === 'entry') yield item.entry;
}

/** A cell of either format: a text or null. */
type Row = Readonly<Record<string, string | null>>;

/** RFC 4180, read by a machine that is not ours: an unquoted empty field is null. */
function readCsv(text: string): readonly Row[] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    let field: string | null;
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end === -1) throw new Error('a quote without its end');
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const end = at + text.slice(at).search(/[,\n]/);
      field = end === at ? null : text.slice(at, end);
      if (field?.includes('"') === true) throw new Error('a quote within a field');
      at = end;
    }
    row.push(field);
    if (text[at] === '\n') {
      rows.push(row);
      row = [];
    } else if (text[at] !== ',') throw new Error(`"${text[at]}" behind a field`);
  }
  const [head = [], ...body] = rows;
  return body.map((cells) => {
    if (cells.length !== head.length) throw new Error(`${cells.length} fields of ${head.length}`);
    return Object.fromEntries(head.map((name, index) => [String(name), cells[index] ?? null]));
  });
}

/** The same shape: what is no text is written as CSV writes it. */
function readJsonl(text: string): readonly Row[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          value === null || typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      );
    });
}

const formats = [
  ['csv', async (table: TableName) => readCsv(await textOf(csv, table))],
  ['jsonl', async (table: TableName) => readJsonl(await textOf(jsonl, table))],
] as const;

async function textOf(exporter: typeof csv, table: TableName): Promise<string> {
  return (await collect(exporter, story, { table, entries })).text;
}

function microseconds(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  return Date.parse(text) * 1000 + Number(text.slice(23, 26));
}

function corpusSpanOf(row: Row): CorpusSpan {
  const links = JSON.parse(row['links'] ?? '[]') as { trace_id: string; span_id: string }[];
  return {
    correlationId: row['correlation_id'] ?? '',
    spanId: row['span_id'] ?? '',
    parentSpanId: row['parent_span_id'] ?? null,
    kind: row['kind'] ?? '',
    name: row['name'] ?? '',
    state: row['state'] ?? '',
    start: microseconds(row['started']),
    end: microseconds(row['ended']),
    links: links.map((link) => `${link.trace_id}-${link.span_id}`),
    writerId: row['writer_id'] ?? '',
  };
}

function keyOf({ correlationId, spanId }: CorpusSpan): string {
  return `${correlationId} ${spanId}`;
}

describe.each(formats)('%s', (_name, read) => {
  test('gives back every span of the corpus and no other', async () => {
    const back = (await read('runs')).map((row) => corpusSpanOf(row));
    expect(back.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))).toEqual(corpusSpansWritten);
  });

  test('has a row for each request, effect and record', async () => {
    const counts = {
      requests: (await read('requests')).length,
      effects: (await read('effects')).length,
      records: (await read('records')).length,
      streams: 7,
    };
    expect(counts).toEqual(corpusCounts);
  });

  test('tells an empty text from none', async () => {
    const rows = await read('runs');
    const unnamed = rows.find((row) => row['span_id'] === '0000000000000604');
    expect([unnamed?.['name'], unnamed?.['error_code']]).toEqual(['', null]);
  });

  test('keeps texts as they are, and writes halves of characters out', async () => {
    const rows = await read('effects');
    expect(new Set(rows.map((row) => row['path']))).toEqual(
      new Set([`/ws/${hostileNameWritten}`, '/ws/new.ts', '/ws/src/a, "b".ts']),
    );
    const runs = await read('runs');
    expect(runs.filter((row) => row['name'] === hostileNameWritten)).toHaveLength(3);
    expect(runs.filter((row) => row['error_message'] === hostileNameWritten)).toHaveLength(3);
    const records = await read('records');
    const payloads = records.map((row) => JSON.parse(row['payload'] ?? '{}') as { path?: string });
    expect(payloads.filter(({ path }) => path === `/ws/${hostileNameWritten}`)).toHaveLength(1);
  });

  test('has records of types that nobody knows', async () => {
    const events = (await read('records')).map((row) => row['event_type']);
    for (const event of ['run.paused_by_moon', 'plugin.loaded', 'weather.changed']) {
      expect(events.filter((one) => one === event)).toHaveLength(1);
    }
  });
});

test('both formats have the same rows in the same columns', async () => {
  for (const table of ['requests', 'runs', 'records', 'effects'] as const) {
    const [one, other] = [readCsv(await textOf(csv, table)), readJsonl(await textOf(jsonl, table))];
    expect(one).toEqual(other);
    expect(Object.keys(one[0] ?? {})).toEqual(Object.keys(other[0] ?? {}));
  }
});

test('runs is the table where none is named', async () => {
  expect((await collect(csv, story)).text).toBe(await textOf(csv, 'runs'));
});

test('csv begins with the names of the columns also where there is no row', async () => {
  const requests = { length: 0, at: () => undefined, [Symbol.iterator]: () => [].values() };
  const { text, exported } = await collect(csv, { ...story, requests });
  expect(text).toMatch(/^correlation_id,trace_id,.*\n$/);
  expect(exported).toEqual({ requests: 0, spans: 0, rows: 0, leftOut: [] });
});
