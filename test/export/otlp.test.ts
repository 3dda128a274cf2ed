import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exporter, jsonExporter } from '../../src/export/otlp/index.js';
import { problemOf } from '../../src/export/otlp/check.js';
import type { OtlpSpan } from '../../src/export/otlp/span.js';
import { readStory, type Request, type Story } from '../../src/read/index.js';
import { correlation, epoch, RunRecords, StreamFile } from '../read/stream-file.js';
import { generate } from '../support/generate.mjs';
import {
  corpusSpansWritten,
  hostileNameWritten,
  readExportCorpus,
  writeExportCorpus,
  type CorpusSpan,
} from '../support/export-corpus.js';
import { collect } from './collect.js';
import { readJson, readProtobuf, type ReadMessage, type ReadSpan } from './otlp-reader.js';

const roots: string[] = [];
function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'tl-otlp-'));
  roots.push(root);
  return root;
}
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

let story: Story;
beforeAll(async () => {
  const root = newRoot();
  writeExportCorpus(root);
  story = await readExportCorpus(root);
});

const spellings = [
  ['otlp', async (of: Story) => readProtobuf((await collect(exporter, of)).bytes)],
  ['otlp-json', async (of: Story) => readLines((await collect(jsonExporter, of)).text)],
] as const;

function readLines(text: string): ReadMessage {
  const messages = text
    .trimEnd()
    .split('\n')
    .map((line) => readJson(line));
  return {
    resources: messages.flatMap(({ resources }) => resources),
    spans: messages.flatMap(({ spans }) => spans),
  };
}

function micro(ns: bigint): number {
  return Number(ns / 1000n);
}

function ms(ns: bigint): number {
  return (micro(ns) - epoch) / 1000;
}

/** What the corpus says of a span, from what OTLP says of it. */
function corpusSpanOf(span: ReadSpan): CorpusSpan {
  const { attributes: said } = span;
  const isStarted = said['throughline.start'] === undefined;
  const stepped = said['throughline.ended'];
  const end = said['throughline.end'];
  const hasEnd = end === undefined || end === 'clock_step';
  return {
    correlationId: String(said['throughline.correlation_id']),
    spanId: span.spanId,
    parentSpanId: span.parentSpanId === '' ? null : span.parentSpanId,
    kind: String(said['throughline.kind']),
    name: String(said['throughline.name'] ?? span.name),
    state: String(said['throughline.state']),
    start: isStarted ? micro(span.startNs) : null,
    end: hasEnd
      ? typeof stepped === 'string'
        ? Date.parse(stepped) * 1000 + Number(stepped.slice(23, 26))
        : micro(span.endNs)
      : null,
    links: span.links.map((link) => `${link.traceId}-${link.spanId}`),
    writerId: String(span.resource['service.instance.id']),
  };
}

function found({ spans }: ReadMessage, tail: string, own: number): ReadSpan {
  const spanId = own.toString(16).padStart(16, '0');
  const one = spans.find(
    (span) =>
      span.spanId === spanId && span.attributes['throughline.correlation_id'] === correlation(tail),
  );
  if (one === undefined) throw new Error(`no span ${spanId}`);
  return one;
}

