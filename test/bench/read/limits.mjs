import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generate, generateMany } from '../../support/generate.mjs';
import { corpus } from './corpus.mjs';

const reader = fileURLToPath(new URL('../../read/fixtures/read-all.mjs', import.meta.url));

function readAll(what, root) {
  const argv = ['-c', 'ulimit -n 256 && exec "$0" "$@"', process.execPath, reader, what, root];
  const began = performance.now();
  const taken = JSON.parse(execFileSync('sh', argv, { encoding: 'utf8' }));
  return `${taken.peakMb.toFixed(0)} MiB, ${((performance.now() - began) / 1000).toFixed(1)} s`;
}

export async function* measureLimits({ dir, scale }) {
  const records = corpus(dir, 'records', (at) =>
    generate(at, { streams: 64, requests: 125_000 * scale }),
  );
  const requests = corpus(dir, 'requests', (at) =>
    generate(at, { streams: 64, requests: 250_000 * scale, size: 'medium' }),
  );
  const many = corpus(dir, 'many', (at) => generateMany(at, { streams: 20_000 * scale }));
  for (const [name, root] of [
    ['1,000,000 records in 64 streams', records],
    ['250,000 requests', requests],
    ['20,000 streams of 5 records', many],
  ]) {
    const what = scale === 1 ? name : `${scale} × ${name}`;
    yield [`\`runs\`, ${what}, ulimit -n 256`, '≤ 256 MiB', '', readAll('runs', root)];
    yield [`\`records\`, ${what}, ulimit -n 256`, '≤ 256 MiB', '', readAll('records', root)];
  }
}
