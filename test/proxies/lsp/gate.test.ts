/** The framing gate by itself: however the wire is cut, the same goes on. */
import { describe, expect, it } from 'vitest';
import { FramingGate, type Rewrite } from '../../../src/protocol/index.js';
import { random } from '../splice/messages.js';

interface Passed {
  readonly out: string;
  readonly stray: string;
  readonly oversize: readonly number[];
}

interface Options {
  readonly rewrite?: Rewrite;
  readonly messageBytesMax?: number;
}

function pass(chunks: readonly Uint8Array[], options: Options = {}): Passed {
  let [out, stray] = ['', ''];
  const oversize: number[] = [];
  const gate = new FramingGate({
    write: (bytes) => {
      out += Buffer.from(bytes).toString('latin1');
    },
    stray: (bytes) => {
      stray += Buffer.from(bytes).toString('latin1');
    },
    oversize: (bytes) => oversize.push(bytes),
    messageBytesMax: options.messageBytesMax ?? 1000,
    rewrite: options.rewrite,
  });
  for (const chunk of chunks) gate.push(chunk);
  gate.end();
  return { out, stray, oversize };
}

const shout = (body: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(body).toString('latin1').toUpperCase(), 'latin1');
const cases: readonly (readonly [string, string, string, string])[] = [
  ['a plain frame', 'Content-Length: 2\r\n\r\nab', 'Content-Length: 2\r\n\r\nab', ''],
  ['lower case', 'content-length:2\r\n\r\nab', 'Content-Length: 2\r\n\r\nab', ''],
  ['line feeds alone', 'Content-Length: 2\n\nab', 'Content-Length: 2\r\n\r\nab', ''],
  [
    'other headers on both sides',
    'Content-Type: x/y\r\nContent-Length: 2\r\nX-Other: 1\r\n\r\nab',
    'Content-Length: 2\r\n\r\nab',
    '',
  ],
  [
    'a line before',
    'listening\nContent-Length: 2\r\n\r\nab',
    'Content-Length: 2\r\n\r\nab',
    'listening\n',
  ],
  [
    'a text without an end before',
    'wait... Content-Length: 2\r\n\r\nab',
    'Content-Length: 2\r\n\r\nab',
    'wait... ',
  ],
  [
    'a line between two frames',
    'Content-Length: 1\r\n\r\na\nnoise\nContent-Length: 1\r\n\r\nb',
    'Content-Length: 1\r\n\r\naContent-Length: 1\r\n\r\nb',
    'noise\n',
  ],
  [
    'a body longer than its header says',
    'Content-Length: 1\r\n\r\nab\r\nContent-Length: 1\r\n\r\nc',
    'Content-Length: 1\r\n\r\naContent-Length: 1\r\n\r\nc',
    'b\r\n',
  ],
  ['no bytes', 'Content-Length: 0\r\n\r\n', 'Content-Length: 0\r\n\r\n', ''],
  [
    'a header in a body',
    'Content-Length: 21\r\n\r\nContent-Length: 5\r\n\r\n',
    'Content-Length: 21\r\n\r\nContent-Length: 5\r\n\r\n',
    '',
  ],
  [
    'a byte order mark',
    '\u00ef\u00bb\u00bfContent-Length: 1\r\n\r\na',
    'Content-Length: 1\r\n\r\na',
    '\u00ef\u00bb\u00bf',
  ],
  ['a frame that breaks off', 'Content-Length: 5\r\n\r\nab', 'Content-Length: 5\r\n\r\nab', ''],
  ['no frame at all', 'error: no such option', '', 'error: no such option'],
];

describe.each([
  ['in one piece', (wire: Buffer) => [wire]],
  ['byte by byte', (wire: Buffer) => [...wire].map((byte) => Buffer.of(byte))],
])('%s', (_, cut) => {
  it.each(cases)('passes %s', (_name, wire, out, stray) => {
    expect(pass(cut(Buffer.from(wire, 'latin1')))).toEqual({ out, stray, oversize: [] });
  });

  it.each(cases)('passes %s also where somebody could rewrite it', (_name, wire, out, stray) => {
    const same = pass(cut(Buffer.from(wire, 'latin1')), { rewrite: (body) => body });
    expect(same).toEqual({ out, stray, oversize: [] });
  });
});

