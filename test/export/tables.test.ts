/** The four tables: what docs/query.md says of them, and that they hold the corpus, all of it and nothing else. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../../src/export/tables/table.js';
import { recordTable, requestTables, tableNames } from '../../src/export/tables/tables.js';
import { openJournal, type Entry, type Request, type Story } from '../../src/read/index.js';
import { hereWith } from '../read/here.js';
import { correlation, epoch, span } from '../read/stream-file.js';
import {
  corpusCounts,
  corpusSpans,
  readExportCorpus,
  writeExportCorpus,
  writers,
} from '../support/export-corpus.js';

const page = 'docs/query.md';
const [begin, end] = ['<!-- tables: ', '<!-- /tables -->'];

let root = '';
let story: Story;
const entries: Entry[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tl-tables-'));
  writeExportCorpus(root);
  story = await readExportCorpus(root);
  const journal = await openJournal({ roots: [root], here: hereWith(22) });
  for await (const item of journal.items()) if (item.kind === 'entry') entries.push(item.entry);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Row = Readonly<Record<string, Value>>;

function rowsOf(name: keyof typeof requestTables): readonly Row[] {
  const table = requestTables[name];
  return [...story.requests].flatMap((request: Request) =>
    [...table.rows(request)].map((row) => objectOf(table.columns, row)),
  );
}

function objectOf(columns: readonly { name: string }[], row: readonly Value[]): Row {
  expect(row).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((column, index) => [column.name, row[index]]));
}

const columnsOf = (name: (typeof tableNames)[number]) =>
  name === 'records' ? recordTable.columns : requestTables[name].columns;

describe('the columns', () => {
  it('are told of in docs/query.md as they are (UPDATE_GOLDEN=1 writes it anew)', () => {
    const text = readFileSync(page, 'utf8');
    const [from, to] = [text.indexOf('\n', text.indexOf(begin)) + 1, text.indexOf(end)];
    const made = `${text.slice(0, from)}\n${tablesText()}\n${text.slice(to)}`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, made);
    else expect(squeezed(text)).toBe(squeezed(made));
  });

  it('of one name are of one type in all tables', () => {
    const types = new Map<string, string>();
    for (const { name, type } of tableNames.flatMap(columnsOf)) {
      expect(`${name} ${types.get(name) ?? type}`).toBe(`${name} ${type}`);
      types.set(name, type);
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    }
  });

  it.each(tableNames)('of %s have one name each', (name) => {
    const names = columnsOf(name).map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the rows', () => {
  it('of runs are the spans of the corpus: none lost, none invented', () => {
    const found = rowsOf('runs').map((row) => ({
      correlationId: row['correlation_id'],
      spanId: row['span_id'],
      parentSpanId: row['parent_span_id'] ?? null,
      kind: row['kind'],
      name: row['name'],
      state: row['state'],
      start: row['started'] ?? null,
      end: row['ended'] ?? null,
      links: ((row['links'] ?? []) as readonly Record<string, string>[]).map(
        (link) => `${link['trace_id']}-${link['span_id']}`,
      ),
      writerId: row['writer_id'],
    }));
    expect(found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(corpusSpans);
  });

  it('of requests have the sums of their runs', () => {
    const requests = rowsOf('requests');
    expect(requests).toHaveLength(corpusCounts.requests);
    const runs = rowsOf('runs');
    for (const request of requests) {
      const own = runs.filter(
        (row) =>
          row['correlation_id'] === request['correlation_id'] &&
          row['entry_span_id'] === request['entry_span_id'],
      );
      expect(own).toHaveLength(Number(request['spans']));
      expect(own.filter((row) => row['is_open'] === true)).toHaveLength(Number(request['open']));
      expect(own.every((row) => row['request_state'] === request['state'])).toBe(true);
    }
    expect(requests.find((row) => row['correlation_id'] === correlation('RETRY01'))).toMatchObject({
      trace_id: '019aa88dc8b71fd3906c9a061dac7801',
      entry_span_id: span(0x101),
      state: 'completed',
      via: 'mcp',
      client: 'claude-code',
      method: 'tools/call',
      what: 'tool run_checks',
      started: epoch + 1,
      ended: epoch + 30_000,
      duration_ms: 30,
      spans: 8,
      effects: 2,
      effects_inferred: 1,
      writers: [writers.wm, writers.erA, writers.erB],
      links: undefined,
    });
  });

  it('of effects are files, with the request behind each', () => {
    expect(
      rowsOf('effects').map((row) => [row['path'], row['name'], row['what'], row['inferred']]),
    ).toHaveLength(corpusCounts.effects);
    const row = rowsOf('effects').find((one) => one['path'] === '/ws/src/a, "b".ts');
    expect(row).toMatchObject({
      ts: epoch + 24_000,
      after_sha256: 'a'.repeat(64),
      correlation_id: correlation('RETRY01'),
      span_id: span(0x109),
      name: 'oxfmt',
      role: 'er',
      writer_id: writers.erB,
      request_state: 'completed',
      via: 'mcp',
    });
  });

  it('of records are all that were read, also of no request', () => {
    const rows = entries.flatMap((entry) =>
      [...recordTable.rows(entry)].map((row) => objectOf(recordTable.columns, row)),
    );
    expect(rows).toHaveLength(corpusCounts.records);
    const keys = rows.map((row) => JSON.stringify([row['writer_id'], row['sequence']]));
    expect(new Set(keys).size).toBe(corpusCounts.records);
    const opened = rows.filter((row) => row['event_type'] === 'wal.opened');
    expect(opened).toHaveLength(corpusCounts.streams);
    expect(opened.every((row) => row['correlation_id'] === undefined)).toBe(true);
    expect(rows.find((row) => row['span_id'] === span(0x109))).toMatchObject({
      event_type: 'handler.started',
      trace_id: '019aa88dc8b71fd3906c9a061dac7801',
      parent_span_id: span(0x108),
      payload: { handler: 'oxfmt' },
      role: 'er',
      file: 'wal-000001.jsonl',
    });
  });

  it('have only the columns that are asked for, in their order', () => {
    const some = requestTables.runs.only(['state', 'correlation_id', 'nonsense']);
    expect(some.columns.map(({ name }) => name)).toEqual(['correlation_id', 'state']);
    const [request] = story.requests;
    expect(request && [...some.rows(request)][0]).toEqual([correlation('T0RNTA1'), 'lost']);
  });
});

function tablesText(): string {
  return tableNames
    .map((name) => {
      const { help } = name === 'records' ? recordTable : requestTables[name];
      const rows = columnsOf(name).map((one) => `| \`${one.name}\` | ${one.type} | ${one.help} |`);
      const head = ['| column | type | |', '| --- | --- | --- |'];
      return [`### ${name}`, '', `A row is ${help}.`, '', ...head, ...rows, ''].join('\n');
    })
    .join('\n');
}

function key(one: { correlationId: unknown; spanId: unknown }): string {
  return JSON.stringify([one.correlationId, one.spanId]);
}

/** How the formatter lines columns up is its own affair. */
function squeezed(text: string): string {
  return text
    .replaceAll(/ +/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .replaceAll(/\n{2,}/g, '\n\n');
}
