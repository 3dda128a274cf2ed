import { describe, expect, it } from 'vitest';
import { parseTraceId, type TraceId } from '../../src/context/index.js';
import { compare } from '../../src/testing/compare.js';

function id(digit: string): TraceId {
  const trace = parseTraceId(digit.repeat(32));
  if (trace === undefined) throw new Error('no trace id');
  return trace;
}

const method = 'actions/run';
const made = [
  { marker: 'first', expected: id('1') },
  { marker: 'second', expected: id('2') },
  { marker: 'third', expected: undefined },
  { marker: 'fourth', expected: undefined },
];
const right = [
  { marker: 'first', actual: id('1'), method },
  { marker: 'second', actual: id('2'), method },
  { marker: 'third', actual: id('3'), method },
  { marker: 'fourth', actual: id('4'), method },
];

describe('comparing what was sent with what arrived', () => {
  it('finds nothing where every call has its own id and every other a root of its own', () => {
    expect(compare(made, right, id('e'))).toEqual([]);
  });

  it('finds nothing where one call without an id causes two messages under one root', () => {
    expect(
      compare(made, [...right, { marker: 'third', actual: id('3'), method }], id('e')),
    ).toEqual([]);
  });

  it.each([
    ['first', id('2'), { kind: 'foreign', owner: 'second', expected: id('1'), actual: id('2') }],
    ['first', id('3'), { kind: 'wrong', expected: id('1'), actual: id('3') }],
    ['first', undefined, { kind: 'lost', expected: id('1') }],
    ['first', id('e'), { kind: 'environment', expected: id('1'), actual: id('e') }],
    ['third', id('e'), { kind: 'environment', actual: id('e') }],
    ['third', id('1'), { kind: 'foreign', owner: 'first', actual: id('1') }],
    ['third', undefined, { kind: 'lost' }],
    ['fourth', id('3'), { kind: 'shared', owner: 'third', actual: id('3') }],
  ])('a message of %s with %s is %o', (marker, actual, finding) => {
    const arrived = right.map((one) => (one.marker === marker ? { ...one, actual } : one));
    expect(compare(made, arrived, id('e'))).toEqual([{ marker, method, ...finding }]);
  });

  it('judges each message of a call, not only its first', () => {
    const arrived = [...right, { marker: 'first', actual: undefined, method: 'status' }];
    expect(compare(made, arrived, undefined)).toEqual([
      { kind: 'lost', marker: 'first', expected: id('1'), method: 'status' },
    ]);
  });

  it('says of a call that nobody heard of that it was unheard, whatever its id', () => {
    expect(compare(made, right.slice(1), undefined)).toEqual([
      { kind: 'unheard', marker: 'first', expected: id('1') },
    ]);
  });
});
