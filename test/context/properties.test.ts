/** Properties that hold for every value, found by fast-check; the vectors hold the named cases. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Context,
  HybridClock,
  correlationIdOf,
  extract,
  extractEnv,
  extractHeaders,
  extractMessage,
  extractOtel,
  formatTracestate,
  hlcAt,
  hlcMicroseconds,
  inject,
  injectEnv,
  parseCorrelationId,
  parseHlc,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  parseTracestate,
  stampMessage,
  traceIdOf,
  type Link,
  type OtelApi,
  type RemoteContext,
  type SpanId,
  type TraceId,
} from '../../src/context/index.js';
import { formatMember, parseLinks, parseMember } from '../../src/context/member.js';

const bits = (count: bigint): fc.Arbitrary<bigint> => fc.bigInt(1n, (1n << count) - 1n);
const traceId = bits(128n).map((value) => value.toString(16).padStart(32, '0') as TraceId);
const spanId = bits(64n).map((value) => value.toString(16).padStart(16, '0') as SpanId);
const link = fc.record({ traceId, spanId }) as fc.Arbitrary<Link>;
const key = fc
  .stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,20}$/)
  .filter((text) => text !== 'tl' && text !== 'tl-links');
const value = fc.stringMatching(
  /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,20}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/,
);
const tracestate = fc.uniqueArray(fc.record({ key, value }), {
  maxLength: 30,
  selector: (member) => member.key,
});
/** Text that travels unchanged: nothing that is cleaned, short enough to need no cut. */
const said = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', ' ', ';', '=', ',', '%', '/', '+', 'é', '😀'),
  minLength: 1,
  maxLength: 3,
});
const origin = fc.record(
  { front: fc.constantFrom('cli', 'lsp', 'a;b', 'é'), method: said, name: said, client: said },
  { requiredKeys: ['front'] },
);
const remote = fc
  .record(
    {
      traceId,
      spanId,
      flags: fc.integer({ min: 0, max: 3 }),
      tracestate,
      links: fc.uniqueArray(link, { maxLength: 5, selector: (one) => one.traceId + one.spanId }),
      origin,
      baggage: fc.stringMatching(/^[\x20-\x7e]{1,40}$/),
    },
    { requiredKeys: ['traceId', 'spanId', 'flags', 'tracestate', 'links'] },
  )
  .map((fields) => fields as RemoteContext);

describe('the two spellings of a correlation id', () => {
  test('are a bijection over all non-zero 128-bit values', () => {
    fc.assert(
      fc.property(bits(128n), (number) => {
        const hex = parseTraceId(number.toString(16).padStart(32, '0'))!;
        const ulid = correlationIdOf(hex);
        expect(parseCorrelationId(ulid)).toBe(ulid);
        expect(traceIdOf(ulid)).toBe(hex);
      }),
      { numRuns: 2000 },
    );
  });

  test('sort alike', () => {
    fc.assert(
      fc.property(traceId, traceId, (one, other) => {
        expect(correlationIdOf(one) < correlationIdOf(other)).toBe(one < other);
      }),
    );
  });
});

