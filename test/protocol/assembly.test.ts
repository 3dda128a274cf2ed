/** What goes on, put together: which bytes, in how many writes, and what of it is a copy. */
import { describe, expect, it } from 'vitest';
import { Assembly, inserted, type Insertion } from '../../src/protocol/assembly.js';
import { handOn, type Rewrite } from '../../src/protocol/long-body.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

class Written {
  readonly arrays: Uint8Array[] = [];
  readonly out = new Assembly((array) => this.arrays.push(array));
  get texts(): readonly string[] {
    return this.arrays.map((array) => Buffer.from(array).toString('latin1'));
  }
}

describe('an insertion', () => {
  it.each([
    [0, '<>abc'],
    [1, 'a<>bc'],
    [3, 'abc<>'],
  ])('at %i gives %s', (at, expected) => {
    expect(String(inserted(bytes('abc'), { at, text: bytes('<>') }))).toBe(expected);
    const written = new Written();
    written.out.frame(bytes('abc'), { at, text: bytes('<>') }, 0);
    written.out.flush();
    expect(written.texts).toEqual([`Content-Length: 5\r\n\r\n${expected}`]);
  });

  it('of no bytes, or into none, is no special case', () => {
    expect(String(inserted(bytes('abc'), { at: 2, text: bytes('') }))).toBe('abc');
    expect(String(inserted(bytes(''), { at: 0, text: bytes('<>') }))).toBe('<>');
  });
});

describe('short pieces', () => {
  it('become one write, in order', () => {
    const written = new Written();
    const { out } = written;
    out.header(3);
    out.add(bytes('abc'));
    out.frame(bytes('{}'), { at: 1, text: bytes('x') }, 0);
    out.whole(bytes('whole'));
    out.copy(bytes('!'));
    expect(written.texts).toEqual([]);
    out.flush();
    expect(written.texts).toEqual([
      'Content-Length: 3\r\n\r\nabcContent-Length: 3\r\n\r\n{x}Content-Length: 5\r\n\r\nwhole!',
    ]);
    out.flush();
    expect(written.arrays).toHaveLength(1);
  });

  it('with nothing before them are handed on as they are', () => {
    const written = new Written();
    const piece = bytes('abc');
    written.out.add(piece);
    expect(written.arrays).toEqual([piece]);
    expect(written.arrays[0]).toBe(piece);
  });

  it('of no bytes are no write', () => {
    const written = new Written();
    written.out.add(bytes(''));
    written.out.flush();
    expect(written.arrays).toEqual([]);
  });

  it('stay in order over more than one block', () => {
    const written = new Written();
    let expected = '';
    for (let index = 0; index < 3000; index += 1) {
      const body = `{"n":${index},"s":"${'x'.repeat(index % 97)}"}`;
      written.out.frame(bytes(body), { at: 1, text: bytes('"i":0,') }, (3000 - index) * 60);
      expected += `Content-Length: ${body.length + 6}\r\n\r\n{"i":0,${body.slice(1)}`;
    }
    written.out.flush();
    expect(written.texts.join('') === expected).toBe(true);
    // Blocks of 128 KiB, not one for each message.
    expect(written.arrays.length).toBeLessThan(8);
    for (const { length } of written.arrays) expect(length).toBeLessThanOrEqual(131_072);
  });

  it('that were copied may be changed behind', () => {
    const written = new Written();
    const text = bytes('"i":1,');
    written.out.frame(bytes('{"a":1}'), { at: 1, text }, 0);
    text.write('"i":2,');
    written.out.frame(bytes('{"a":1}'), { at: 1, text }, 0);
    text.fill('?');
    written.out.flush();
    expect(written.texts).toEqual([
      'Content-Length: 13\r\n\r\n{"i":1,"a":1}Content-Length: 13\r\n\r\n{"i":2,"a":1}',
    ]);
  });

  it('that were written are never written over', () => {
    const written = new Written();
    for (const name of ['one', 'two', 'three']) {
      written.out.whole(bytes(name));
      written.out.flush();
    }
    expect(written.texts).toEqual([
      'Content-Length: 3\r\n\r\none',
      'Content-Length: 3\r\n\r\ntwo',
      'Content-Length: 5\r\n\r\nthree',
    ]);
  });
});

