/**
 * How far newlines are written ahead. They are worth it for small flushes, of which many then find room: a flush into
 * room saves what a file that grows costs, and a byte of room costs about as much as a byte of records.
 */

/** A bigger flush writes no room behind it: it would double what is written, and few would find it. */
const flushBytesMax = 32 * 1024;
/** The first room of a file. From there it grows with the file, up to the step: a short file pays for little. */
const firstBytes = 16 * 1024;
/** Direct writes are of whole sectors, and need room up to the end of the last one. */
const blockBytes = 4096;

export interface Flush {
  /** Where it ends in the file; there is no room behind. */
  readonly end: number;
  readonly flushBytes: number;
  readonly preallocateBytes: number;
}

/** Up to where newlines are written behind that flush; 0 for none. */
export function nextPadding({ end, flushBytes, preallocateBytes }: Flush): number {
  if (preallocateBytes === 0) return 0;
  if (flushBytes > flushBytesMax || 2 * flushBytes > preallocateBytes) return 0;
  const ahead = Math.min(preallocateBytes, Math.max(firstBytes, end));
  return Math.ceil((end + ahead) / blockBytes) * blockBytes;
}
