import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exporter } from '../../src/export/perfetto/index.js';
import {
  corpusSpansWritten,
  readExportCorpus,
  writeExportCorpus,
  writers,
} from '../support/export-corpus.js';
import { corpusSpanOf, sorted } from './read-back.js';
import { readPerfetto, type Packet } from './perfetto-reader.js';
import { MemorySink } from './sink.js';

type Event = NonNullable<Packet['event']> & { readonly at: bigint };

interface ReadTrace {
  readonly slices: readonly {
    readonly begin: Event;
    readonly end: bigint | undefined;
    readonly writerId: string;
    readonly inside: Event | undefined;
  }[];
  readonly events: readonly Event[];
  readonly packets: readonly Packet[];
}

const root = mkdtempSync(join(tmpdir(), 'tl-perfetto-'));
writeExportCorpus(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));
const story = await readExportCorpus(root);
const sink = new MemorySink();
const exported = await exporter(story, sink);
const trace = readTrace(sink.bytes);

/** Puts beginnings and ends together as a viewer does: by track, in the order of time, innermost first. */
function readTrace(bytes: Uint8Array): ReadTrace {
  const packets = readPerfetto(bytes);
  const processes = new Map<bigint, string>();
  const parents = new Map<bigint, bigint>();
  for (const { track } of packets) {
    if (track === undefined) continue;
    if (track.process !== undefined) processes.set(track.uuid, track.process.name);
    if (track.parent !== undefined) parents.set(track.uuid, track.parent);
  }
  const events = packets.flatMap(({ event, timestamp }) =>
    event === undefined || timestamp === undefined ? [] : [{ ...event, at: timestamp }],
  );
  const stacks = new Map<bigint, { begin: Event; end: bigint | undefined }[]>();
  const slices: {
    begin: Event;
    end: bigint | undefined;
    writerId: string;
    inside: Event | undefined;
  }[] = [];
  for (const event of events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const stack = stacks.get(event.track) ?? [];
    stacks.set(event.track, stack);
    if (event.type === 2) {
      const open = stack.pop();
      if (open === undefined) throw new Error('an end without a beginning');
      open.end = event.at;
      continue;
    }
    const writerId = processes.get(parents.get(event.track) ?? 0n) ?? '';
    const end = event.type === 3 ? event.at : undefined;
    const slice = { begin: event, end, writerId, inside: stack.at(-1)?.begin };
    slices.push(slice);
    if (event.type === 1) stack.push(slice);
  }
  return { slices, events, packets };
}

