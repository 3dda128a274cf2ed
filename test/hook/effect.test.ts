import { describe, expect, it } from 'vitest';
import { effectPayload } from '../../src/hook/effect.js';

const abc = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  bytes: 3,
};
const empty = {
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  bytes: 0,
};

describe('effect.applied', () => {
  it('hashes content, accepts ready hashes, and reads null as absent', () => {
    expect(effectPayload('a.ts', { before: null, after: 'abc' }, '/p')).toEqual({
      path: '/p/a.ts',
      change: 'created',
      before: null,
      after: abc,
    });
    expect(
      effectPayload('/q/a.ts', { before: new TextEncoder().encode('abc'), after: empty }, '/p'),
    ).toEqual({ path: '/q/a.ts', change: 'modified', before: abc, after: empty });
  });

  it.each([
    [null, 'abc', 'created'],
    ['abc', null, 'deleted'],
    ['abc', abc, 'unchanged'],
    [null, null, 'unchanged'],
    ['', 'abc', 'modified'],
    ['abd', 'abc', 'modified'],
  ] as const)('from %j to %j is %s', (before, after, change) => {
    expect(effectPayload('/a', { before, after }, '/')).toMatchObject({ change });
  });

  it('makes relative paths and file URLs absolute', () => {
    expect(effectPayload('../x/a', { before: null, after: null }, '/p/q')).toMatchObject({
      path: '/p/x/a',
    });
    expect(
      effectPayload(new URL('file:///p/a%20b.ts'), { before: null, after: null }, '/'),
    ).toMatchObject({ path: '/p/a b.ts' });
    expect(effectPayload('file:///p/a.ts', { before: null, after: null }, '/')).toMatchObject({
      path: '/p/a.ts',
    });
  });

  it('leaves out a state it cannot read: unknown is not absent', () => {
    const bad = { sha256: 'ABC', bytes: 3 };
    expect(effectPayload('/a', { before: bad, after: abc }, '/')).toEqual({
      path: '/a',
      change: 'modified',
      after: abc,
    });
  });
});
