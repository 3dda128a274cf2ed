/**
 * Assembles a flush: sequence, writer, `synced`, `prev` and `crc` are set here and nowhere else. The trailer has a
 * fixed form, so that a reader checks raw bytes and never re-serialised JSON. docs/format.md is normative.
 */
import { crc32 } from 'node:zlib';

/** Where a chain stands: the last record's sequence and check. */
export interface Position {
  readonly sequence: number;
  readonly crc: number;
}

export interface Assembled {
  /** Valid until the next `assemble` of the same buffer. */
  readonly bytes: Uint8Array;
  readonly end: Position;
}

/** Sequence 0: before the first record. */
export const origin: Position = { sequence: 0, crc: 0 };

/** More than a line has beside its body: schema, sequence, writer, `synced`, trailer, newline. */
const frameBytesMax = 256;
const firstBytes = 16 * 1024;
const prevKey = Buffer.from(',"prev":"', 'latin1');
const crcKey = Buffer.from('","crc":"', 'latin1');
const lineEnd = Buffer.from('"}\n', 'latin1');
const digits = Buffer.from('0123456789abcdef', 'latin1');

/** One reused buffer. Its memory is shared, so that a worker writes from it without a copy. */
export class FlushBuffer {
  #buffer: Buffer = Buffer.from(new SharedArrayBuffer(firstBytes));

  /** The lines of `bodies`, continuing `from`; the first one carries `synced`. */
  assemble(
    bodies: readonly string[],
    state: { readonly from: Position; readonly synced: number; readonly writerId: string },
  ): Assembled {
    this.#grow(bodies);
    const buffer = this.#buffer;
    const writer = `,"writer_id":"${state.writerId}"`;
    let synced = `,"synced":${state.synced}`;
    let { sequence } = state.from;
    let check = state.from.crc;
    let offset = 0;
    // This loop is half of what an append costs: one string is written per part, the rest are bytes.
    for (const body of bodies) {
      const start = offset;
      sequence += 1;
      offset += latin1(buffer, `{"schema_version":2,"sequence":${sequence}${writer}`, offset);
      offset += latin1(buffer, body, offset);
      if (synced !== '') offset += latin1(buffer, synced, offset);
      synced = '';
      offset = put(buffer, prevKey, offset);
      offset = putHex(buffer, check, offset);
      // The quote that ends `prev` is checked, the rest of this key is not.
      const checked = offset + 1;
      offset = put(buffer, crcKey, offset);
      check = crc32(buffer.subarray(start, checked));
      offset = putHex(buffer, check, offset);
      offset = put(buffer, lineEnd, offset);
    }
    return { bytes: buffer.subarray(0, offset), end: { sequence, crc: check } };
  }

  #grow(bodies: readonly string[]): void {
    let needed = 0;
    for (const body of bodies) needed += body.length + frameBytesMax;
    if (needed <= this.#buffer.length) return;
    this.#buffer = Buffer.from(new SharedArrayBuffer(2 ** Math.ceil(Math.log2(needed))));
  }
}

/** Eight lower-case hexadecimal digits. */
export function hex8(value: number): string {
  return (value + 0x1_0000_0000).toString(16).slice(1);
}

interface Latin1Buffer {
  /** What `write` calls for this encoding, and not declared; half the cost of `write` for a short string. */
  latin1Write(text: string, offset: number): number;
}

function latin1(buffer: Buffer, text: string, offset: number): number {
  return (buffer as Buffer & Latin1Buffer).latin1Write(text, offset);
}

function put(buffer: Buffer, bytes: Buffer, offset: number): number {
  for (let index = 0; index < bytes.length; index += 1) {
    buffer[offset + index] = bytes[index] ?? 0;
  }
  return offset + bytes.length;
}

function putHex(buffer: Buffer, value: number, offset: number): number {
  let rest = value;
  for (let index = offset + 7; index >= offset; index -= 1) {
    buffer[index] = digits[rest & 15] ?? 0;
    rest >>>= 4;
  }
  return offset + 8;
}
