/** Hashing on a thread: whatever verifying says with it, it says without it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listStreams, type StreamRef } from '../../src/wal/index.js';
import { InlineDigest } from '../../src/wal/verify/file-digest.js';
import { startHashThread, type HashThread } from '../../src/wal/verify/hash-thread.js';
import { SharedMemory } from '../../src/wal/verify/shared-memory.js';
import { ThreadedDigest } from '../../src/wal/verify/threaded-digest.js';
import { verifyWith } from '../../src/wal/verify/verify.js';
import { Random } from '../support/bytes.mjs';
import { generate } from '../support/generate.mjs';
import { hasProc } from '../support/process.js';

const built = new URL('../../dist/src/wal/index.js', import.meta.url).href;
let thread: HashThread | undefined;

async function readyThread(waitMsMax?: number): Promise<HashThread> {
  thread = startHashThread(waitMsMax);
  if (thread === undefined) throw new Error('this machine has one core only');
  const untilMs = Date.now() + 15_000;
  while (!thread.isReady && Date.now() < untilMs) await sleep(5);
  expect(thread.isReady).toBe(true);
  return thread;
}

afterEach(async () => {
  await thread?.close();
  thread = undefined;
});

describe('a digest that a thread takes', () => {
  it('is the same at every place, marked before or not, as one taken inline', async () => {
    const hashing = await readyThread();
    const random = new Random(11);
    for (let round = 0; round < 40; round += 1) {
      const marks = [random.below(5000), random.below(5000), 0, 9_999_999];
      const inline = new InlineDigest('a file', marks);
      const threaded = new ThreadedDigest('a file', marks, hashing);
      const memory = new SharedMemory();
      let offset = 0;
      for (let index = 0; index < 4; index += 1) {
        const length = 1 + random.below(2000);
        // The last block is not of shared memory.
        const bytes = memory.allocate(index === 3 ? 2_000_000 : length);
        for (let at = 0; at < length; at += 1) bytes[at] = random.below(256);
        // Once, in some rounds, a line too long was let go before.
        if (index === 2 && round % 4 === 0) offset += 10;
        const block = { bytes, start: 0, end: length, offset, tooLongBytes: 0 };
        inline.look(block);
        threaded.look(block);
        const places = [random.below(length), random.below(length), length, length + 1];
        for (const place of [...places, ...marks].toSorted((one, other) => one - other)) {
          const at = places.includes(place) ? offset + place : place;
          expect(threaded.at(at)).toBe(inline.at(at));
        }
        inline.finish();
        threaded.finish();
        offset += length;
      }
      for (const mark of [...marks, offset]) expect(threaded.at(mark)).toBe(inline.at(mark));
    }
  });
});

/** What is said with a thread, and how often it was asked. */
async function verified(ref: StreamRef, waitMsMax?: number, isDead = false) {
  const hashing = await readyThread(waitMsMax);
  let asked = 0;
  const counted: HashThread = {
    get isReady() {
      return true;
    },
    get isLost() {
      return hashing.isLost;
    },
    ask(question) {
      asked += 1;
      hashing.ask(question);
    },
    answers: () => hashing.answers(),
    close: () => hashing.close(),
  };
  if (isDead) await hashing.close();
  return { report: await verifyWith(ref, {}, () => counted), asked };
}

/** What is said without one. */
function verifiedInline(ref: StreamRef) {
  return verifyWith(ref, {}, () => undefined);
}

