/** Bytes joined without more copies than needed. */

export const newline = 0x0a;
export const carriageReturn = 0x0d;

const empty = new Uint8Array(0);

/** A copy as a plain array; a `Buffer`'s own `slice` would share the memory. */
export function copyBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** All chunks in one; a single chunk is returned as it is. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first === undefined) return empty;
  if (chunks.length === 1) return first;
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** The same memory, with `Buffer`'s faster search. */
export function viewOf(body: Uint8Array): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
