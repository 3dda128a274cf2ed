/**
 * A body that came in several chunks, put together to be looked at and handed on in the chunks it came in. The memory
 * it is put together in is used again: new memory for each costs more than all the looking.
 */
import type { Piece } from './piece.js';

/** A shorter body is not worth it, and a longer one is not held on to. */
const keptBytesMin = 65_536;
const keptBytesMax = 4 * 1024 * 1024;

export class LongBody {
  #memory: Buffer = Buffer.alloc(0);

  /** What `rewrite` makes of the body, which it must not keep. */
  rewrite(
    chunks: readonly Uint8Array[],
    rewrite: (body: Uint8Array) => Uint8Array | readonly Piece[],
  ): Uint8Array | readonly Piece[] {
    let size = 0;
    for (const { length } of chunks) size += length;
    if (size < keptBytesMin || size > keptBytesMax) return rewrite(Buffer.concat(chunks, size));
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(keptBytesMax);
    const body = this.#memory.subarray(0, size);
    let to = 0;
    for (const chunk of chunks) {
      body.set(chunk, to);
      to += chunk.length;
    }
    const written = rewrite(body);
    const pieces = written instanceof Uint8Array ? [written] : written;
    return pieces.flatMap((piece) =>
      typeof piece === 'string' || piece.buffer !== body.buffer
        ? [piece]
        : stretch(chunks, piece.byteOffset, piece.length),
    );
  }
}

/** So many bytes of the chunks from `start` on. */
function stretch(chunks: readonly Uint8Array[], start: number, length: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let [skip, left] = [start, length];
  for (const chunk of chunks) {
    if (skip < chunk.length && left > 0) {
      const piece = chunk.subarray(skip, skip + left);
      found.push(piece);
      left -= piece.length;
    }
    skip = Math.max(0, skip - chunk.length);
  }
  return found;
}