describe('a carrier', () => {
  test('gives back what was put into it, through each form', () => {
    fc.assert(
      fc.property(remote, (given) => {
        const context = Context.begin({ remote: given });
        const expected = {
          traceId: given.traceId,
          spanId: context.spanId,
          flags: given.flags,
          tracestate: given.tracestate,
          links: given.links,
          ...(given.origin === undefined ? {} : { origin: given.origin }),
          ...(given.baggage === undefined ? {} : { baggage: given.baggage }),
        };
        const request = { jsonrpc: '2.0', id: 1, method: 'actions/run', params: { a: 1 } };
        const read = [
          extract(inject(context)),
          extractHeaders(inject(context)),
          extractEnv(injectEnv(context)),
          extractMessage(stampMessage(request, context)),
          extractMessage(stampMessage(request, context, 'params-meta')),
        ];
        for (const one of read) {
          expect(parseHlc(one?.hlc)).toBeDefined();
          const { hlc: _, ...rest } = one!;
          expect(rest).toEqual(expected);
        }
        const { traceId: trace, spanId: span, flags } = expected;
        const finecode = extractMessage(stampMessage(request, context, 'finecode'));
        expect(finecode).toEqual({
          traceId: trace,
          spanId: span,
          flags,
          tracestate: [],
          links: [],
        });
        const w3c = extractMessage(stampMessage(request, context, 'w3c'));
        expect(w3c).toMatchObject({ traceId: trace, spanId: span, links: given.links });
      }),
    );
  });

  test('loses only the oldest members where ours leave no room', () => {
    const full = Array.from({ length: 32 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    const base = { traceId: '1'.repeat(32) as TraceId, spanId: '2'.repeat(16) as SpanId, flags: 1 };
    const context = Context.begin({ remote: { ...base, tracestate: full, links: [] } });
    const read = extract(inject(context))!;
    expect(read.hlc).toBeDefined();
    expect(read.tracestate).toEqual(full.slice(0, 31));

    const large = full
      .slice(0, 31)
      .map(({ key: name }) => ({ key: name.padEnd(8, '_'), value: 'x'.repeat(256) }));
    const next = extract(
      inject(Context.begin({ remote: { ...base, tracestate: large, links: [] } })),
    );
    expect(next?.hlc).toBeDefined();
    expect(next?.tracestate).toEqual(large.slice(0, 30));
  });

  test('never holds a member of ours twice, wherever the vendors’ list came from', () => {
    const context = Context.begin({
      remote: {
        traceId: '1'.repeat(32) as TraceId,
        spanId: '2'.repeat(16) as SpanId,
        flags: 1,
        tracestate: [
          { key: 'tl', value: 'stale' },
          { key: 'tl-links', value: 'stale' },
          { key: 'rojo', value: '1' },
        ],
        links: [],
      },
    });
    expect(inject(context).tracestate).toMatch(/^tl=[0-9A-Z]{13},rojo=1$/);
  });
});

/** Objects that answer with an exception, at every depth an extractor looks at. */
function hostile(): unknown[] {
  const thrower = {
    get(): never {
      throw new Error('hostile');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error('hostile');
      },
      ownKeys: () => {
        throw new Error('hostile');
      },
    },
  );
  const getters = Object.defineProperties(
    {},
    Object.fromEntries(
      ['_meta', 'method', 'params', 'traceparent', 'tracestate', 'get', 'TRACEPARENT'].map(
        (name) => [name, { ...thrower, enumerable: true }],
      ),
    ),
  );
  const polluting = JSON.parse(
    '{"__proto__":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},"constructor":{"prototype":{}}}',
  ) as unknown;
  const leaves = [revoked.proxy, proxy, getters, polluting, Symbol('s'), 1n, () => 1, Number.NaN];
  return [
    ...leaves,
    ...leaves.flatMap((leaf) => [
      { _meta: leaf },
      { params: leaf },
      { params: { _meta: leaf } },
      { traceparent: leaf, tracestate: leaf, baggage: leaf },
      { get: () => leaf },
      { traceparent: [leaf], tracestate: [leaf, leaf] },
      { TRACEPARENT: leaf },
    ]),
  ];
}

const readers: Readonly<Record<string, (input: unknown) => unknown>> = {
  extract,
  extractHeaders,
  extractMessage,
  extractEnv: (input) => extractEnv(input as Readonly<Record<string, string>>),
  extractOtel: (input) => extractOtel(input as OtelApi),
  parseCorrelationId,
  parseHlc,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  parseTracestate,
};

describe('nothing that is read can throw', () => {
  test.each(Object.entries(readers))('%s, given any value', (_, read) => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (input) => {
        read(input);
      }),
      { numRuns: 500 },
    );
    for (const input of [...hostile(), undefined, null]) expect(read(input)).toBeUndefined();
  });

  test.each(Object.entries(readers))('%s, given any bytes as text', (_, read) => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.string({ unit: 'binary', maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, (input) => {
        read(input);
        read({ traceparent: input, tracestate: input, baggage: input });
        read({ _meta: input, params: { _traceparent: input } });
      }),
      { numRuns: 500 },
    );
  });

  test('members of ours, given any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        parseMember(text);
        parseLinks(text);
      }),
    );
  });

  test('and stamping never does, nor changes the message it was given', () => {
    const context = Context.begin();
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything(), { maxKeys: 5 }),
        fc.constantFrom('meta', 'w3c', 'params-meta', 'finecode'),
        (fields, form) => {
          const message = Object.freeze({ ...fields, method: 'actions/run' });
          stampMessage(message, context, form as 'meta');
        },
      ),
    );
    for (const one of hostile()) {
      if (typeof one === 'object' && one !== null) {
        expect(stampMessage(one, context, 'params-meta')).toBe(one);
      }
    }
  });

  test('and stamping leaves alone what writes itself out', () => {
    const params = { secret: 1, toJSON: () => ({ shown: 1 }) };
    const message = { method: 'actions/run', params };
    expect(stampMessage(message, Context.begin(), 'params-meta')).toBe(message);
    expect(stampMessage(message, Context.begin(), 'finecode')).toBe(message);
    const whole = { method: 'm', toJSON: () => ({}) };
    expect(stampMessage(whole, Context.begin(), 'meta')).toBe(whole);
    expect(stampMessage(whole, Context.begin(), 'w3c')).toBe(whole);
  });

  test('a prototype stays clean', () => {
    for (const input of hostile()) for (const read of Object.values(readers)) read(input);
    expect(({} as Record<string, unknown>)['traceparent']).toBeUndefined();
  });
});

