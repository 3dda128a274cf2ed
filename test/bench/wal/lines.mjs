/** The lines of all segments under a root, as the plain loops read them: 1 MiB chunks, no check of anything. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export function segmentsUnder(root) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(root, name));
}

/** Calls `each(chunk, start, end)` for every line that is not empty; returns the bytes read. */
export function eachLine(file, each) {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  let kept = 0;
  let total = 0;
  for (;;) {
    const count = readSync(descriptor, chunk, kept, chunk.length - kept, null);
    if (count === 0) break;
    total += count;
    const filled = kept + count;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end === -1 || end >= filled) break;
      if (end > start) each(chunk, start, end);
      start = end + 1;
    }
    chunk.copy(chunk, 0, start, filled);
    kept = filled - start;
  }
  closeSync(descriptor);
  return total;
}

/** The lines as text. */
export function* readStreamLines(root) {
  for (const file of segmentsUnder(root)) {
    const lines = [];
    eachLine(file, (chunk, start, end) => lines.push(chunk.latin1Slice(start, end)));
    yield* lines;
  }
}
