import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  corpusCounts,
  corpusSpans,
  readExportCorpus,
  spansOf,
  writeExportCorpus,
} from '../support/export-corpus.js';

const root = mkdtempSync(join(tmpdir(), 'tl-export-'));
writeExportCorpus(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the corpus is read as the spans that it was written to have', async () => {
  const story = await readExportCorpus(root);
  expect(spansOf(story)).toEqual(corpusSpans);
  expect({
    requests: story.requests.length,
    records: story.truth.records,
    effects: [...story.requests].reduce((sum, { effects }) => sum + effects, 0),
    streams: story.streams.length,
  }).toEqual(corpusCounts);
});
