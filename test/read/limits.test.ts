/** The limits at a tenth of their size; `npm run bench:read` has them at full scale. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournal, type JournalItem } from '../../src/read/index.js';
import { nativeSource } from '../../src/read/sources/native-source.js';
import type { Source } from '../../src/read/sources/source.js';
import { generate, generateMany } from '../support/generate.mjs';

const fixture = fileURLToPath(new URL('./fixtures/read-all.mjs', import.meta.url));
/** Node 20 takes 135, Node 24 with its larger young generation 175. */
const mibMax = 200;
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-limits-'));
  generate(join(root, 'records'), { streams: 64, requests: 12_500, segmentBytesMax: 300_000 });
  generateMany(join(root, 'many'), { streams: 2000 });
  generate(join(root, 'few'), { streams: 16, requests: 60 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Taken {
  readonly requests?: number;
  readonly records?: number;
  readonly isOrdered?: boolean;
  readonly peakMb: number;
}

function readAll(what: 'runs' | 'records', name: string, filesMax: number): Taken {
  const command = `ulimit -n ${filesMax} && exec "$0" "$@"`;
  const argv = ['-c', command, process.execPath, fixture, what, join(root, name)];
  return JSON.parse(execFileSync('sh', argv, { encoding: 'utf8' })) as Taken;
}

/** The same streams, found in another order. */
function shuffled(source: Source, seed: number): Source {
  return {
    async list() {
      const { streams, problems } = await source.list();
      const keyed = streams.map((stream, index) => ({
        stream,
        key: ((index + 7) * seed * 7919) % 1009,
      }));
      return {
        streams: keyed.toSorted((a, b) => a.key - b.key).map(({ stream }) => stream),
        problems,
      };
    },
  };
}

async function order(source: Source): Promise<readonly string[]> {
  const found: string[] = [];
  const journal = await openJournal({ roots: [], sources: [source] });
  for await (const item of journal.items()) found.push(place(item));
  return found;
}

function place(item: JournalItem): string {
  return item.kind === 'fault'
    ? item.fault.verdict
    : `${item.entry.writerId} ${item.entry.sequence}`;
}

describe('the merge order', () => {
  it('is the same whatever order the streams are found in', async () => {
    const source = nativeSource(join(root, 'few'));
    const expected = await order(source);
    expect(expected).toHaveLength(60 * 8 + 16 * 2);
    for (let seed = 1; seed <= 10; seed += 1)
      expect(await order(shuffled(source, seed))).toEqual(expected);
  });

  it('is the same when each stream is begun as the merge comes to it', async () => {
    const found = await order(shuffled(nativeSource(join(root, 'many')), 3));
    expect(found).toEqual(await order(nativeSource(join(root, 'many'))));
    expect(found).toHaveLength(10_000);
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('a journal of', () => {
  it('100,000 records in 64 streams is listed in 200 MiB and 120 open files', () => {
    const taken = readAll('runs', 'records', 120);
    expect(taken).toMatchObject({ requests: 12_500 });
    expect(taken.peakMb).toBeLessThan(mibMax);
  });

  it('100,000 records in 64 streams is merged in 200 MiB and 120 open files', () => {
    const taken = readAll('records', 'records', 120);
    expect(taken).toMatchObject({ isOrdered: true });
    expect(taken.records).toBeGreaterThan(100_000);
    expect(taken.peakMb).toBeLessThan(mibMax);
  });

  it.each(['runs', 'records'] as const)('2,000 streams takes 120 open files for its %s', (what) => {
    const taken = readAll(what, 'many', 120);
    expect(taken).toMatchObject(
      what === 'runs' ? { requests: 2000 } : { records: 10_000, isOrdered: true },
    );
  });
});
