/** Bytes as text, one character each: records are ASCII. */

interface Latin1Buffer {
  /** What `toString` calls for this encoding, and not declared; half the cost for a short text. */
  latin1Slice(start: number, end: number): string;
}

export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & Latin1Buffer).latin1Slice(start, end);
}
