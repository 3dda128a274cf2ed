/** Reads a file from its end: its last valid record, and the highest sequence it says was durable. */
import { lineBytesMax } from './blocks.js';
import { checkLine, type Line } from '../record/line.js';
import type { OpenFile } from '../disk/read-port.js';

export interface Tail {
  /** The last valid record. */
  readonly last: Line | undefined;
  /** What the last valid first-of-a-flush record says. */
  readonly synced: number | undefined;
}

const stepBytes = 64 * 1024;
const newline = 10;

/** Looks back through the first `size` bytes until both are found. */
export async function readTail(file: OpenFile, size: number): Promise<Tail> {
  let last: Tail['last'];
  let end = size;
  /** The beginning of a line whose end was read already. */
  let carry: Buffer = Buffer.alloc(0);
  let isEnded = false;
  while (end > 0) {
    // A long line takes long steps: it is put together anew at each.
    const start = Math.max(0, end - Math.max(stepBytes, carry.length));
    const chunk = Buffer.alloc(end - start);
    await file.read(chunk, start);
    let lineEnd = chunk.length;
    for (;;) {
      if (carry.length === 0) {
        // Padding: a newline before a newline ends nothing.
        if (isEnded) while (lineEnd > 0 && chunk[lineEnd - 1] === newline) lineEnd -= 1;
      }
      const at = lineEnd === 0 ? -1 : chunk.lastIndexOf(newline, lineEnd - 1);
      if (at === -1) break;
      const bytes = Buffer.concat([chunk.subarray(at + 1, lineEnd), carry]);
      carry = Buffer.alloc(0);
      lineEnd = at;
      const line = isEnded ? checkLine(bytes) : undefined;
      isEnded = true;
      if (line === undefined) continue;
      last ??= line;
      if (line.synced !== -1) return { last, synced: line.synced };
    }
    carry = Buffer.concat([chunk.subarray(0, lineEnd), carry]);
    if (carry.length > lineBytesMax) {
      // No record: what was gathered of it is let go, and the rest of it is not looked at either.
      carry = Buffer.alloc(0);
      isEnded = false;
    }
    end = start;
  }
  const line = isEnded ? checkLine(carry) : undefined;
  last ??= line;
  return { last, synced: line === undefined || line.synced === -1 ? undefined : line.synced };
}
