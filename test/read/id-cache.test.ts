import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, constantFrom, oneof, property, string, type Arbitrary } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idCache } from '../../src/read/lookup/id-cache.js';
import { holds, IdKeys, keyOf } from '../../src/read/lookup/id-keys.js';
import { readRequests, walk, type Lookup } from '../../src/read/index.js';
import { listStreams, searchStream } from '../../src/wal/index.js';
import { hereWith, writtenBy } from './here.js';
import { correlation, RunRecords, StreamFile } from './stream-file.js';

let directory = '';
let root = '';
let cache = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tl-id-cache-'));
  root = join(directory, 'root');
  cache = join(directory, 'cache');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ids = ['A1B2C3D', 'B1B2C3D', 'C1B2C3D'].map(correlation);
const [id = '', other = ''] = ids;
const here = hereWith(40);
const streams: StreamFile[] = [];

/** Three sealed streams with a request each, and one that is still written. */
function write(): void {
  streams.length = 0;
  for (const [index, correlationId] of ids.entries()) {
    const stream = new StreamFile(root, 'wm', `W${index}`, { header: writtenBy(index) });
    const run = { correlationId, span: index * 10 + 2, parent: index * 10 + 1, action: 'check' };
    new RunRecords(stream, run).accepted(index * 100).completed(index * 100 + 5, 5);
    streams.push(stream.seal(900).write());
  }
  const live = new StreamFile(root, 'er', 'ZZZZ', { header: writtenBy(40) });
  new RunRecords(live, { correlationId: id, span: 50, parent: 1, action: 'lint' }).accepted(1);
  streams.push(live.write());
}

function lookUp(reference: string, cacheDirectory: string | undefined): Promise<Lookup> {
  return readRequests({ roots: [root], here, cacheDirectory, uncachedBytesMax: 1000 }, reference);
}

