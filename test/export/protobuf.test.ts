import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtobufWriter } from '../../src/export/encode/protobuf.js';
import {
  bytesAt,
  hexAt,
  numberAt,
  readFields,
  textAt,
  type Field,
} from '../support/protobuf-reader.js';

/** What a reader that is not ours makes of what was written. */
function written(write: (to: ProtobufWriter) => void): readonly Field[] {
  const writer = new ProtobufWriter();
  write(writer);
  return readFields(writer.finish());
}

describe('a writer of protobuf', () => {
  test('writes whole numbers up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(
          numberAt(
            written((to) => to.varint(1, value)),
            1,
          ),
        ).toBe(BigInt(value));
      }),
    );
    for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      expect(
        numberAt(
          written((to) => to.varint(1, value)),
          1,
        ),
      ).toBe(BigInt(value));
    }
  });

  test('writes 64 bits, and numbers below zero in ten bytes', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n), (value) => {
        const fields = written((to) => {
          to.varint64(1, value);
          to.fixed64(2, value);
        });
        expect(numberAt(fields, 1)).toBe(BigInt.asUintN(64, value));
        expect(numberAt(fields, 2)).toBe(BigInt.asUintN(64, value));
      }),
    );
    expect(
      numberAt(
        written((to) => to.int(3, -1)),
        3,
      ),
    ).toBe(2n ** 64n - 1n);
  });

  test('writes microseconds as nanoseconds, to the last one', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (microseconds) => {
        const fields = written((to) => to.nanoseconds(7, microseconds));
        expect(numberAt(fields, 7)).toBe(BigInt(microseconds) * 1000n);
      }),
    );
  });

  test('writes texts of every length and alphabet as UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(
          textAt(
            written((to) => to.string(15, text)),
            15,
          ),
        ).toBe(text);
      }),
    );
    for (const length of [0, 42, 43, 127, 128, 70_000]) {
      const text = '漢'.repeat(length);
      expect(
        textAt(
          written((to) => to.string(1, text)),
          1,
        ),
      ).toBe(text);
    }
  });

  test('writes ids as their bytes', () => {
    const id = '00f067aa0ba902b7';
    expect(
      hexAt(
        written((to) => to.hex(2, id)),
        2,
      ),
    ).toBe(id);
  });

  test('puts messages into messages, and keeps what stood before when it grows', () => {
    const fields = written((to) => {
      to.string(1, 'before');
      const outer = to.begin(2);
      const inner = to.begin(3);
      to.string(4, 'x'.repeat(200_000));
      to.end(inner);
      to.double(5, 0.1);
      to.fixed32(6, 2 ** 32 - 1);
      to.bool(7, true);
      to.end(outer);
      to.bytes(8, Uint8Array.of(1, 2, 3));
    });
    expect(fields.map(({ number }) => number)).toEqual([1, 2, 8]);
    expect(textAt(fields, 1)).toBe('before');
    const outer = readFields(bytesAt(fields, 2)[0] ?? new Uint8Array());
    expect(textAt(readFields(bytesAt(outer, 3)[0] ?? new Uint8Array()), 4)).toHaveLength(200_000);
    expect([numberAt(outer, 6), numberAt(outer, 7)]).toEqual([2n ** 32n - 1n, 1n]);
  });

  test('is empty after it was read, and can be written again', () => {
    const writer = new ProtobufWriter();
    writer.string(1, 'one');
    const one = writer.finish();
    writer.string(1, 'two');
    expect([textAt(readFields(one), 1), textAt(readFields(writer.finish()), 1)]).toEqual([
      'one',
      'two',
    ]);
    expect(writer.length).toBe(0);
  });
});