const sliceOf = (spanId: string): ReadTrace['slices'][number] => {
  const found = trace.slices.filter(({ begin }) => begin.facts['span_id'] === spanId);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${spanId}`);
  return found[0];
};

describe('perfetto', () => {
  test('has every span of the story once, and no other', () => {
    const spans = trace.slices.map(({ begin, end, writerId }) =>
      corpusSpanOf({
        title: begin.name ?? '',
        kind: begin.category ?? '',
        writerId,
        start: Number(begin.at / 1000n),
        end: end === undefined ? null : Number(end / 1000n),
        facts: begin.facts,
      }),
    );
    expect(sorted(spans)).toEqual(corpusSpansWritten);
    expect(exported).toEqual({ requests: 17, spans: 38, leftOut: [] });
  });

  test('gives no end to what has none', () => {
    const open = trace.slices.filter(({ end }) => end === undefined);
    expect(open.map(({ begin }) => String(begin.facts['span_id'])).toSorted()).toEqual([
      '0000000000000106',
      '0000000000000504',
      '0000000000000902',
      '0000000000000903',
      '0000000000000904',
      '0000000000000a02',
      '0000000000000a03',
      '0000000000000a12',
      '0000000000000b02',
      '0000000000000b03',
      '0000000000000c02',
    ]);
    expect(sliceOf('0000000000000a03').begin.facts).toMatchObject({
      state: 'lost',
      open: true,
      why: 'its stream was closed with it open',
    });
  });

  test('lets an attempt last as long as what it caused, and says so', () => {
    const attempt = sliceOf('0000000000000107');
    expect(attempt.end).toBe(sliceOf('0000000000000108').end);
    expect(attempt.begin.facts['ended_with']).toBe('what it caused');
  });

  test('draws what is inside its cause in it, and nothing else', () => {
    const nested = trace.slices.filter(({ inside }) => inside !== undefined);
    expect(nested.length).toBeGreaterThan(8);
    for (const { begin, inside } of nested) {
      expect(inside?.facts['span_id']).toBe(begin.facts['parent_span_id']);
    }
  });

  test('leads an arrow of its own from a cause to each thing it caused elsewhere', () => {
    const arrows = new Map<bigint, { from: unknown[]; to: unknown[] }>();
    for (const { flows, terminating, facts } of trace.events) {
      for (const [side, ids] of [
        ['from', flows],
        ['to', terminating],
      ] as const) {
        for (const id of ids) {
          const arrow = arrows.get(id) ?? { from: [], to: [] };
          arrow[side].push(facts['span_id']);
          arrows.set(id, arrow);
        }
      }
    }
    const pairs = [...arrows.values()]
      .filter(({ from }) => from.length > 0)
      .map(({ from, to }) => [from.join(), to.join()]);
    expect(pairs).toContainEqual(['0000000000000103', '0000000000000104']);
    expect(pairs).toContainEqual(['0000000000000107', '0000000000000108']);
    expect(pairs.every(([from, to]) => from?.length === 16 && to?.length === 16)).toBe(true);
  });

  test('tells its clock, clears its texts at the beginning and names one sequence', () => {
    const [first] = trace.packets;
    expect(first?.clockSnapshot?.primary).toBe(1);
    expect(first?.clockSnapshot?.clocks.map(([id]) => id)).toEqual([1]);
    const timed = trace.packets.filter(({ timestamp }) => timestamp !== undefined);
    expect(timed[0]?.flags).toBe(3);
    expect(timed.every(({ clockId, sequence }) => clockId === 1 && sequence === 1)).toBe(true);
    expect(timed.slice(1).every(({ flags }) => flags === 2)).toBe(true);
  });

  test('has a process for each writer, which says how its stream ends', () => {
    const processes = trace.packets.flatMap(({ track }) => (track?.process ? [track.process] : []));
    expect(processes.map(({ name }) => name).toSorted()).toEqual(Object.values(writers).toSorted());
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(7);
    expect(processes.find(({ name }) => name === writers.torn)?.labels[0]).toBe('stream torn');
  });

  test('describes every track before its first event', () => {
    const known = new Set<bigint>();
    for (const { track, event } of trace.packets) {
      if (track !== undefined) {
        expect(track.parent === undefined || known.has(track.parent)).toBe(true);
        known.add(track.uuid);
      }
      if (event !== undefined) expect(known.has(event.track)).toBe(true);
    }
  });

  test('says how sure it is of what no id says', async () => {
    const [request] = story.requests;
    const [top] = request?.roots ?? [];
    if (request === undefined || top === undefined) throw new Error('no request');
    const candidates = [{ traceId: request.traceId, spanId: top.spanId }];
    const joined = { ...top, join: 'ambiguous', candidates, isEndInferred: true } as const;
    const unsure = new MemorySink();
    await exporter({ ...story, requests: [{ ...request, roots: [joined] }] }, unsure);
    const [slice] = readTrace(unsure.bytes).slices;
    expect(slice?.begin.facts).toMatchObject({
      join_confidence: 'ambiguous',
      candidates: ['019aa88dc8b71fd3906c9a06818ae941-0000000000000c02'],
      end_inferred: true,
    });
  });

  test('is the same bytes for the same story', async () => {
    const again = new MemorySink();
    await exporter(story, again);
    expect(again.bytes.equals(sink.bytes)).toBe(true);
  });
});