describe.each(spellings)('%s', (_name, exported) => {
  test('gives back every span of the corpus and no other', async () => {
    const { spans } = await exported(story);
    const back = spans.map((span) => corpusSpanOf(span));
    expect(back).toHaveLength(38);
    expect(back.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))).toEqual(corpusSpansWritten);
  });

  test('says which trace each span is of by the correlation id, in its other spelling', async () => {
    const { spans } = await exported(story);
    const retried = spans.filter(
      (span) => span.attributes['throughline.correlation_id'] === correlation('RETRY01'),
    );
    expect(new Set(retried.map(({ traceId }) => traceId))).toEqual(
      new Set(['019aa88dc8b71fd3906c9a061dac7801']),
    );
    expect(
      spans.filter(({ traceId }) => traceId === 'ffffffffffffffffffffffffffffff42'),
    ).toHaveLength(1);
  });

  test('has one resource for each writer, with what its header says', async () => {
    const { resources } = await exported(story);
    expect(resources).toHaveLength(7);
    const wm = resources.find((one) => String(one['service.instance.id']).endsWith('7F3A'));
    expect(wm).toEqual({
      'service.namespace': 'throughline',
      'service.name': 'throughline-wm',
      'service.instance.id': `wm-${correlation('7F3A')}`,
      'host.name': 'lab',
      'host.id': 'machine-1',
      'process.pid': 11,
      'throughline.role': 'wm',
      'throughline.stream.condition': 'complete',
    });
  });

  test('never ends a span before it begins, and says when there is no end', async () => {
    const message = await exported(story);
    for (const span of message.spans) expect(span.endNs >= span.startNs, span.name).toBe(true);
    const stepped = found(message, 'C10CKST', 0x305);
    // 4 ms by the monotonic clock; the wall clock was set back by an hour.
    expect(stepped.endNs - stepped.startNs).toBe(4_000_000n);
    expect(stepped.attributes['throughline.end']).toBe('clock_step');
    expect(stepped.attributes['throughline.ended']).toBe('2025-11-21T13:02:13.487000Z');
    const lost = found(message, '10ST001', 0xa02);
    expect(lost.attributes['throughline.end']).toBe('none');
    // The last that is known: its handler began.
    expect(lost.endNs).toBe(BigInt(epoch + 9_010_000) * 1000n);
    const attempt = found(message, 'RETRY01', 0x107);
    expect(attempt.attributes['throughline.end']).toBe('of_what_it_caused');
    expect(attempt.endNs).toBe(BigInt(epoch + 28_000) * 1000n);
  });

  test('keeps times to the microsecond', async () => {
    const first = found(await exported(story), 'RETRY01', 0x102);
    expect(first.startNs).toBe(1_763_733_731_480_001_000n);
    expect(first.endNs).toBe(1_763_733_731_510_000_000n);
  });

  test('shows what failed and what was lost as errors, and nothing else', async () => {
    const message = await exported(story);
    const status = (tail: string, own: number): ReadSpan['status'] =>
      found(message, tail, own).status;
    expect(status('RETRY01', 0x105)).toEqual({
      code: 2,
      message: '1 exit 1, "quoted", <b>bold</b>',
    });
    expect(status('10ST001', 0xa03)).toEqual({
      code: 2,
      message: 'lost: its stream was closed with it open',
    });
    expect(status('REJECTD', 0x712)).toEqual({ code: 2, message: 'BUSY too many runs' });
    for (const [tail, own] of [
      ['RETRY01', 0x102],
      ['CANCE11', 0x702],
      ['F11GHT1', 0x902],
      ['FARAWAY', 0xb02],
    ] as const) {
      expect(status(tail, own)).toEqual({ code: 0, message: '' });
    }
  });

  test('says who asked whom: kinds, and whether the parent is in another process', async () => {
    const message = await exported(story);
    const of = (own: number): readonly number[] => {
      const { kind, flags } = found(message, 'RETRY01', own);
      return [kind, flags];
    };
    // Server, client, server elsewhere, internal; sampled and known, remote only across processes.
    expect([0x102, 0x103, 0x104, 0x105].map((own) => of(own))).toEqual([
      [2, 0x301],
      [3, 0x101],
      [2, 0x301],
      [1, 0x101],
    ]);
    expect(found(message, '11NKED1', 0x201).flags).toBe(0x101);
    expect(found(message, '11NKED1', 0x201).links).toEqual([
      { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 0x301 },
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', flags: 0x301 },
    ]);
  });

  test('has effects, cancels and hang-ups as events, when they were recorded', async () => {
    const message = await exported(story);
    const cancelled = found(message, 'CANCE11', 0x702);
    expect(cancelled.events.map(({ name, ns }) => [name, ms(ns)])).toEqual([
      ['run.cancel_requested', 6010],
      ['run.client_gone', 6020],
    ]);
    expect(cancelled.events[0]?.attributes).toEqual({
      'throughline.reason': 'superseded by a keystroke',
    });
    expect(found(message, 'RETRY01', 0x109).events).toEqual([
      {
        name: 'effect.applied',
        ns: BigInt(epoch + 24_000) * 1000n,
        attributes: {
          'throughline.path': '/ws/src/a, "b".ts',
          'throughline.change': 'modified',
          'throughline.after_sha256': 'a'.repeat(64),
          'throughline.after_bytes': 5,
        },
      },
    ]);
    expect(found(message, 'RETRY01', 0x108).events).toEqual([
      {
        name: 'effect.applied',
        ns: BigInt(epoch + 25_000) * 1000n,
        attributes: {
          'throughline.path': '/ws/new.ts',
          'throughline.change': 'created',
          'throughline.inferred': true,
        },
      },
    ]);
  });

  test('keeps texts as they are, and writes halves of characters out', async () => {
    const handler = found(await exported(story), 'H0ST1XE', 0x605);
    expect(handler.name).toBe(hostileNameWritten);
    expect(handler.attributes['throughline.error.message']).toBe(hostileNameWritten);
    expect(handler.events[0]?.attributes['throughline.path']).toBe(`/ws/${hostileNameWritten}`);
  });

  test('gives what has no name the name of what it is, and says so', async () => {
    const message = await exported(story);
    const [run, other] = [found(message, 'H0ST1XE', 0x604), found(message, 'VNKN0WN', 0x403)];
    expect([run.name, run.attributes['throughline.name']]).toEqual(['run', '']);
    expect([other.name, other.attributes['throughline.name']]).toEqual(['plugin.loaded', '']);
  });

  test('exports the same spans again as the same spans', async () => {
    expect(await exported(story)).toEqual(await exported(story));
  });
});

