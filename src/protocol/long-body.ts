/**
 * A body that came in several chunks. To be read it is put together in memory that is used again, because new memory of
 * that size costs more than the copy; it goes on in the chunks it came in. Keeps no more than one of usual size.
 */
import type { Assembly, Insertion } from './assembly.js';

/**
 * What goes on in the place of a body: other bytes, or its own with something put in. The same array: as it came. A
 * long body must not be kept.
 */
export type Rewrite = (body: Uint8Array) => Uint8Array | Insertion;

const sharedBytesMax = 4 * 1024 * 1024;
/** Shorter ones have memory of their own. */
const ownBytesMax = 65_536;
let shared: Buffer = Buffer.alloc(0);

/** Hands on what the body in these pieces has become. */
export function handOn(
  out: Assembly,
  pieces: readonly Uint8Array[],
  rewrite: Rewrite | undefined,
): void {
  const body = together(pieces);
  const written = rewrite?.(body) ?? body;
  if (written instanceof Uint8Array && written !== body) {
    out.whole(written);
    return;
  }
  if (!(written instanceof Uint8Array)) {
    out.header(body.length + written.text.length);
    addAll(out, pieces, written);
    return;
  }
  out.header(body.length);
  for (const piece of pieces) out.add(piece);
}

function addAll(out: Assembly, pieces: readonly Uint8Array[], { at, text }: Insertion): void {
  let from = 0;
  for (const piece of pieces) {
    const cut = at - from;
    if (cut >= 0 && cut < piece.length) {
      out.add(piece.subarray(0, cut));
      out.copy(text);
      out.add(piece.subarray(cut));
    } else {
      out.add(piece);
    }
    from += piece.length;
  }
  if (at === from) out.copy(text);
}

function together(pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  if (length <= ownBytesMax || length > sharedBytesMax) return Buffer.concat(pieces, length);
  if (shared.length < length) shared = Buffer.allocUnsafeSlow(Math.min(2 * length, sharedBytesMax));
  let at = 0;
  for (const piece of pieces) {
    shared.set(piece, at);
    at += piece.length;
  }
  return shared.subarray(0, length);
}
