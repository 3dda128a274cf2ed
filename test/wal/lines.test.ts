/** The lines of a flush are written before their place in the stream is known. */
import { describe, expect, it } from 'vitest';
import { linesOf, origin } from '../../src/wal/record/assemble.js';

const writerId = 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW';
const bodies = ['{"a":1}', '{"b":"two"}', '{"c":3}', '{"d":4}'].map((body) => `,"payload":${body}`);

function textAt(sequence: number, probable: number, writer = writerId): string {
  const from = { sequence: sequence - 1, crc: 0x0012ab };
  const lines = linesOf(bodies, writer, probable);
  return Buffer.from(lines.assemble({ from, synced: 7, writerId }).bytes).toString('latin1');
}

describe('the lines of a flush', () => {
  it('are sequenced, chained and checked when it is assembled', () => {
    const { bytes, end } = linesOf(bodies.slice(0, 2), writerId, 1).assemble({
      from: origin,
      synced: 0,
      writerId,
    });
    expect(Buffer.from(bytes).toString('latin1')).toBe(
      '{"schema_version":2,"sequence":1,"writer_id":"wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW","payload":{"a":1},"synced":0,"prev":"00000000","crc":"3cbfb6c7"}\n' +
        '{"schema_version":2,"sequence":2,"writer_id":"wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW","payload":{"b":"two"},"prev":"3cbfb6c7","crc":"fc235064"}\n',
    );
    expect(end).toEqual({ sequence: 2, crc: 0xfc235064 });
  });

  const places = [
    { sequence: 3, probable: 2 },
    { sequence: 8, probable: 8 },
    { sequence: 8, probable: 7 },
    { sequence: 9, probable: 6 },
    { sequence: 97, probable: 98 },
    { sequence: 10, probable: 2 },
    { sequence: 3, probable: 3000 },
    { sequence: 99_998, probable: 99_996 },
    { sequence: 2_147_483_646, probable: 2_147_483_640 },
  ];
  for (const { sequence, probable } of places) {
    it(`are the same at ${sequence} if ${probable} was probable`, () => {
      const text = textAt(sequence, probable);
      expect(text).toBe(textAt(sequence, sequence));
      const found = text.split('\n').slice(0, -1);
      expect(found.map((line) => JSON.parse(line).sequence)).toEqual([
        sequence,
        sequence + 1,
        sequence + 2,
        sequence + 3,
      ]);
      expect(found.map((line) => JSON.parse(line).synced)).toEqual([
        7,
        undefined,
        undefined,
        undefined,
      ]);
    });
  }

  it('are the writer’s who writes them', () => {
    expect(textAt(5, 5, 'wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEX-another')).toBe(textAt(5, 5));
  });

  it('give their bodies back, and the same bytes when they are assembled again', () => {
    const lines = linesOf(bodies, writerId, 998);
    expect(lines.bodies()).toEqual(bodies);
    const start = { from: { sequence: 997, crc: 5 }, synced: 990, writerId };
    const first = Buffer.from(lines.assemble(start).bytes);
    expect(lines.bodies()).toEqual(bodies);
    expect(Buffer.from(lines.assemble(start).bytes)).toEqual(first);
  });

  it('have room for as many as are added', () => {
    const many = Array.from({ length: 2000 }, (_, count) => `,"payload":{"count":${count}}`);
    expect(linesOf(many, writerId, 1).bodies()).toEqual(many);
  });
});