function keyOf({ correlationId, spanId }: CorpusSpan): string {
  return `${correlationId} ${spanId}`;
}

describe('a long export', () => {
  let long: Story;
  beforeAll(async () => {
    const root = newRoot();
    generate(root, { streams: 8, requests: 500 });
    long = await readStory({ roots: [root] });
  });

  test('is messages of at most 500 spans, each whole in itself, with one resource a writer', async () => {
    const { chunks, exported } = await collect(exporter, long);
    expect(exported).toEqual({ requests: 500, spans: 2000, leftOut: [] });
    const messages = chunks.map((chunk) => readProtobuf(chunk as Uint8Array));
    expect(messages.map(({ spans }) => spans.length)).toEqual([500, 500, 500, 500]);
    for (const { resources } of messages) {
      const writers = resources.map((one) => one['service.instance.id']);
      expect(new Set(writers).size).toBe(writers.length);
    }
  });

  test('is one message a line as JSON', async () => {
    const { chunks } = await collect(jsonExporter, long);
    expect(readLines(chunks.join('')).spans).toHaveLength(2000);
    for (const line of chunks) {
      expect(String(line).indexOf('\n')).toBe(line.length - 1);
      // Half a MiB of spans, and the last of them.
      expect(line.length).toBeLessThan(530_000);
    }
  });

  test('as protobuf in a file is one message as well', async () => {
    const { bytes } = await collect(exporter, long);
    expect(readProtobuf(bytes).spans).toHaveLength(2000);
  });
});

test('a span that was joined without an id says how sure that is', async () => {
  const joined = [...story.requests].slice(0, 1).map((request): Request => ({
    ...request,
    roots: request.roots.map((span) => ({
      ...span,
      join: 'ambiguous',
      isEndInferred: true,
      candidates: [{ traceId: request.traceId, spanId: span.spanId }],
    })),
  }));
  const { bytes } = await collect(exporter, { ...story, requests: listOf(joined) });
  expect(readProtobuf(bytes).spans[0]?.attributes).toMatchObject({
    'throughline.join_confidence': 'ambiguous',
    'throughline.end_inferred': true,
    'throughline.candidates':
      '[{"trace_id":"019aa88dc8b71fd3906c9a06818ae941","span_id":"0000000000000c02"}]',
  });
});

function listOf(requests: readonly Request[]): Story['requests'] {
  return {
    length: requests.length,
    at: (index) => requests[index],
    [Symbol.iterator]: () => requests.values(),
  };
}

