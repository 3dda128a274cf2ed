import { closeSync, openSync, readdirSync, readSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { readStory } from '../../../dist/src/read/index.js';
import { generate, generateMany, startMsDefault } from '../../support/generate.mjs';
import { corpus, filesOf, median, spread, timed } from './corpus.mjs';

const dayMs = 86_400_000;
const tail = Buffer.allocUnsafe(4096);

/** Their names: whatever reads streams has to find them. */
function listAll(files) {
  for (const file of files) readdirSync(dirname(file));
}

/** What the promise is measured by: a stat and a small read of each old stream. */
function peekAll(files) {
  for (const file of files) {
    const { size } = statSync(file);
    const fd = openSync(file, 'r');
    readSync(fd, tail, 0, tail.length, Math.max(0, size - tail.length));
    closeSync(fd);
  }
}

export async function* measureSince({ dir, scale, repeats }) {
  const streams = 20_000 * scale;
  const root = corpus(dir, 'old', (at) => {
    generateMany(at, { streams, startMs: startMsDefault - dayMs });
    // As old as what is in them, not as old as this bench.
    const seconds = (startMsDefault - dayMs / 2) / 1000;
    for (const file of filesOf(at)) utimesSync(file, seconds, seconds);
    generate(at, { streams: 4, requests: 10 });
  });
  // The same without the old ones: what is asked for is what each of those adds.
  const fresh = corpus(dir, 'fresh', (at) => generate(at, { streams: 4, requests: 10 }));
  const files = filesOf(root);
  const since = (startMsDefault - 600_000) * 1000;
  const [ratios, whole, found, times] = [[], [], [], []];
  for (let round = 0; round <= repeats; round += 1) {
    const peeked = await timed(() => peekAll(files));
    const listed = await timed(() => listAll(files));
    let story;
    const base = await timed(() => readStory({ roots: [fresh], since }));
    const read = await timed(async () => (story = await readStory({ roots: [root], since })));
    if (story.requests.length !== 10 || story.truth.notRead !== streams)
      throw new Error('read wrong');
    if (round === 0) continue;
    ratios.push((read - base) / peeked);
    whole.push(read / peeked);
    found.push(read / (listed + peeked));
    times.push(((read - base) * 1000) / streams);
  }
  const per = `${median(times).toFixed(0)} µs a stream`;
  yield [
    '`runs --since 10m`: what old streams add ÷ a stat and a 4 KiB read of each',
    '≤ 1',
    '',
    `${spread(ratios)}, ${per}`,
  ];
  yield ['the whole of it ÷ the same', '', '', spread(whole)];
  yield ['the whole of it ÷ listing, a stat and a 4 KiB read of each', '≤ 1', '', spread(found)];
}