describe('a long body', () => {
  it.each([
    [16_378, 1],
    [16_379, 2],
  ])('of %i bytes with six more in it takes %i writes', (length, writes) => {
    const written = new Written();
    const body = bytes(`{${'x'.repeat(length - 2)}}`);
    written.out.frame(body, { at: 1, text: bytes('"i":0,') }, 0);
    written.out.flush();
    expect(written.arrays).toHaveLength(writes);
    expect(written.texts.join('')).toBe(
      `Content-Length: ${length + 6}\r\n\r\n{"i":0,${'x'.repeat(length - 2)}}`,
    );
  });

  it('keeps what was put in far behind its beginning, too', () => {
    const written = new Written();
    const text = bytes('<1>');
    written.out.frame(bytes('x'.repeat(40_000)), { at: 20_000, text }, 0);
    text.fill('?');
    written.out.flush();
    const half = 'x'.repeat(20_000);
    expect(written.texts.join('') === `Content-Length: 40003\r\n\r\n${half}<1>${half}`).toBe(true);
  });

  it('goes on behind its header without a copy', () => {
    const written = new Written();
    const body = bytes('x'.repeat(16_385));
    written.out.whole(body);
    expect(written.arrays).toHaveLength(2);
    expect(written.arrays[1]).toBe(body);
  });
});

/** What these pieces become. */
function handedOn(pieces: readonly Uint8Array[], rewrite?: Rewrite): Written {
  const written = new Written();
  handOn(written.out, pieces, rewrite);
  written.out.flush();
  return written;
}

describe('a body in pieces', () => {
  const pieces = ['ab', 'c', 'def'].map(bytes);
  const put = (at: number): Rewrite => {
    const insertion: Insertion = { at, text: bytes('<>') };
    return () => insertion;
  };

  it('is seen whole by whoever rewrites it', () => {
    const seen: string[] = [];
    handedOn(pieces, (body) => {
      seen.push(String(body));
      return body;
    });
    expect(seen).toEqual(['abcdef']);
  });

  it.each([
    [0, '<>abcdef'],
    [1, 'a<>bcdef'],
    [2, 'ab<>cdef'],
    [3, 'abc<>def'],
    [5, 'abcde<>f'],
    [6, 'abcdef<>'],
  ])('has text at %i: %s', (at, expected) => {
    expect(handedOn(pieces, put(at)).texts).toEqual([`Content-Length: 8\r\n\r\n${expected}`]);
  });

  it('that nobody changes goes on as it came', () => {
    const expected = ['Content-Length: 6\r\n\r\nabcdef'];
    expect(handedOn(pieces).texts).toEqual(expected);
    expect(handedOn(pieces, (body) => body).texts).toEqual(expected);
  });

  it('may become other bytes', () => {
    expect(handedOn(pieces, () => bytes('other')).texts).toEqual([
      'Content-Length: 5\r\n\r\nother',
    ]);
  });

  // 64 KiB is the most that has memory of its own, 4 MiB the most in shared memory.
  it.each([65_536, 65_537, 4_194_304, 4_194_305])('is right at %i bytes', (length) => {
    const long = Buffer.alloc(length);
    for (let at = 0; at < length; at += 4) long.writeUInt32LE(at, Math.min(at, length - 4));
    const cut = length - 20_000;
    const found = handedOn([long.subarray(0, cut), long.subarray(cut)], (body) => {
      expect(body.length).toBe(length);
      expect(Buffer.compare(body, long)).toBe(0);
      return { at: 1, text: bytes('<>') };
    });
    const head = `Content-Length: ${length + 2}\r\n\r\n`;
    const expected = Buffer.concat([
      bytes(head),
      long.subarray(0, 1),
      bytes('<>'),
      long.subarray(1),
    ]);
    expect(Buffer.compare(Buffer.concat(found.arrays), expected)).toBe(0);
    // The long pieces are not copied.
    expect(found.arrays.at(-1)?.buffer).toBe(long.buffer);
  });

  it('is whole when what was written of the one before is read later', () => {
    const written = new Written();
    const text = bytes('<0>');
    for (const letter of ['a', 'b', 'c']) {
      const body = bytes(letter.repeat(100_000));
      text.write(letter, 1);
      const halves = [body.subarray(0, 50_000), body.subarray(50_000)];
      handOn(written.out, halves, () => ({ at: 40_000, text }));
    }
    written.out.flush();
    const expected = ['a', 'b', 'c'].map(
      (letter) =>
        `Content-Length: 100003\r\n\r\n${letter.repeat(40_000)}<${letter}>${letter.repeat(60_000)}`,
    );
    expect(written.texts.join('') === expected.join('')).toBe(true);
  });
});
