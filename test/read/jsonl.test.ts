import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonlSource, openJournal, readStory } from '../../src/read/index.js';
import { hereWith } from './here.js';
import { correlation, epoch, RunRecords, span, StreamFile } from './stream-file.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-jsonl-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = correlation('A1B2C3D');

function pino(ms: number, msg: string, more: object = {}): string {
  return JSON.stringify({ level: 30, time: epoch / 1000 + ms, msg, ...more });
}

it('puts a log’s lines where they belong in time, under the span whose ids they have', async () => {
  const wm = new StreamFile(root, 'wm', 'WM');
  new RunRecords(wm, { correlationId: id, span: 2, parent: 1, action: 'check' })
    .accepted(0)
    .completed(20, 20);
  wm.seal(30).write();
  const file = join(root, 'app.jsonl');
  const ids = { trace: { id, span: span(2) } };
  writeFileSync(
    file,
    [pino(10, 'reading', ids), 'not json', '', pino(5, 'set back', ids)].join('\n'),
  );
  const fields = {
    ts: 'time',
    event_type: 'msg',
    correlation_id: 'trace.id',
    span_id: 'trace.span',
    'payload.level': 'level',
  };
  const sources = [jsonlSource({ file, fields })];
  const journal = await openJournal({ roots: [root], sources });
  const told: string[] = [];
  for await (const item of journal.items()) {
    told.push(
      item.kind === 'fault' ? item.fault.verdict : `${item.stream.role} ${item.entry.event}`,
    );
  }
  expect(told).toEqual([
    'wm wal.opened',
    'wm run.accepted',
    'jsonl reading',
    'CORRUPT',
    'jsonl set back',
    'wm run.completed',
    'wm wal.sealed',
  ]);
  const { requests, truth } = await readStory({ roots: [root], sources, here: hereWith() });
  expect([...requests]).toMatchObject([{ state: 'completed', records: 4, spans: 1 }]);
  expect(truth).toMatchObject({
    streams: 2,
    unknownEvents: 2,
    conditions: { complete: 1, damaged: 1 },
  });
});

it('says of a file that is not there that it cannot be read, and reads the rest', async () => {
  new StreamFile(root, 'wm', 'WM').seal(1).write();
  const sources = [jsonlSource({ file: join(root, 'none.jsonl'), fields: {} })];
  const { truth } = await readStory({ roots: [root], sources });
  expect(truth).toMatchObject({ records: 2, conditions: { complete: 1, unreadable: 1 } });
});
