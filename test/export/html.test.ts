import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { exporter, exportPage } from '../../src/export/html/index.js';
import { visible } from '../../src/export/html/page/visible.js';
import { readStory } from '../../src/read/index.js';
import { corpusSpans, readExportCorpus, writeExportCorpus } from '../support/export-corpus.js';
import { generate, generateWide } from '../support/generate.mjs';
import { readPage, spansOfPage } from './html-reader.js';
import { sorted } from './read-back.js';
import { MemorySink } from './sink.js';

const root = mkdtempSync(join(tmpdir(), 'tl-html-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const corpus = join(root, 'corpus');
writeExportCorpus(corpus);
const story = await readExportCorpus(corpus);
const sink = new MemorySink();
const exported = await exporter(story, sink);
const html = sink.bytes.toString();
const page = readPage(html);

function around(text: string): string {
  return text.replace(/id="data">[^<]*/, '');
}

function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

describe('a text on the page', () => {
  test.each([
    ['\u202etxt.exe\u2066\u001b[31m', '\ufffdtxt.exe\ufffd\ufffd[31m'],
    ['ok\u{e0064}\u{e0065}\u{e007f}', 'ok\ufffd\ufffd\ufffd'],
    ['a\u00ad\u3164\ufe0e\u{e0100}\ufff9b', 'a\ufffd\ufffd\ufffd\ufffd\ufffdb'],
    ['naïve 漢字 👍 ⚠️', 'naïve 漢字 👍 ⚠️'],
  ])('hides nothing: %j is shown as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

describe('html', () => {
  test('has every span of the story once, and no other', () => {
    expect(sorted(spansOfPage(page))).toEqual(corpusSpans);
    expect(exported).toEqual({ requests: 17, spans: 38, leftOut: [] });
  });

  test('allows its own script and style by their digests, and nothing else at all', () => {
    expect(page.policy).toBe(
      [
        "default-src 'none'",
        `script-src ${digestOf(page.script)}`,
        `style-src ${digestOf(page.style)}`,
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join('; '),
    );
    expect(html).not.toMatch(/ style="| on[a-z]+="|https?:|\bsrc=|\bhref=/);
  });

  test('has a script that is one whole, of parts that only use each other', () => {
    expect(() => new Script(page.script)).not.toThrow();
    const names = [...page.script.matchAll(/^(?:async )?(?:function|const|class) (\w+)/gm)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(page.script).not.toMatch(/^\s*(import|export) |innerHTML|outerHTML|insertAdjacentHTML/m);
  });

  test('is the same page for the same story, and around the data the same for every story', async () => {
    const [again, other] = [new MemorySink(), new MemorySink()];
    await exporter(story, again);
    await exporter({ ...story, requests: [] }, other);
    expect(again.bytes.equals(sink.bytes)).toBe(true);
    expect(around(other.bytes.toString())).toBe(around(html));
  });

  test('says how sure it is of what no id says', async () => {
    const [request] = story.requests;
    const [top] = request?.roots ?? [];
    if (request === undefined || top === undefined) throw new Error('no request');
    const candidates = [{ traceId: request.traceId, spanId: top.spanId }];
    const joined = { ...top, join: 'ambiguous', candidates, isEndInferred: true } as const;
    const unsure = new MemorySink();
    await exporter({ ...story, requests: [{ ...request, roots: [joined] }] }, unsure);
    const row = readPage(unsure.bytes.toString()).requests[0]?.rows[0];
    expect(row?.[10]).toMatchObject({
      join: 'ambiguous',
      candidates: ['019aa88dc8b71fd3906c9a06818ae941-0000000000000c02'],
      endInferred: 1,
    });
  });

  test('folds what `show` folds', async () => {
    const folder = join(root, 'folds');
    generateWide(folder);
    const wide = new MemorySink();
    await exporter(await readStory({ roots: [folder] }), wide);
    const [request] = readPage(wide.bytes.toString()).requests;
    const folds = new Map<unknown, number>();
    for (const row of request?.rows ?? []) folds.set(row[9], (folds.get(row[9]) ?? 0) + 1);
    folds.delete(0);
    folds.delete(undefined);
    // Seven parts that went well, the sixty handlers in each of them, and the sixty beside the one that failed.
    expect([...folds.values()].toSorted((a, b) => a - b)).toEqual([
      7, 60, 60, 60, 60, 60, 60, 60, 60,
    ]);
  });

  test('says what it was read from', () => {
    expect(page.truth).toEqual({
      truth:
        '7 streams: 4 complete, 1 live, 1 torn, 1 cannot be told · 3 records of a type unknown here' +
        ' · 2 attempts at a runner in no stream read · 78 records read',
      faults: [],
      leftOut: [],
    });
  });

  test('holds so many spans, and says what it left out and what to do', async () => {
    const [newest, next] = [...story.requests];
    expect([newest?.spans, next?.spans]).toEqual([1, 2]);
    const few = new MemorySink();
    const done = await exportPage(story, few, 2);
    const read = readPage(few.bytes.toString());
    expect(read.requests).toHaveLength(1);
    expect(done).toEqual({ requests: 1, spans: 1, leftOut: read.truth.leftOut });
    expect(read.truth.leftOut).toEqual([
      '16 older requests with 37 spans: a page holds 2 spans; name a request, or use --since or a match',
    ]);
  });

  test('cuts a request that is too large by itself, and leaves nobody without what caused it', async () => {
    generateWide(join(root, 'wide'));
    const wide = await readStory({ roots: [join(root, 'wide')] });
    const cut = new MemorySink();
    const done = await exportPage(wide, cut, 100);
    const read = readPage(cut.bytes.toString());
    expect(read.requests[0]?.rows).toHaveLength(100);
    expect(read.requests[0]?.spans).toBe(498);
    expect(done.leftOut).toEqual([
      '398 later spans of the request: a page holds 100 spans; name a request, or use --since or a match',
    ]);
    const ids = new Set(spansOfPage(read).map(({ spanId }) => spanId));
    for (const { parentSpanId } of spansOfPage(read).slice(1)) {
      expect(ids.has(parentSpanId ?? '')).toBe(true);
    }
  });

  test('is written in pieces', async () => {
    generate(join(root, 'many'), { streams: 4, requests: 3000 });
    const pieces = new MemorySink();
    const many = await readStory({ roots: [join(root, 'many')] });
    const done = await exporter(many, pieces);
    expect(done).toEqual({ requests: 3000, spans: 12_000, leftOut: [] });
    expect(pieces.sizes.length).toBeGreaterThan(20);
    expect(spansOfPage(readPage(pieces.bytes.toString()))).toHaveLength(12_000);
  });
});
