import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contentLengthFramer,
  frameContentLength,
  frameLine,
  lineFramer,
  type Frame,
  type Framer,
} from '../../src/protocol/index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: Uint8Array): string => new TextDecoder().decode(body);
const shown = (frames: readonly Frame[]): readonly string[] =>
  frames.map((frame) =>
    frame.kind === 'oversize' ? `oversize ${frame.bytes}` : `${frame.kind} ${text(frame.body)}`,
  );
const read = (framer: Framer, wire: string): readonly string[] => shown(framer.push(bytes(wire)));

/** Neighbouring stray bytes depend on how the wire was cut; their text does not. */
function joined(frames: readonly Frame[]): readonly string[] {
  const result: string[] = [];
  for (const line of shown(frames)) {
    const last = result.at(-1);
    if (line.startsWith('stray ') && last?.startsWith('stray ') === true) {
      result.splice(-1, 1, last + line.slice('stray '.length));
    } else {
      result.push(line);
    }
  }
  return result;
}

describe('content length', () => {
  test('writes exactly the one header that every reader understands', () => {
    expect(text(frameContentLength(bytes('{"a":"é"}')))).toBe(
      'Content-Length: 10\r\n\r\n{"a":"é"}',
    );
  });

  test.each([
    ['a plain frame', 'Content-Length: 2\r\n\r\n{}', ['message {}']],
    [
      'two frames in one chunk',
      'Content-Length: 1\r\n\r\n1Content-Length: 1\r\n\r\n2',
      ['message 1', 'message 2'],
    ],
    ['lower-case names without a space', 'content-length:2\r\n\r\n{}', ['message {}']],
    [
      'another header before',
      'Content-Type: x/y; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}',
      ['message {}'],
    ],
    ['another header behind', 'Content-Length: 2\r\nContent-Type: x/y\r\n\r\n{}', ['message {}']],
    ['lines ended by LF alone', 'Content-Length: 2\n\n{}', ['message {}']],
    [
      'characters of several bytes, counted as bytes',
      'Content-Length: 4\r\n\r\n"é"',
      ['message "é"'],
    ],
    [
      'an empty body',
      'Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\n1',
      ['message ', 'message 1'],
    ],
    [
      'a printed line before',
      'Debugger attached.\nContent-Length: 1\r\n\r\n1',
      ['stray Debugger attached.\n', 'message 1'],
    ],
    [
      'a newline behind a body',
      'Content-Length: 1\r\n\r\n1\nContent-Length: 1\r\n\r\n2',
      ['message 1', 'stray \n', 'message 2'],
    ],
    [
      'printed lines that look like headers',
      'INFO: a\nWARN: b\nContent-Length: 1\r\n\r\n1',
      ['stray INFO: a\nWARN: b\n', 'message 1'],
    ],
    [
      'a length that is no number',
      'Content-Length: many\r\n\r\nContent-Length: 1\r\n\r\n1',
      ['stray Content-Length: many\r\n\r\n', 'message 1'],
    ],
    [
      'a header inside of a body',
      'Content-Length: 19\r\n\r\nContent-Length: 1\r\n',
      ['message Content-Length: 1\r\n'],
    ],
  ])('reads %s', (_, wire, frames) => {
    expect(read(contentLengthFramer(), wire)).toEqual(frames);
    // And the same when it comes byte by byte.
    const framer = contentLengthFramer();
    const pieces = [...bytes(wire)].flatMap((byte) => framer.push(Uint8Array.of(byte)));
    expect(joined(pieces)).toEqual(frames);
    expect(framer.end()).toEqual(new Uint8Array(0));
  });

  test('hands out an unfinished frame at the end and starts over', () => {
    const framer = contentLengthFramer();
    expect(read(framer, 'Content-Length: 5\r\n\r\n{"a')).toEqual([]);
    expect(text(framer.end())).toBe('{"a');
    expect(read(framer, 'Content-Length: 2\r\n\r\n{}')).toEqual(['message {}']);
  });

  test('takes a body of exactly the limit and skips one past it without holding it', () => {
    const framer = contentLengthFramer({ frameBytesMax: 4 });
    expect(read(framer, 'Content-Length: 4\r\n\r\n1234')).toEqual(['message 1234']);
    expect(read(framer, 'Content-Length: 5\r\n\r\n12')).toEqual(['oversize 5']);
    expect(framer.end()).toHaveLength(0);
    expect(read(framer, 'Content-Length: 5\r\n\r\n12')).toEqual(['oversize 5']);
    expect(read(framer, '345Content-Length: 1\r\n\r\n1')).toEqual(['message 1']);
  });

  test('a line without an end is stray and not held for ever', () => {
    const framer = contentLengthFramer();
    const noise = 'x'.repeat(10_000);
    expect(read(framer, noise)).toEqual([`stray ${noise}`]);
    expect(read(framer, 'Content-Length: 1\r\n\r\n')).toEqual(['stray Content-Length: 1\r\n\r\n']);
    expect(read(framer, 'Content-Length: 1\r\n\r\n1')).toEqual(['message 1']);
  });

  test('any bodies, cut anywhere, come back byte for byte', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(400), { maxLength: 20 }), (list, cuts) => {
        const wire = Buffer.concat(list.map((body) => frameContentLength(body)));
        const framer = contentLengthFramer();
        const frames: Frame[] = [];
        let offset = 0;
        for (const size of [...cuts, wire.length]) {
          frames.push(...framer.push(wire.subarray(offset, offset + size)));
          offset += size;
        }
        expect(frames).toEqual(list.map((body) => ({ kind: 'message', body })));
      }),
    );
  });

  test('arbitrary bytes never throw and none is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (chunks) => {
        const framer = contentLengthFramer();
        const frames = chunks.flatMap((chunk) => framer.push(chunk));
        const rest = framer.end();
        const out = frames.reduce(
          (sum, frame) => sum + (frame.kind === 'oversize' ? 0 : frame.body.length),
          rest.length,
        );
        // Random bytes hold no header; all of them come back as stray or as the rest.
        expect(out).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
    );
  });

  test('a body of 5 MB in chunks of 64 KiB takes less than a second', () => {
    const body = new Uint8Array(5_000_000).fill(0x61);
    const wire = frameContentLength(body);
    const framer = contentLengthFramer();
    const startMs = Date.now();
    const frames: Frame[] = [];
    for (let offset = 0; offset < wire.length; offset += 65_536) {
      frames.push(...framer.push(wire.subarray(offset, offset + 65_536)));
    }
    expect(frames).toHaveLength(1);
    expect(Date.now() - startMs).toBeLessThan(1000);
  });
});

