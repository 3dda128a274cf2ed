import { readFileSync } from 'node:fs';
import { readRequests } from '../../../dist/src/read/index.js';
import { generate } from '../../support/generate.mjs';
import { corpus, filesOf, indexOfAll, spread, timed } from './corpus.mjs';
import { openDuckdb } from './duckdb.mjs';

export async function* measureLookup({ dir, scale, repeats }) {
  const requests = 240_000 * scale;
  const root = corpus(dir, 'gigabyte', (at) => generate(at, { streams: 64, requests }));
  const files = filesOf(root);
  const ids = idsIn(files);
  const duckdb = await openDuckdb(root);
  const ratios = { bare: [], duckdb: [] };
  for (let round = 0; round <= repeats; round += 1) {
    const id = ids[round % ids.length];
    const bare = await timed(() => indexOfAll(files, id));
    const ours = await timed(() => readRequests({ roots: [root] }, id));
    const theirs = typeof duckdb === 'string' ? Number.NaN : await timed(() => duckdb.find(id));
    if (round === 0) continue;
    ratios.bare.push(ours / bare);
    ratios.duckdb.push(ours / theirs);
  }
  yield ['one id in 1 GB ÷ a bare Buffer.indexOf', '≤ 2', '≤ 1.3', spread(ratios.bare)];
  const found = typeof duckdb === 'string' ? `not run: ${duckdb}` : spread(ratios.duckdb);
  yield ['the same ÷ DuckDB’s read_json', '< 1', '', found];
}

/** Ids from files all over the root. */
function idsIn(files) {
  const ids = [];
  for (let index = 0; index < files.length; index += Math.ceil(files.length / 7)) {
    const text = readFileSync(files[index], 'latin1');
    const id = /"correlation_id":"([^"]+)"/.exec(text.slice(text.length >> 1))?.[1];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
