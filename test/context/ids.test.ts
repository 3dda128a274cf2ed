import { describe, expect, test } from 'vitest';
import {
  Context,
  correlationIdTimeMs,
  mintCorrelationId,
  mintSpanId,
  parseCorrelationId,
  parseSpanId,
  traceIdOf,
} from '../../src/context/index.js';
import { pooledRandom } from '../../src/context/random.js';

describe('minted ids', () => {
  test("a context's are a correlation id's bits: the time in front, random ones behind, both spellings one value", () => {
    const context = Context.begin({
      ids: { nowMs: () => 1_700_000_000_000.7, random: (target) => target.fill(0xab) },
    });
    expect(context.traceId).toBe('018bcfe56800abababababababababab');
    expect(context.spanId).toBe('abababababababab');
    expect(correlationIdTimeMs(context.correlationId)).toBe(1_700_000_000_000);
    expect(traceIdOf(context.correlationId)).toBe(context.traceId);
    const seen = new Set(Array.from({ length: 10_000 }, () => Context.begin().traceId.slice(12)));
    expect(seen.size).toBe(10_000);
  });

  test('are unique among 100,000, carry the time they were minted at, and are not in order within it', () => {
    const nowMs = 1_795_183_331_480;
    const seen = new Set<string>();
    let ascending = true;
    let previous = '';
    for (let count = 0; count < 100_000; count += 1) {
      const id = mintCorrelationId({ nowMs: () => nowMs });
      if (id < previous) ascending = false;
      previous = id;
      seen.add(id);
    }
    expect(seen.size).toBe(100_000);
    expect(ascending).toBe(false);
    for (const id of [...seen].slice(0, 1000)) {
      expect(parseCorrelationId(id)).toBe(id);
      expect(correlationIdTimeMs(id as never)).toBe(1_795_183_331_480);
      expect(traceIdOf(id as never).slice(0, 12)).toBe('01a1f943c898');
    }
  });

  test('take their time from the wall clock', () => {
    const before = Date.now();
    const timeMs = correlationIdTimeMs(mintCorrelationId());
    expect(timeMs).toBeGreaterThanOrEqual(before);
    expect(timeMs).toBeLessThanOrEqual(Date.now());
  });

  test('of spans are unique among 100,000', () => {
    const seen = new Set(Array.from({ length: 100_000 }, () => mintSpanId()));
    expect(seen.size).toBe(100_000);
    for (const id of [...seen].slice(0, 1000)) expect(parseSpanId(id)).toBe(id);
  });

  test('are never all zero, whatever the source of randomness returns', () => {
    const zero = { nowMs: () => 0, random: (target: Uint8Array) => target.fill(0) };
    expect(mintSpanId(zero)).toBe('0000000000000001');
    expect(mintCorrelationId(zero)).toBe('00000000010000000000000000');
  });

  test('are minted by a computer that believes it is before 1970', () => {
    const id = mintCorrelationId({ nowMs: () => -1 });
    expect(id.slice(0, 10)).toBe('0000000001');
  });

  test('use each of the 80 bits', () => {
    const ones = { nowMs: () => 0, random: (target: Uint8Array) => target.fill(0xff) };
    expect(mintCorrelationId(ones)).toBe('0000000001ZZZZZZZZZZZZZZZZ');
    const counts = new Map<string, number>();
    for (let round = 0; round < 4000; round += 1) {
      for (const character of mintCorrelationId().slice(10)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    // 64,000 characters over an alphabet of 32: 2000 each, with a standard deviation of 44.
    expect(counts.size).toBe(32);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(400);
  });
});

describe('the pool of random bytes', () => {
  test('never hands out the same bytes twice, whatever sizes are asked for', () => {
    const seen = new Set<string>();
    let asked = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const target = pooledRandom(new Uint8Array([8, 16, 10][round % 3] ?? 8));
      // Windows of eight bytes: an overlap of two draws at any offset would repeat one.
      for (let start = 0; start + 8 <= target.length; start += 1) {
        seen.add(Buffer.from(target.subarray(start, start + 8)).toString('latin1'));
        asked += 1;
      }
    }
    expect(seen.size).toBe(asked);
  });

  test('fills targets that are larger than itself', () => {
    const target = pooledRandom(new Uint8Array(100_000));
    for (let start = 0; start < target.length; start += 1000) {
      expect(target.subarray(start, start + 1000).some((byte) => byte !== 0)).toBe(true);
    }
  });
});

describe('a context', () => {
  test('mints nothing until an id is asked for', () => {
    let asked = 0;
    const random = (target: Uint8Array): Uint8Array => {
      asked += 1;
      return target.fill(asked);
    };
    const context = Context.begin({ ids: { random } });
    expect(context.isMinted).toBe(false);
    expect(asked).toBe(0);
    expect(context.correlationId).toBe(context.correlationId);
    expect(asked).toBe(1);
    expect(context.isMinted).toBe(true);
    expect(context.spanId).toBe(context.spanId);
    expect(asked).toBe(2);
  });

  test('gives its children its trace and its span as their parent, but not its links', () => {
    const link = Context.begin().asLink();
    const root = Context.begin({ origin: { front: 'cli' }, links: [link] });
    const child = root.child();
    expect(root.isRoot).toBe(true);
    expect(child.isRoot).toBe(false);
    expect(child.correlationId).toBe(root.correlationId);
    expect(child.parentSpanId).toBe(root.spanId);
    expect(child.spanId).not.toBe(root.spanId);
    expect(child.origin).toEqual({ front: 'cli' });
    expect(root.links).toEqual([link]);
    expect(child.links).toEqual([]);
  });

  test('gives a sibling the same cause and a span of its own', () => {
    const child = Context.begin().child();
    const sibling = child.sibling();
    expect(sibling.correlationId).toBe(child.correlationId);
    expect(sibling.parentSpanId).toBe(child.parentSpanId);
    expect(sibling.spanId).not.toBe(child.spanId);
    const root = Context.begin();
    expect(root.sibling().parentSpanId).toBeUndefined();
    expect(root.sibling().traceId).toBe(root.traceId);
  });
});