describe('lines', () => {
  test('writes a body and a newline', () => {
    expect(text(frameLine(bytes('{}')))).toBe('{}\n');
  });

  test.each([
    ['two lines', '{"a":1}\n{"b":2}\n', ['message {"a":1}', 'message {"b":2}']],
    ['lines ended by CRLF', '1\r\n2\r\n', ['message 1', 'message 2']],
    ['empty lines, which are nothing', '\n\r\n1\n\n', ['message 1']],
    ['a carriage return within a line', '1\r2\n', ['message 1\r2']],
  ])('reads %s', (_, wire, frames) => {
    expect(read(lineFramer(), wire)).toEqual(frames);
    const framer = lineFramer();
    const pieces = [...bytes(wire)].flatMap((byte) => framer.push(Uint8Array.of(byte)));
    expect(shown(pieces)).toEqual(frames);
  });

  test('hands out an unfinished line at the end', () => {
    const framer = lineFramer();
    expect(read(framer, '1\n{"a')).toEqual(['message 1']);
    expect(text(framer.end())).toBe('{"a');
  });

  test('takes a line of exactly the limit and skips one past it without holding it', () => {
    const framer = lineFramer({ frameBytesMax: 4 });
    expect(read(framer, '1234\r\n12345\n1\n')).toEqual(['message 1234', 'oversize 5', 'message 1']);
    for (let index = 0; index < 10; index += 1) expect(read(framer, '12345678')).toEqual([]);
    expect(read(framer, '9\n1\n')).toEqual(['oversize 81', 'message 1']);
  });
});
