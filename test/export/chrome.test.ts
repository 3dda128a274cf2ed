import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exporter } from '../../src/export/chrome/index.js';
import {
  corpusSpansWritten,
  readExportCorpus,
  writeExportCorpus,
  writers,
} from '../support/export-corpus.js';
import { corpusSpanOf, sorted } from './read-back.js';
import { MemorySink } from './sink.js';

interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat: string;
  readonly id: string;
  readonly pid: number;
  readonly ts: number;
  readonly args: Readonly<Record<string, unknown>>;
}

interface Drawn {
  readonly begin: ChromeEvent;
  end: number | null;
  readonly inside: ChromeEvent | undefined;
}

const root = mkdtempSync(join(tmpdir(), 'tl-chrome-'));
writeExportCorpus(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));
const story = await readExportCorpus(root);
const sink = new MemorySink();
const exported = await exporter(story, sink);
const written = JSON.parse(sink.bytes.toString()) as {
  readonly traceEvents: readonly ChromeEvent[];
  readonly displayTimeUnit: string;
  readonly otherData: Readonly<Record<string, unknown>>;
};
const drawn = draw(written.traceEvents);
const titleKinds: readonly (readonly [string, string])[] = [
  ['run ', 'run'],
  ['dispatch to ', 'dispatch'],
  ['handler ', 'handler'],
  ['span ', 'other'],
];

/** As a viewer does: events of one id are one tree, in the order of time. */
function draw(events: readonly ChromeEvent[]): readonly Drawn[] {
  const all: Drawn[] = [];
  const open = new Map<string, Drawn[]>();
  for (const event of events
    .filter(({ ph }) => 'ben'.includes(ph))
    .toSorted((a, b) => a.ts - b.ts)) {
    const stack = open.get(event.id) ?? [];
    open.set(event.id, stack);
    if (event.ph === 'e') {
      const begun = stack.pop();
      if (begun?.begin.name !== event.name) throw new Error(`${event.name} ends and is not open`);
      begun.end = event.ts;
      continue;
    }
    const end = event.ph === 'n' ? event.ts : null;
    const slice: Drawn = { begin: event, end, inside: stack.at(-1)?.begin };
    all.push(slice);
    if (event.ph === 'b') stack.push(slice);
  }
  return all;
}

function writerOf(pid: number): string {
  const names = written.traceEvents.filter(
    ({ ph, name, pid: of }) => ph === 'M' && name === 'process_name' && of === pid,
  );
  expect(names).toHaveLength(1);
  return String(names[0]?.args['name']);
}

describe('chrome', () => {
  test('has every span of the story once, and no other', () => {
    const spans = drawn.map(({ begin, end }) =>
      corpusSpanOf({
        title: begin.name,
        kind: titleKinds.find(([prefix]) => begin.name.startsWith(prefix))?.[1] ?? '',
        writerId: writerOf(begin.pid),
        start: begin.ts,
        end,
        facts: begin.args,
      }),
    );
    expect(sorted(spans)).toEqual(corpusSpansWritten);
    expect(exported).toEqual({ requests: 17, spans: 38, leftOut: [] });
  });

  test('has texts that are whole Unicode, which jq and its like insist on', () => {
    expect(sink.bytes.toString()).not.toMatch(/(?<!\\)(?:\\\\)*\\ud[89a-f]/);
    const messages = drawn.map(({ begin }) => begin.args['error_message']);
    expect(messages.filter((text) => String(text).endsWith(' \\ud83d'))).toHaveLength(3);
  });

  test('gives no end to what has none, and none before its beginning', () => {
    expect(drawn.filter(({ end }) => end === null)).toHaveLength(11);
    expect(drawn.every(({ begin, end }) => end === null || end >= begin.ts)).toBe(true);
  });

  test('names an event by trace and span, or as the cause that it is drawn in', () => {
    for (const { begin, inside } of drawn) {
      const own = begin.id.slice(33) === begin.args['span_id'];
      expect(own || inside?.args['span_id'] === begin.args['parent_span_id']).toBe(true);
      expect(begin.id).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}$/);
    }
    expect(drawn.filter(({ inside }) => inside !== undefined).length).toBeGreaterThan(8);
  });

  test('has a process for each writer, and an arrow for each cause in another one', () => {
    const names = written.traceEvents.filter(({ name }) => name === 'process_name');
    expect(names).toHaveLength(7);
    expect(new Set(names.map(({ args }) => args['name']))).toEqual(new Set(Object.values(writers)));
    const [from, to] = ['s', 'f'].map((ph) =>
      written.traceEvents.filter((event) => event.ph === ph).map(({ id }) => id),
    );
    expect(new Set(from).size).toBe(from?.length);
    expect(from?.every((id) => to?.includes(id))).toBe(true);
    expect(from?.length).toBeGreaterThanOrEqual(4);
  });

  test('says what it was read from', () => {
    expect(written.displayTimeUnit).toBe('ms');
    expect(written.otherData).toMatchObject({
      writer: 'throughline',
      streams: 7,
      records: 78,
      conditions: { torn: 1 },
    });
  });

  test('is JSON also without a request', async () => {
    const empty = new MemorySink();
    await exporter({ ...story, requests: [] }, empty);
    expect(JSON.parse(empty.bytes.toString())).toMatchObject({ traceEvents: [] });
  });
});
