import { openJournal, readStory } from '../../../dist/src/read/index.js';
import { generate } from '../../support/generate.mjs';
import { corpus, filesOf, parseAll, spread, timed } from './corpus.mjs';

async function merge(root, use) {
  const journal = await openJournal({ roots: [root] });
  for await (const item of journal.items()) if (item.kind === 'entry') use(item.entry);
}

export async function* measureMerge({ dir, scale, repeats }) {
  const requests = 125_000 * scale;
  const root = corpus(dir, 'records', (at) => generate(at, { streams: 64, requests }));
  const files = filesOf(root);
  const ratios = { merged: [], parsed: [], story: [] };
  let records = 0;
  // The first round warms everybody up.
  for (let round = 0; round <= repeats; round += 1) {
    const loop = await timed(() => (records = parseAll(files)));
    const merged = await timed(() => merge(root, (entry) => entry.sequence));
    const parsed = await timed(() => merge(root, (entry) => entry.record));
    const story = await timed(() => readStory({ roots: [root] }));
    if (round === 0) continue;
    ratios.merged.push(merged / loop);
    ratios.parsed.push(parsed / loop);
    ratios.story.push(story / loop);
  }
  const of = `of ${records.toLocaleString('en')} records ÷ a JSON.parse loop`;
  yield [`merge ${of}`, '≤ 2.5', '≤ 1.5', spread(ratios.merged)];
  yield [`the same, every record parsed`, '≤ 2.5', '', spread(ratios.parsed)];
  yield [`the story (\`runs\`) ÷ the same loop`, '', '', spread(ratios.story)];
}
