import { describe, expect, it } from 'vitest';
import { paramsHash } from '../../src/hook/params-hash.js';
import { pythonJson } from '../../src/hook/python-json.js';

/** Computed once with Python 3.11: `sha256(json.dumps(json.loads(text), sort_keys=True, default=str).encode())`. */
const fromPython: readonly (readonly [string, string])[] = [
  ['{}', '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
  [
    '{"b":1,"a":[true,null,"x"]}',
    '636910e54e14b83a16db552691b843febfdd82efe731d35da1c457f0a2799892',
  ],
  [
    '{"\\uffee":1,"😀":2,"a":3}',
    '678774ae6bbf8b93c4f703924a86d5b5e725877549816fc9cb790f04a2f5d361',
  ],
  [
    '{"s":"é\\u007f\\u2028\\"\\\\/\\n\\u0001😀"}',
    '702491fdbfdf598306b4a569f9446a85c608014da937a1ffa6f3cff2dd9b98c7',
  ],
  [
    '[0.1,1e-05,0.0001,1.5e-07,1e+21,123456789.25,-0.0]',
    '7443014f1d9535319b611c789c5c397c80c8f33fedae3aa93bb3c2575a8d8986',
  ],
  [
    '{"targets":["src/a.ts"],"options":{"fix":true,"max":12}}',
    'f3f2ffb46705319e60509cb645f6e10f2175c0bdec6cc3f82586726d5349b4d2',
  ],
];

const limits = { depthMax: 3, charsMax: 30 };

describe('the params hash', () => {
  it.each(fromPython)('of %s is the one Python computes', (text, hash) => {
    expect(paramsHash(JSON.parse(text))).toBe(hash);
  });

  it('cannot tell 1.0 from 1, because JSON.parse cannot', () => {
    expect(paramsHash(JSON.parse('[1.0]'))).toBe(
      '080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22',
    );
  });

  it('is left out for a cycle, a throwing getter and a document beyond the limits', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const throws = {
      get boom(): never {
        throw new Error('boom');
      },
    };
    expect(paramsHash(cycle)).toBeUndefined();
    expect(paramsHash(throws)).toBeUndefined();
    expect(paramsHash({ text: 'x'.repeat(17 * 1024 * 1024) })).toBeUndefined();
  });
});

describe('the Python spelling of JSON', () => {
  it('has spaces after its separators, sorted keys and ASCII only', () => {
    const value = { z: 'ü', a: [1, 2.5], u: undefined, f: () => 1, d: new Date(0) };
    expect(pythonJson(value, { depthMax: 9, charsMax: 999 })).toBe(
      '{"a": [1, 2.5], "d": "1970-01-01T00:00:00.000Z", "z": "\\u00fc"}',
    );
  });

  it('stops one past its limits and not at them', () => {
    expect(pythonJson('x'.repeat(28), limits)).toHaveLength(30);
    expect(pythonJson('x'.repeat(29), limits)).toBeUndefined();
    expect(pythonJson([[[1]]], limits)).toBe('[[[1]]]');
    expect(pythonJson([[[[1]]]], limits)).toBeUndefined();
  });
});
