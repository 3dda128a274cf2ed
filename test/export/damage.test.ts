import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exporter as csv } from '../../src/export/csv/index.js';
import { exporter as jsonl } from '../../src/export/jsonl/index.js';
import { exporter as otlp, jsonExporter } from '../../src/export/otlp/index.js';
import { correlation, RunRecords, span, StreamFile } from '../read/stream-file.js';
import { readStory } from '../../src/read/index.js';
import { collect } from './collect.js';
import { readJson, readProtobuf } from './otlp-reader.js';

const root = mkdtempSync(join(tmpdir(), 'tl-export-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const stream = new StreamFile(root, 'wm', '7F3A');
new RunRecords(stream, {
  correlationId: correlation('DAMAGED'),
  action: 'lint',
  span: 2,
  parent: 1,
})
  .accepted(0)
  .handler(1, 3, 'oxlint')
  .effect(2, 3, '/ws/a.ts', 'a'.repeat(64))
  .handlerEnd(3, 3, 'oxlint', 2)
  .completed(4, 4);
stream.seal(5).write();
const whole = readFileSync(stream.file);
const ids = new Set([span(2), span(3)]);

/** The ids of the spans in each format, which must be the same. */
async function exported(): Promise<readonly string[]> {
  const story = await readStory({ roots: [root] });
  const { bytes } = await collect(otlp, story);
  const found = readProtobuf(bytes).spans.map(({ spanId }) => spanId);
  const { text } = await collect(jsonExporter, story);
  const lines = text.split('\n').slice(0, -1);
  const inJson = lines.flatMap((line) => readJson(line).spans.map(({ spanId }) => spanId));
  expect(inJson).toEqual(found);
  expect((await collect(jsonl, story)).exported.rows).toBe(found.length);
  expect((await collect(csv, story)).exported.rows).toBe(found.length);
  return found;
}

test('a stream that is cut anywhere is exported without a span that never was', async () => {
  for (let bytes = 0; bytes <= whole.length; bytes += 61) {
    writeFileSync(stream.file, whole.subarray(0, bytes));
    for (const id of await exported()) expect(ids).toContain(id);
  }
});

test('a stream with a byte that is wrong is exported without a span that never was', async () => {
  for (let at = 0; at < whole.length; at += 61) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x04;
    writeFileSync(stream.file, bytes);
    for (const id of await exported()) expect(ids).toContain(id);
  }
});

test('a stream that has itself behind it has every span once', async () => {
  writeFileSync(stream.file, whole);
  appendFileSync(stream.file, whole);
  expect(new Set(await exported())).toEqual(ids);
  expect(await exported()).toHaveLength(2);
});