describe('a span that would be too much', () => {
  test('has its first 1024 effects, and the export says that there were more', async () => {
    const root = newRoot();
    const wm = new StreamFile(root, 'wm', '7F3A');
    const common = { correlationId: correlation('MANY'), action: 'format', span: 2, parent: 1 };
    const run = new RunRecords(wm, common).accepted(0);
    for (let index = 0; index < 1025; index += 1) {
      run.add(1, 'effect.applied', { path: `/ws/${index}`, change: 'created' });
    }
    run.completed(2, 2);
    wm.seal(3).write();
    const { bytes, exported } = await collect(exporter, await readStory({ roots: [root] }));
    expect(exported.leftOut).toEqual(['1 span without all of its effects: too many for one span']);
    const [span] = readProtobuf(bytes).spans;
    expect([span?.events.length, span?.eventsDropped]).toEqual([1024, 1]);
  });

  test('has texts of 8192 characters and is told how many are missing', async () => {
    const root = newRoot();
    const wm = new StreamFile(root, 'wm', '7F3A');
    for (const [own, action] of [
      [2, 'x'.repeat(8192)],
      [3, `${'x'.repeat(8191)}😀`],
    ] as const) {
      const common = { correlationId: correlation('10NG'), action, span: own, parent: 1 };
      new RunRecords(wm, common).accepted(0).completed(2, 2);
    }
    wm.seal(3).write();
    const { bytes } = await collect(exporter, await readStory({ roots: [root] }));
    expect(readProtobuf(bytes).spans.map(({ name }) => name.slice(8190))).toEqual([
      'xx',
      'x\\ud83d…[cut 1]',
    ]);
  });
});

describe('what a collector would take without a word', () => {
  const whole: OtlpSpan = {
    traceId: '019aa88dc8b71fd3906c9a3611e175dc',
    spanId: '00f067aa0ba902b7',
    parentSpanId: undefined,
    flags: 0x101,
    name: 'lint',
    kind: 1,
    start: 10,
    end: 10,
    attributes: [],
    events: [],
    eventsDropped: 0,
    links: [],
    status: { code: 0, message: '' },
  };

  test('is nothing of a whole span', () => {
    expect(problemOf(whole)).toBeUndefined();
  });

  test.each([
    ['its trace id is none', { traceId: '0'.repeat(32) }],
    ['its trace id is none', { traceId: '019aa88dc8b71fd3906c9a3611e175d' }],
    ['its trace id is none', { traceId: '019AA88DC8B71FD3906C9A3611E175DC' }],
    ['its span id is none', { spanId: '0'.repeat(16) }],
    ['the id of its parent is none', { parentSpanId: '0'.repeat(16) }],
    ['a link of it is none', { links: [{ traceId: whole.traceId, spanId: '0'.repeat(16) }] }],
    ['it ends before it begins', { end: 9 }],
    ['its times are before 1970 or after 2255', { start: -1 }],
    ['its times are before 1970 or after 2255', { end: 2 ** 53 }],
    [
      'a time in it is before 1970 or after 2255',
      { events: [{ name: 'x', microseconds: Number.NaN, attributes: [] }] },
    ],
    ['its name is empty or too long', { name: '' }],
  ])('is left out here: %s (%j)', (problem, wrong) => {
    expect(problemOf({ ...whole, ...wrong } as OtlpSpan)).toBe(problem);
  });

  test('is counted and said', async () => {
    const root = newRoot();
    const wm = new StreamFile(root, 'wm', '7F3A');
    const run = { correlationId: correlation('01D'), action: 'lint', span: 2, parent: 1 };
    new RunRecords(wm, run).accepted(0).completed(1, 1);
    wm.seal(2).write();
    const { requests, streams, truth } = await readStory({ roots: [root] });
    // A clock of before 1970.
    const before = [...requests].map((request): Request => {
      const roots1 = request.roots.map((span) => ({
        ...span,
        started: { ...span.first, microseconds: -5 },
      }));
      return { ...request, roots: roots1 };
    });
    const { exported, chunks } = await collect(exporter, {
      requests: listOf(before),
      streams,
      truth,
    });
    expect(exported).toEqual({
      requests: 1,
      spans: 0,
      leftOut: ['1 span left out: its times are before 1970 or after 2255'],
    });
    expect(chunks).toEqual([]);
  });
});
