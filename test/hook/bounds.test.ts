import { describe, expect, it } from 'vitest';
import { boundPeer, boundSummary, cut, pickScalars } from '../../src/hook/bounds.js';
import { describeError, isCancellation, redactText } from '../../src/hook/failure.js';

describe('what is kept of the user’s data', () => {
  it('is cut with a marker that says how much is missing', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdefg', 6)).toBe('abcdef…[cut 1]');
    expect(cut('ab😀', 3)).toBe('ab…[cut 2]');
  });

  it('is a summary of at most 16 scalars, texts of at most 120 characters', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`m${n}`, n]));
    expect(Object.keys(boundSummary(many) ?? {})).toHaveLength(16);
    expect(boundSummary({ a: 'x'.repeat(121), b: { c: 1 }, d: [1], e: NaN, f: null })).toEqual({
      a: `${'x'.repeat(120)}…[cut 1]`,
      f: null,
    });
    expect(boundSummary({ only: {} })).toBeUndefined();
  });

  it('is taken from params by name only', () => {
    const params = { textDocument: { uri: 'file:///a.ts', text: 'secret' }, line: 4 };
    expect(pickScalars(params, ['textDocument.uri', 'line', 'textDocument', 'no.such'])).toEqual({
      'textDocument.uri': 'file:///a.ts',
      line: 4,
    });
    expect(pickScalars(null, ['a'])).toEqual({});
    expect(pickScalars({}, ['__proto__.x', 'constructor.name'])).toEqual({});
  });

  it('is of a large peer only its size', () => {
    expect(boundPeer({ transport: 'tcp', uid: 1000 })).toEqual({ transport: 'tcp', uid: 1000 });
    expect(boundPeer({ x: 'y'.repeat(3000) })).toEqual({ cut: 3008 });
    expect(boundPeer('tcp')).toBeUndefined();
  });
});

describe('an error in a record', () => {
  it('has code, class and message', () => {
    const error = Object.assign(new TypeError('no such file'), { code: 'ENOENT' });
    expect(describeError(error)).toEqual({
      code: 'ENOENT',
      class: 'TypeError',
      message: 'no such file',
    });
    expect(describeError('plain')).toEqual({ class: 'string', message: 'plain' });
    expect(describeError(undefined)).toEqual({ class: 'undefined', message: 'undefined' });
  });

  it('is at most 200 characters on one line', () => {
    expect(redactText('y '.repeat(100))).toBe('y '.repeat(100));
    expect(redactText('y '.repeat(9999)).length).toBeLessThanOrEqual(200);
    expect(redactText(`${'a b '.repeat(60)}end`)).toMatch(/^(a b ){46}…\[cut \d+\]$/);
    expect(redactText('a\r\n\u001b[31mb\u2028c')).toBe('a [31mb c');
  });

  it.each([
    ['password=hunter2 rest', 'password=[redacted] rest'],
    ['"api_key": "abc def", x', '"api_key": [redacted], x'],
    ['Authorization: Bearer abc.def', 'Authorization: [redacted] [redacted]'],
    ['sent Bearer abc.def-ghi', 'sent Bearer [redacted]'],
    ['https://me:pw@host/path', 'https://[redacted]@host/path'],
    ['used ghp_0123456789abcdef', 'used [redacted]'],
    ['digest 0123456789abcdef0123456789abcdef', 'digest [redacted]'],
    ['src/context/context.ts:14 is fine', 'src/context/context.ts:14 is fine'],
  ])('keeps no secret of %s', (message, kept) => {
    expect(redactText(message)).toBe(kept);
  });

  it('survives errors that are hostile', () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('trap');
      },
    });
    expect(describeError(hostile)).toEqual({ class: 'unreadable', message: '' });
    expect(isCancellation(hostile, true, undefined)).toBe(false);
    expect(describeError(Object.create(null))).toEqual({ class: 'unreadable', message: '' });
  });

  it('means cancelled by its JSON-RPC code always, by its name only when a cancel was asked for', () => {
    const cancelled = Object.assign(new Error('cancelled'), { code: -32800 });
    const aborted = new DOMException('aborted', 'AbortError');
    expect(isCancellation(cancelled, false, undefined)).toBe(true);
    expect(isCancellation(aborted, false, undefined)).toBe(false);
    expect(isCancellation(aborted, true, undefined)).toBe(true);
    expect(isCancellation('stop', true, 'stop')).toBe(true);
    expect(isCancellation(new Error('disk full'), true, undefined)).toBe(false);
  });
});
