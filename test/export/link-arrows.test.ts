/** Links between requests, which formats draw as arrows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { traceIdOf } from '../../src/context/index.js';
import { exporter as chrome } from '../../src/export/chrome/index.js';
import { slicesOf } from '../../src/export/trace/lanes.js';
import { LinkArrows } from '../../src/export/trace/link-arrows.js';
import { exporter as perfetto } from '../../src/export/perfetto/index.js';
import { readStory } from '../../src/read/index.js';
import { correlation, RunRecords, span, StreamFile } from '../read/stream-file.js';
import { readPerfetto } from './perfetto-reader.js';
import { MemorySink } from './sink.js';

const root = mkdtempSync(join(tmpdir(), 'tl-links-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Two edits, and a check behind a debounce that both of them caused: one named by its run, one by the editor's span. */
const [first, second, check] = ['F1RST01', 'SECND01', 'CHECK01'].map(correlation) as [
  string,
  string,
  string,
];
const traceOf = (id: string): string => traceIdOf(id as Parameters<typeof traceIdOf>[0]);
const stream = new StreamFile(root, 'wm', 'ED1T');
for (const [id, own, atMs] of [
  [first, 0x12, 0],
  [second, 0x22, 10],
] as const) {
  const edit = { correlationId: id, span: own, parent: own - 1, action: 'edit' };
  new RunRecords(stream, edit).accepted(atMs).completed(atMs + 1, 1);
}
const links = [
  { trace_id: traceOf(first), span_id: span(0x12) },
  { trace_id: traceOf(second), span_id: span(0x21) },
  { trace_id: 'f'.repeat(32), span_id: span(0x99) },
];
new RunRecords(stream, { correlationId: check, span: 0x32, parent: 0x31, action: 'check' })
  .add(50, 'run.accepted', { durability: 'barrier' }, { links })
  .completed(60, 10);
stream.seal(100).write();
const story = await readStory({ roots: [root] });

test('an arrow leads from each linked cause to what names it, also where the editor itself is named', async () => {
  const sink = new MemorySink();
  await perfetto(story, sink);
  const events = readPerfetto(sink.bytes).flatMap(({ event }) =>
    event === undefined ? [] : [event],
  );
  const begins = events.filter(({ type }) => type === 1);
  const arrows = begins.flatMap(({ facts, flows }) =>
    flows.map((flow) => [
      facts['span_id'],
      begins.find(({ terminating }) => terminating.includes(flow))?.facts['span_id'],
    ]),
  );
  expect(arrows).toEqual([
    [span(0x22), span(0x32)],
    [span(0x12), span(0x32)],
  ]);
  // The third one leads to what is not exported: its end is there, and its beginning is not.
  expect(begins[0]?.terminating).toHaveLength(3);
});

test('chrome has the same arrows', async () => {
  const sink = new MemorySink();
  await chrome(story, sink);
  const { traceEvents } = JSON.parse(sink.bytes.toString()) as {
    readonly traceEvents: readonly {
      readonly ph: string;
      readonly id: string;
      readonly ts: number;
    }[];
  };
  const ends = traceEvents.filter(({ ph }) => ph === 'f');
  const starts = traceEvents.filter(({ ph }) => ph === 's');
  expect([starts.length, ends.length]).toEqual([2, 3]);
  for (const { id, ts } of starts) {
    expect(ends.find((end) => end.id === id)?.ts).toBeGreaterThan(ts);
  }
});

test('so many arrows wait at a time, and those that do not are counted', () => {
  const [request] = story.requests;
  const [slice] = slicesOf(request as NonNullable<typeof request>);
  const arrows = new LinkArrows();
  const linking = (count: number): Parameters<LinkArrows['into']>[0] => {
    const many = Array.from({ length: count }, (_, index) => ({
      traceId: traceOf(first),
      spanId: span(index + 1),
    }));
    const drawn = slice as NonNullable<typeof slice>;
    return { ...drawn, span: { ...drawn.span, links: many as never } };
  };
  expect(arrows.into(linking(10_000))).toHaveLength(10_000);
  expect(arrows.leftOut).toBe(0);
  expect(arrows.into(linking(1))).toHaveLength(0);
  expect(arrows.leftOut).toBe(1);
});
