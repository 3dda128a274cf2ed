/** A sealed segment of ten records: whatever is changed in it, the reader says so. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writerId } from './support/golden.js';
import { StreamWalker } from '../../src/wal/read/walker.js';
import { hasFault, tell } from './support/read-all.js';

const file = 'wal-000001.jsonl';
const sealed = new Uint8Array(
  readFileSync(fileURLToPath(new URL(`../golden/wal/sealed/${file}`, import.meta.url))),
);
const lines = Buffer.from(sealed).toString('latin1').split('\n').slice(0, -1);
/** `THROUGHLINE_ERRORS=10000000` for a long run. */
const randomErrors = Number(process.env['THROUGHLINE_ERRORS'] ?? 300_000);
/** So many of them are also read as users read. */
const readEvery = 100;

async function isSilent(content: Uint8Array): Promise<boolean> {
  return !(await hasFault(writerId, { [file]: content }));
}

/** The walk that every reader rests on, without the files around it: fast enough for many errors. */
function isSilentWalk(content: Uint8Array): boolean {
  let faults = 0;
  const fault = (): void => {
    faults += 1;
  };
  const walker = new StreamWalker(writerId, 0, { fault, record: () => undefined });
  walker.begin(
    {
      file,
      path: file,
      size: content.length,
      header: undefined,
      claim: undefined,
      isBypassed: false,
    },
    undefined,
  );
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  walker.walk({ bytes, start: 0, end: bytes.length, offset: 0, tooLongBytes: 0 });
  walker.end();
  walker.endOfStream(file, content.length);
  return faults === 0;
}

function joined(changed: readonly string[]): Uint8Array {
  return Buffer.from(`${changed.join('\n')}\n`, 'latin1');
}

/** xorshift32: the same errors in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe('in a sealed segment', () => {
  it('nothing is wrong while it is whole', async () => {
    expect(lines).toHaveLength(10);
    expect(await isSilent(sealed)).toBe(true);
  });

  it('every single flipped bit is noticed', async () => {
    const content = sealed.slice();
    let unnoticed = 0;
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      const at = bit >> 3;
      content[at] = (sealed[at] ?? 0) ^ (1 << (bit & 7));
      if (await isSilent(content)) unnoticed += 1;
      content[at] = sealed[at] ?? 0;
    }
    expect(unnoticed).toBe(0);
  }, 60_000);

  it('every dropped, repeated and swapped record is noticed', async () => {
    for (const [index, line] of lines.entries()) {
      expect(await isSilent(joined(lines.toSpliced(index, 1)))).toBe(false);
      expect(await isSilent(joined(lines.toSpliced(index, 0, line)))).toBe(false);
      for (let other = index + 1; other < lines.length; other += 1) {
        const swapped = lines.with(index, lines[other] ?? '').with(other, line);
        expect(await isSilent(joined(swapped))).toBe(false);
      }
    }
  });

  it('a record of another history in the place of any is noticed by the one after it', async () => {
    for (const [index, line] of lines.slice(0, -1).entries()) {
      const head = line
        .slice(0, -18)
        .replace('"project_path":"/home/ada', '"project_path":"/home/eve');
      const forged = `${head},"crc":"${crc32(head).toString(16).padStart(8, '0')}"}`;
      const { faults } = await tell(writerId, { [file]: joined(lines.with(index, forged)) });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(new RegExp(`^FORK .* ${index + 2}\\.\\.${index + 2}$`));
    }
  });

  it('every cut is noticed', async () => {
    for (let length = 0; length < sealed.length; length += 1) {
      const { faults } = await tell(writerId, { [file]: sealed.slice(0, length) });
      expect(faults.at(-1)).toMatch(/^UNSEALED/);
    }
  });

  it('every zeroed sector is noticed', async () => {
    for (let start = 0; start < sealed.length; start += 512) {
      const content = sealed.slice();
      content.fill(0, start, start + 512);
      expect(await isSilent(content)).toBe(false);
    }
  });

  it(`${randomErrors} random errors of several bits, and bursts, are noticed`, async () => {
    const random = generator(20_251_121);
    const content = sealed.slice();
    let unnoticed = 0;
    let changed = 0;
    for (let count = 0; count < randomErrors; count += 1) {
      content.set(sealed);
      if (count % 3 === 0) {
        const start = random(content.length);
        const end = Math.min(content.length, start + 1 + random(64));
        for (let at = start; at < end; at += 1) content[at] = random(256);
      } else {
        for (let flips = 2 + random(2); flips > 0; flips -= 1) {
          const at = random(content.length);
          content[at] = (content[at] ?? 0) ^ (1 << random(8));
        }
      }
      if (Buffer.compare(content, sealed) === 0) continue;
      changed += 1;
      if (isSilentWalk(content)) unnoticed += 1;
      if (changed % readEvery === 0 && (await isSilent(content))) unnoticed += 1;
    }
    expect(unnoticed).toBe(0);
    expect(changed).toBeGreaterThan(randomErrors * 0.99);
    expect(isSilentWalk(sealed)).toBe(true);
  }, 600_000);
});
