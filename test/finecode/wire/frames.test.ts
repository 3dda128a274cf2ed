/** FineCode's frames, cut at every byte, and what is told of a message with Python's words in it. */
import { describe, expect, it } from 'vitest';
import { exactFrames } from '../../../adapters/finecode/exact-frames.js';
import { membersAt, readPython } from '../../../src/protocol/index.js';

const first = 'Content-Length: 8\r\n\r\n{"a": 1}';
const second = 'Content-Length: 2\r\n\r\n{}';

/** The pieces of these chunks: messages as they are, all else in brackets. */
function cut(chunks: readonly string[], messageBytesMax = 100): readonly string[] {
  let strange = 0;
  const cutter = exactFrames(() => {
    strange += 1;
  }).cutter({ messageBytesMax, oversize: () => undefined });
  const pieces = [...chunks.flatMap((chunk) => cutter.push(Buffer.from(chunk))), ...cutter.end()];
  expect(strange).toBeLessThanOrEqual(1);
  expect(pieces.map(({ bytes }) => Buffer.from(bytes).toString()).join('')).toBe(chunks.join(''));
  return pieces.map((piece) =>
    piece.kind === 'message'
      ? Buffer.from(piece.body).toString()
      : `[${Buffer.from(piece.bytes).toString()}]`,
  );
}

describe('two frames', () => {
  it('are two messages wherever the chunk ends', () => {
    const wire = first + second;
    for (let at = 0; at <= wire.length; at += 1) {
      expect(cut([wire.slice(0, at), wire.slice(at)])).toEqual(['{"a": 1}', '{}']);
    }
    expect(cut(Array.from(wire))).toEqual(['{"a": 1}', '{}']);
  });

  it('of which the second is strange are one, and what follows is not looked at, in any chunk', () => {
    const strange = 'content-length: 2\r\n\r\n{}';
    expect(cut([first, strange, second, first])).toEqual([
      '{"a": 1}',
      `[${strange}]`,
      `[${second}]`,
      `[${first}]`,
    ]);
  });

  it('of which the first is over the limit are one, and the first goes on as it comes', () => {
    expect(cut([first.slice(0, 23), first.slice(23) + second], 7)).toEqual([
      `[${first.slice(0, 23)}]`,
      `[${first.slice(23)}]`,
      '{}',
    ]);
    expect(cut([first], 8)).toEqual(['{"a": 1}']);
  });

  it('of which the second breaks off are one and its beginning', () => {
    expect(cut([first + second.slice(0, -1)])).toEqual(['{"a": 1}', `[${second.slice(0, -1)}]`]);
  });
});

describe('a message with NaN and Infinity', () => {
  it('is read as one without, and its places are the same', () => {
    const text =
      '{"id": 1, "method": "m", "params": {"NaN": NaN, "b": [-Infinity, "Infinity\\"NaN"], "c": 1.0}}';
    const { found, read } = readPython(Buffer.from(text));
    expect([found.kind, found.method, read.length]).toEqual(['request', 'm', text.length]);
    const start = typeof found.params === 'object' ? found.params.start - 1 : 0;
    const members = [...membersAt(read, start)].map(([key, span]) => [
      key,
      text.slice(span.start, span.end),
    ]);
    expect(members).toEqual([
      ['NaN', 'NaN'],
      ['b', '[-Infinity, "Infinity\\"NaN"]'],
      ['c', '1.0'],
    ]);
  });

  it.each(['{"id": 1, "method": "m", "params": {"a": nan}}', '{"a": NaN', 'NaN', '"Infinity'])(
    'is no message when it is none otherwise: %s',
    (text) => {
      expect(readPython(Buffer.from(text)).found.kind).toBe('other');
    },
  );
});

describe('the members of an object', () => {
  it.each([
    ['{"a": 1, "b": {"c": 2}, "a": 3}', { a: '3', b: '{"c": 2}' }],
    ['{"\\u0061": 1}', { a: '1' }],
    ['{}', {}],
    ['[1]', {}],
    ['{"a": 1, "b"', { a: '1' }],
    ['', {}],
  ])('of %s', (text, expected) => {
    const members = membersAt(Buffer.from(text));
    const read = Object.fromEntries(
      [...members].map(([key, { start, end }]) => [key, text.slice(start, end)]),
    );
    expect(read).toEqual(expected);
  });

  it('are 4096 at most', () => {
    const text = `{${Array.from({ length: 5000 }, (_, index) => `"k${index}":0`).join(',')}}`;
    expect(membersAt(Buffer.from(text)).size).toBe(4096);
  });
});