describe('what is written is bounded', () => {
  test('tl stays within 256 characters and tracestate within 8192, whatever is said', () => {
    const anySaid = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(
        fc.record({ front: anySaid, method: anySaid, name: anySaid, client: anySaid }),
        (given) => {
          const text = formatMember(hlcAt(1), given);
          expect(text.length).toBeLessThanOrEqual(241);
          expect(parseTracestate(`tl=${text}`)).toHaveLength(1);
        },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ key, value: fc.constant('x'.repeat(256)) })), (list) => {
        const text = formatTracestate(list);
        expect(text.length).toBeLessThanOrEqual(8192);
        expect(text.split(',').length).toBeLessThanOrEqual(32);
      }),
    );
  });

  test('a megabyte of a name costs no more than its first characters', () => {
    const name = '%'.repeat(1_000_000);
    const started = performance.now();
    for (let round = 0; round < 100; round += 1) formatMember(hlcAt(1), { name });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('a tracestate full of blanks takes linear time', () => {
    const hostileText = `a=1${' '.repeat(8100)}x`;
    const started = performance.now();
    for (let round = 0; round < 100; round += 1) parseTracestate(hostileText);
    // With a quadratic trim this took several seconds.
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('the hybrid clock', () => {
  const step = fc.oneof(
    fc.record({ op: fc.constant('tick' as const) }),
    fc.record({ op: fc.constant('wall' as const), ms: fc.integer({ min: -1e9, max: 1e9 }) }),
    fc.record({ op: fc.constant('run' as const), ms: fc.double({ min: 0, max: 50, noNaN: true }) }),
    fc.record({
      op: fc.constant('merge' as const),
      us: fc.integer({ min: -1e8, max: 1e8 }),
      counter: fc.constantFrom(0, 1, 2047, 4094, 4095),
    }),
  );

  test('never runs backwards, whatever the wall clock and the peers do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let wallMs = 1_795_000_000_000;
        let monotonicMs = 0;
        const clock = new HybridClock({
          time: { wallMs: () => Math.floor(wallMs), monotonicMs: () => monotonicMs },
        });
        let last = clock.tick();
        for (const one of steps) {
          if (one.op === 'wall') wallMs += one.ms;
          else if (one.op === 'run') {
            wallMs += one.ms;
            monotonicMs += one.ms;
          } else if (one.op === 'merge') {
            const theirs = hlcAt(wallMs * 1000 + one.us, one.counter);
            const merged = clock.merge(theirs);
            const next = clock.tick();
            if (merged === 'followed') expect(next > theirs).toBe(true);
            expect(next > last).toBe(true);
            last = next;
          }
          const reading = clock.tick();
          expect(reading > last).toBe(true);
          last = reading;
        }
      }),
    );
  });

  test('is spelled so that text order is time order', () => {
    const us = fc.integer({ min: 0, max: 2 ** 52 - 1 });
    const counter = fc.integer({ min: 0, max: 4095 });
    fc.assert(
      fc.property(us, counter, us, counter, (us1, counter1, us2, counter2) => {
        const [one, other] = [hlcAt(us1, counter1), hlcAt(us2, counter2)];
        expect(hlcMicroseconds(one)).toBe(us1);
        expect(one < other).toBe(us1 < us2 || (us1 === us2 && counter1 < counter2));
      }),
    );
  });
});
