/**
 * Assembles a flush: sequence, writer, `synced`, `prev` and `crc` are set here and nowhere else. The trailer has a
 * fixed form, so that a reader checks raw bytes and never re-serialised JSON. docs/format.md is normative.
 */
import { crc32 } from 'node:zlib';

/** Where a chain stands: the last record's sequence and check. */
export interface Position {
  readonly sequence: number;
  readonly crc: string;
}

export interface Assembled {
  /** Valid until the next `assemble` of the same buffer. */
  readonly bytes: Uint8Array;
  readonly end: Position;
}

/** Sequence 0: before the first record. */
export const origin: Position = { sequence: 0, crc: '00000000' };

/** More than a line has beside its body: schema, sequence, writer, `synced`, trailer, newline. */
const frameBytesMax = 256;
const firstBytes = 64 * 1024;

/** One reused buffer. Its memory is shared, so that a worker writes from it without a copy. */
export class FlushBuffer {
  #buffer: Buffer = Buffer.from(new SharedArrayBuffer(firstBytes));

  /** The lines of `bodies`, continuing `from`; the first one carries `synced`. */
  assemble(
    bodies: readonly string[],
    state: { readonly from: Position; readonly synced: number; readonly writerId: string },
  ): Assembled {
    let needed = 0;
    for (const body of bodies) needed += body.length + frameBytesMax;
    if (needed > this.#buffer.length) {
      this.#buffer = Buffer.from(new SharedArrayBuffer(2 ** Math.ceil(Math.log2(needed))));
    }
    const buffer = this.#buffer;
    let { sequence, crc } = state.from;
    let offset = 0;
    let synced = `,"synced":${state.synced}`;
    for (const body of bodies) {
      sequence += 1;
      const start = offset;
      offset += buffer.write(
        `{"schema_version":2,"sequence":${sequence},"writer_id":"${state.writerId}"${body}${synced},"prev":"${crc}"`,
        offset,
        'latin1',
      );
      crc = hex8(crc32(buffer.subarray(start, offset)));
      offset += buffer.write(`,"crc":"${crc}"}\n`, offset, 'latin1');
      synced = '';
    }
    return { bytes: buffer.subarray(0, offset), end: { sequence, crc } };
  }
}

/** Eight lower-case hexadecimal digits. */
export function hex8(value: number): string {
  return (value + 0x1_0000_0000).toString(16).slice(1);
}
