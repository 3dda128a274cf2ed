/** The files that are read, made once in the bench's directory, and the loops that others are compared with. */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

/** Makes a root with `make(root)` unless it is there, and returns its path. */
export function corpus(dir, name, make) {
  const root = join(dir, name);
  if (existsSync(root)) return root;
  rmSync(`${root}.part`, { recursive: true, force: true });
  make(`${root}.part`);
  renameSync(`${root}.part`, root);
  return root;
}

export function filesOf(root) {
  return readdirSync(root, { recursive: true })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(root, name))
    .sort();
}

/** JSON.parse over all lines, in one loop. */
export function parseAll(files) {
  let count = 0;
  for (const file of files) {
    const bytes = readFileSync(file);
    for (let start = 0; ;) {
      const end = bytes.indexOf(10, start);
      if (end === -1) break;
      if (typeof JSON.parse(bytes.latin1Slice(start, end)) === 'object') count += 1;
      start = end + 1;
    }
  }
  return count;
}

const block = Buffer.allocUnsafe(1024 * 1024);

/** Buffer.indexOf over all bytes, a block at a time. */
export function indexOfAll(files, text) {
  const needle = Buffer.from(text);
  let hits = 0;
  for (const file of files) {
    const fd = openSync(file, 'r');
    for (let position = 0; ;) {
      const count = readSync(fd, block, 0, block.length, position);
      if (count === 0) break;
      if (block.subarray(0, count).indexOf(needle) !== -1) hits += 1;
      position += count;
    }
    closeSync(fd);
  }
  return hits;
}

export async function timed(run) {
  const before = performance.now();
  await run();
  return performance.now() - before;
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `1.23 (1.10–1.40)`. */
export function spread(values) {
  return `${fixed(median(values))} (${fixed(Math.min(...values))}–${fixed(Math.max(...values))})`;
}

function fixed(value) {
  return value.toFixed(2);
}