describe('verifying a large stream', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tl-hash-'));
    // 27 MB in 14 files, few of them lines.
    const size = { requests: 135, size: 'small', paddingBytes: 100_000 } as const;
    generate(root, { streams: 1, ...size, segmentBytesMax: 2_000_000 });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function stream(): Promise<StreamRef> {
    const [ref] = await listStreams(root);
    if (ref === undefined) throw new Error('no stream');
    return ref;
  }

  it('says with a thread what it says without one', async () => {
    const ref = await stream();
    const { report, asked } = await verified(ref);
    expect(report).toMatchObject({ faultCount: 0, sealedSegments: ref.segments.length });
    expect(report).toEqual(await verifiedInline(ref));
    expect(asked).toBeGreaterThan(ref.segments.length);
  });

  it.each([
    ['a bit in it', (bytes: Buffer) => bytes.writeUInt8((bytes[900_000] ?? 0) ^ 1, 900_000)],
    ['a digest in its seal', (bytes: Buffer) => reseal(bytes)],
  ])('finds %s', async (_, damage) => {
    const ref = await stream();
    for (const name of [ref.segments[4] ?? '', ref.segments.at(-1) ?? '']) {
      const path = join(ref.directory, name);
      const bytes = readFileSync(path);
      damage(bytes);
      writeFileSync(path, bytes);
    }
    const { report } = await verified(ref);
    expect(report.faults.map(({ verdict }) => verdict)).toContain('CORRUPT');
    expect(report).toEqual(await verifiedInline(ref));
  });

  it('goes on inline when the thread died', async () => {
    const ref = await stream();
    const { report, asked } = await verified(ref, 50, true);
    expect(report).toEqual(await verifiedInline(ref));
    expect(asked).toBe(1);
  });

  it('hashes inline where the process may start no thread', () => {
    const flag = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const code = `const wal = await import(${JSON.stringify(built)});
      const [ref] = await wal.listStreams(${JSON.stringify(root)});
      const { faultCount, sealedSegments } = await wal.verifyStream(ref);
      console.log(faultCount, sealedSegments);`;
    const argv = [flag, '--allow-fs-read=*', '--input-type=module', '--eval', code];
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const { NODE_OPTIONS: _, ...env } = process.env;
    const said = execFileSync(process.execPath, argv, { encoding: 'utf8', stdio: [...stdio], env });
    expect(said).toBe('0 14\n');
  });

  // With `ulimit -v` it depends on where the kernel puts what; half a gigabyte more was too much on the whole.
  it.skipIf(!hasProc)('takes few addresses for the thread', () => {
    const code = `import { readFileSync } from 'node:fs';
      const peakMiB = () =>
        Number(/^VmPeak:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
      const wal = await import(${JSON.stringify(built)});
      const [ref] = await wal.listStreams(${JSON.stringify(root)});
      const before = peakMiB();
      const { faultCount } = await wal.verifyStream(ref);
      console.log(faultCount, Math.round(peakMiB() - before));`;
    const argv = ['--input-type=module', '--eval', code];
    const { NODE_OPTIONS: _, ...env } = process.env;
    const said = execFileSync(process.execPath, argv, { encoding: 'utf8', env });
    const [faults, moreMiB] = said.split(' ').map(Number);
    expect(faults).toBe(0);
    // Its stack and heap, 151 in Node 24; without its limits it is 530.
    expect(moreMiB).toBeGreaterThan(10);
    expect(moreMiB).toBeLessThan(300);
  });

  it('starts no thread for a small one', async () => {
    const ref = await stream();
    for (const name of readdirSync(ref.directory).slice(3)) rmSync(join(ref.directory, name));
    const few = { ...ref, segments: ref.segments.slice(0, 3) };
    let started = 0;
    await verifyWith(few, {}, () => {
      started += 1;
      return undefined;
    });
    expect(started).toBe(0);
  });
});

/** Another character in the seal's digest, and the line's check made anew. */
function reseal(bytes: Buffer): void {
  const at = bytes.lastIndexOf('"sha256":"') + 12;
  bytes.writeUInt8(bytes[at] === 0x61 ? 0x62 : 0x61, at);
  const start = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  const end = bytes.length - 1 - ',"crc":"00000000"}'.length;
  const check = crc32(bytes.subarray(start, end)).toString(16).padStart(8, '0');
  bytes.write(check, end + ',"crc":"'.length, 'latin1');
}