it('hands on a chunk of plain frames as the same array', () => {
  const wire = Buffer.from('Content-Length: 2\r\n\r\nabContent-Length: 1\r\n\r\nc');
  const written: Uint8Array[] = [];
  const gate = new FramingGate({
    write: (bytes) => written.push(bytes),
    stray: () => undefined,
    messageBytesMax: 10,
  });
  gate.push(wire);
  expect(written).toHaveLength(1);
  expect(written[0]).toBe(wire);
});

it('passes a body at the limit to whoever rewrites it, and one past it as it came', () => {
  const wire = Buffer.from('Content-Length: 3\r\n\r\nabcContent-Length: 4\r\n\r\nabcd');
  expect(pass([wire], { rewrite: shout, messageBytesMax: 3 })).toEqual({
    out: 'Content-Length: 3\r\n\r\nABCContent-Length: 4\r\n\r\nabcd',
    stray: '',
    oversize: [4],
  });
});

it('takes a header of 9000 characters behind the length for a stray line, and no end of the header', () => {
  const wire = Buffer.from(`Content-Length: 2\r\nX-Long: ${'z'.repeat(9000)}\r\n\r\nab`);
  const bytes = Array.from(wire, (byte) => Uint8Array.of(byte));
  for (const chunks of [[wire], bytes]) {
    const { out, stray } = pass(chunks, { rewrite: shout });
    expect(out).toBe('Content-Length: 2\r\n\r\nAB');
    expect(stray.trim().length).toBe(9008);
  }
});

it('takes 8191 bytes without a newline for a line that may come, and 8192 for none', () => {
  const strays: number[] = [];
  const gate = new FramingGate({
    write: () => undefined,
    stray: (bytes) => strays.push(bytes.length),
    messageBytesMax: 10,
  });
  gate.push(Buffer.alloc(8191, 'x'));
  expect(strays).toEqual([]);
  gate.push(Buffer.alloc(1, 'x'));
  expect(strays).toEqual([8192]);
  // The same line goes on, whatever stands in it.
  gate.push(Buffer.from('y'));
  gate.push(Buffer.from('Content-Length: 1\r\n'));
  expect(strays).toEqual([8192, 1, 19]);
});

it('passes 3000 random wires the same, however they are cut', () => {
  const seed = Date.now() % 0x7fffffff;
  const pick = random(seed);
  const parts = [
    () => {
      const body = 'x'.repeat(pick(40));
      return `Content-Length: ${body.length}\r\n\r\n${body}`;
    },
    () => 'content-length: 3\n\nabc',
    () => 'Content-Length: 2\r\nContent-Type: a/b\r\n\r\nab',
    () => 'stray line\n',
    () => 'Content-Length: nonsense\r\n',
    () => '\r\n',
    () => 'no end ',
  ];
  for (let count = 0; count < 3000; count += 1) {
    let text = '';
    while (pick(5) > 0) text += parts[pick(parts.length)]?.() ?? '';
    const wire = Buffer.from(text, 'latin1');
    const chunks: Buffer[] = [];
    for (let at = 0; at < wire.length;) {
      const end = at + 1 + pick(30);
      chunks.push(wire.subarray(at, end));
      at = end;
    }
    const options = pick(2) === 0 ? {} : { rewrite: shout };
    const say = `seed ${seed}: ${JSON.stringify(text)}`;
    expect(pass(chunks, options), say).toEqual(pass([wire], options));
  }
});

const long = (size: number, from: number): string =>
  Array.from({ length: size }, (_, index) => String.fromCharCode(97 + ((from + index) % 26))).join(
    '',
  );

const into: Rewrite = ({ length }) => ({
  at: Math.min(length, 66_000),
  text: Buffer.from('<here>'),
});

describe('a long body', () => {
  const bodies = [long(70_000, 0), long(200_000, 7), long(90_000, 11), long(65_536, 3)];
  const wire = Buffer.from(
    bodies.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`).join(''),
  );
  const cuts = [1000, 65_536, 69_999, 131_072];

  it.each(cuts)('is the same in chunks of %i bytes, with something put into it or not', (bytes) => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < wire.length; at += bytes) chunks.push(wire.subarray(at, at + bytes));
    const found = pass(chunks, { messageBytesMax: 1e6, rewrite: into });
    const expected = bodies.map((body) => `${body.slice(0, 66_000)}<here>${body.slice(66_000)}`);
    expect(
      found.out ===
        expected.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`).join(''),
    ).toBe(true);
    const same = pass(chunks, { messageBytesMax: 1e6, rewrite: (body) => body });
    expect(same.out === wire.toString('latin1')).toBe(true);
  });
});
