/** Cuts a file into lines with bounded memory, forwards in chunks. Never reads past the size it was told. */
import type { OpenFile } from './read-port.js';

export interface RawLine {
  /** Without its newline. Valid until the next step. Empty when the line is longer than `lineBytesMax`. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** With its newline. */
  readonly length: number;
  /** False for what stands after the last newline. */
  readonly isEnded: boolean;
  /** Nothing but newlines: `length` of them. */
  readonly isBlank: boolean;
}

export const chunkBytes: number = 1024 * 1024;
/** A longer line is not a record; it is skipped without being held. */
export const lineBytesMax: number = 16 * 1024 * 1024;
const newline = 10;
const nothing = Buffer.alloc(0);

/** The lines of a file's first `size` bytes, a chunk's worth at a time. */
export async function* readLines(
  file: OpenFile,
  size: number,
): AsyncGenerator<readonly RawLine[], void, undefined> {
  let carry: Buffer = nothing;
  let carryOffset = 0;
  /** Bytes of a line too long to hold that were let go already. */
  let skipped = 0;
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(size, 1)));
  for (let position = 0; position < size;) {
    const wanted = Math.min(chunk.length, size - position);
    const count = await file.read(chunk.subarray(0, wanted), position);
    if (count === 0) break;
    const lines: RawLine[] = [];
    let start = 0;
    for (;;) {
      const at = chunk.indexOf(newline, start);
      if (at === -1 || at >= count) break;
      if (carry.length > 0 || skipped > 0) {
        const bytes = skipped > 0 ? nothing : Buffer.concat([carry, chunk.subarray(0, at)]);
        const length = skipped + carry.length + at + 1;
        lines.push({ bytes, offset: carryOffset, length, isEnded: true, isBlank: false });
        carry = nothing;
        skipped = 0;
        start = at + 1;
      } else if (at === start) {
        // Padding comes by the megabyte: a run of newlines is one item.
        let end = at + 1;
        while (end < count && chunk[end] === newline) end += 1;
        const offset = position + start;
        lines.push({ bytes: nothing, offset, length: end - start, isEnded: true, isBlank: true });
        start = end;
      } else {
        const bytes = chunk.subarray(start, at);
        const length = at + 1 - start;
        lines.push({ bytes, offset: position + start, length, isEnded: true, isBlank: false });
        start = at + 1;
      }
    }
    if (carry.length === 0 && skipped === 0) carryOffset = position + start;
    carry = Buffer.concat([carry, chunk.subarray(start, count)]);
    if (carry.length > lineBytesMax) {
      skipped += carry.length;
      carry = nothing;
    }
    position += count;
    if (lines.length > 0) yield lines;
  }
  const length = skipped + carry.length;
  if (length > 0) {
    yield [{ bytes: carry, offset: carryOffset, length, isEnded: false, isBlank: false }];
  }
}