/** All that is said. */
async function told(reference: string, cacheDirectory?: string): Promise<unknown> {
  try {
    const { requests, story } = await lookUp(reference, cacheDirectory);
    return {
      truth: story.truth,
      faults: story.streams.map(({ faults }) => faults),
      requests: requests.map(({ correlationId, state, roots }) => [
        correlationId,
        state,
        [...walk(roots)].map(({ span }) => [span.spanId, span.state, span.why]),
      ]),
    };
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

const references = [id, 'A1B2C3D', `0${id.slice(8)}`, other, '1b2c3d', correlation('ZZZZZZZ')];
const kept = (): string[] => readdirSync(cache).map((name) => join(cache, name));

async function sameAnswers(): Promise<void> {
  for (const reference of references) {
    expect(await told(reference, cache)).toEqual(await told(reference));
  }
}

describe('what a search keeps of sealed segments', () => {
  it('says the same as a search without it, when it is made and when it is used', async () => {
    write();
    await sameAnswers();
    expect(kept()).toHaveLength(3);
    await sameAnswers();
    expect(kept()).toHaveLength(3);
  });

  it('saves reading a segment that has not got the id, and no other one', async () => {
    write();
    await lookUp(id, cache);
    const read: string[] = [];
    for (const ref of await listStreams(root)) {
      const remember: ReturnType<typeof idCache> = (segment) => {
        const memory = idCache(cache)(segment);
        return (
          memory && {
            mayHold: (text) => memory.mayHold(text),
            look: () => read.push(segment.path),
            done: () => undefined,
          }
        );
      };
      for await (const items of searchStream(ref, id, { remember })) void items;
    }
    expect(read).toEqual([streams[0]?.file]);
  });

  it.each<[string, (file: string) => void]>([
    ['cut to nothing', (file) => truncateSync(file, 0)],
    ['cut in its middle', (file) => truncateSync(file, 48)],
    ['longer than it was', (file) => appendFileSync(file, 'xxxx')],
    ['of another version', (file) => patch(file, (bytes) => bytes.write('tl-ids-0', 0))],
    ['all zeros', (file) => patch(file, (bytes) => bytes.fill(0))],
    ['that of another file', (file) => patch(file, (bytes) => bytes.fill(7, 8, 40))],
    ['of no ids', (file) => writeFileSync(file, readFileSync(file).subarray(0, 44))],
    [
      'a directory',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('costs time and no answer when a kept file is %s', async (_what, spoil) => {
    write();
    await lookUp(id, cache);
    for (const file of kept()) spoil(file);
    await sameAnswers();
  });

  it('is not believed with a bit of it flipped', async () => {
    write();
    await lookUp(other, cache);
    const files = kept();
    const whole = files.map((file) => readFileSync(file));
    const expected = await told(id);
    for (let bit = 0; bit < (whole[0]?.length ?? 0) * 8; bit += 13) {
      for (const [index, file] of files.entries()) {
        const bytes = Buffer.from(whole[index] ?? []);
        if (bit >> 3 < bytes.length) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(file, bytes);
      }
      expect(await told(id, cache)).toEqual(expected);
    }
  });

  it('is given up where it cannot be written, and never lies in a root', async () => {
    write();
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(await told(id, join(file, 'cache'))).toEqual(await told(id));
    expect(await told(id, join(root, 'cache'))).toEqual(await told(id));
    expect(await told(id, root)).toEqual(await told(id));
    expect(readdirSync(root)).toEqual(['wal']);
  });

  it('is not kept where there is little to search, nor of what is still written', async () => {
    write();
    await readRequests({ roots: [root], here, cacheDirectory: cache }, id);
    expect(existsSync(cache)).toBe(false);
    await lookUp(id, cache);
    const live = streams[3]?.file ?? '';
    appendFileSync(live, readFileSync(live, 'latin1').replaceAll(id, other));
    expect(kept()).toHaveLength(3);
    await sameAnswers();
  });

  it('hides no damage to a line with the id, from before and from after it was kept', async () => {
    write();
    harm('"action_name":"check"', '"action_name":"chick"');
    await sameAnswers();
    harm('"duration_ms":5', '"duration_ms":6');
    await sameAnswers();
    expect(await told(id, cache)).toMatchObject({ truth: { conditions: { damaged: 1 } } });
  });

  it('lets go of what was written a month ago, and of no other file', async () => {
    write();
    mkdirSync(cache);
    const [old, foreign] = [join(cache, `${'0'.repeat(64)}.ids`), join(cache, 'mine.txt')];
    for (const file of [old, foreign]) {
      writeFileSync(file, '');
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
    await lookUp(id, cache);
    expect(existsSync(old)).toBe(false);
    expect(existsSync(foreign)).toBe(true);
  });
});

function wordOf(alphabet: string, minLength: number, maxLength: number): Arbitrary<string> {
  return string({ unit: constantFrom(...alphabet.split('')), minLength, maxLength });
}

describe('the keys of a file', () => {
  const text = wordOf('0123456789ABCDEFXYZabcdefg".,:\n', 0, 300);
  const beside = wordOf('09AFaf', 0, 4);
  const needle = oneof(
    wordOf('0123456789ABCXYZ', 26, 26),
    wordOf('0123456789abcdef', 32, 32),
    wordOf('0123456789ABCXYZ', 8, 25).map((tail) => `${tail}"`),
  );

  it('has every id that stands in the bytes, wherever it stands and with damage beside it', () => {
    assert(
      property(text, beside, needle, beside, text, (before, left, sought, right, after) => {
        const bytes = Buffer.from(`${before},${left}${sought}${right},${after}\n`);
        const keys = new IdKeys();
        keys.look({ bytes, start: 0, end: bytes.length });
        const sorted = keys.sorted() ?? new Uint32Array();
        const key = keyOf(sought) ?? 0;
        // Not the end of a clock's reading: it is no id.
        const isClock = /c":"[0-9A-Z]{13}"/.test(bytes.toString());
        expect(holds(sorted, key) || isClock).toBe(true);
        expect(holds(sorted, keyOf('ZZZZZZZZZZZZZZZZZZZZZZZZZZ') ?? 0)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows nothing of what it has no keys of', () => {
    expect(keyOf('"00000000000000aa"')).toBe(undefined);
    expect(keyOf('1B2C3D"')).toBe(undefined);
    expect(keyOf('A1B2C3D"')).not.toBe(undefined);
  });
});

function harm(from: string, to: string): void {
  for (const { file } of streams.slice(0, 2)) {
    writeFileSync(file, readFileSync(file, 'latin1').replace(from, to), 'latin1');
  }
}

function patch(file: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}
