/**
 * What was appended to a stream since it was last looked at. Each line is checked by itself, and its sequence against
 * the one before; whether the whole chain holds is for `verifyStream`. Opens read-only, reads a bounded part, and keeps
 * nothing open.
 */
import { join } from 'node:path';
import type { Fault } from './fault.js';
import { checkLine } from '../record/line.js';
import { segmentsOf, type StreamRef } from './list.js';
import type { PeekedLine } from './peek.js';
import type { ReadPort } from '../disk/read-port.js';
import { openIfThere } from './survey.js';

/** How far a stream was read: to the record with this sequence, or to nothing yet. */
export interface StreamPosition {
  readonly file: string;
  /** Where the next look begins: at that record or behind it. */
  readonly offset: number;
  readonly sequence: number;
}

export type AppendedItem =
  | { readonly kind: 'line'; readonly file: string; readonly line: PeekedLine }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface Appended {
  readonly items: readonly AppendedItem[];
  readonly position: StreamPosition;
  /** There may be more: look again before you wait. */
  readonly isMore: boolean;
}

const stepBytes = 1024 * 1024;
const lineBytesMax = 16 * 1024 * 1024;
const newline = 10;

/** One look. A position without a file begins with the first segment there is. */
export async function readAppended(
  ref: Pick<StreamRef, 'directory' | 'writerId'>,
  position: StreamPosition,
  port: ReadPort,
): Promise<Appended> {
  const segments = await segmentsOf(ref.directory, port);
  const file = position.file === '' ? segments[0] : position.file;
  if (file === undefined) return { items: [], position, isMore: false };
  const bytes = await readFrom(port, join(ref.directory, file), position.offset);
  const found = cut(bytes, { ...position, file });
  if (found.items.length > 0 || found.position.offset > position.offset) {
    return { ...found, isMore: true };
  }
  const next = segments.find((name) => name > file);
  if (next === undefined) return { items: [], position: found.position, isMore: false };
  return { items: [], position: { ...position, file: next, offset: 0 }, isMore: true };
}

async function readFrom(port: ReadPort, path: string, offset: number): Promise<Buffer> {
  const file = await openIfThere(port, path);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const left = (await file.size()) - offset;
    for (let step = Math.min(left, stepBytes); step > 0; step = Math.min(left, step * 4)) {
      const bytes = Buffer.allocUnsafe(step);
      const read = bytes.subarray(0, await file.read(bytes, offset));
      // A record longer than a step is read in a longer one.
      if (read.includes(newline) || step >= left || step > lineBytesMax) return read;
    }
    return Buffer.alloc(0);
  } finally {
    await file.close();
  }
}

function cut(bytes: Buffer, from: StreamPosition): Omit<Appended, 'isMore'> {
  const items: AppendedItem[] = [];
  const { file } = from;
  let { offset, sequence } = from;
  for (let start = 0; ;) {
    const end = bytes.indexOf(newline, start);
    // Half a line is being written; a newline at once is room that its writer keeps.
    if (end === -1 || end === start) break;
    const line = checkLine(bytes.subarray(start, end));
    const at = { file, offset: from.offset + start };
    if (line === undefined) {
      // Or half of a record, in room that its writer keeps: what follows says which.
      if (bytes[end + 1] === newline) break;
      const message = 'appended bytes that are no valid record';
      items.push({
        kind: 'fault',
        fault: { verdict: 'CORRUPT', ...at, bytes: end + 1 - start, message },
      });
    } else if (line.sequence > sequence) {
      if (line.sequence > sequence + 1) {
        const [first, last] = [sequence + 1, line.sequence - 1];
        const message = `records ${first} to ${last} are missing`;
        const range = { sequenceFrom: first, sequenceTo: last };
        items.push({ kind: 'fault', fault: { verdict: 'GAP', ...at, ...range, message } });
      }
      sequence = line.sequence;
      const reading = line.hlcAt;
      const hlc = reading === -1 ? '' : line.bytes.toString('latin1', reading, reading + 13);
      const { text, ts } = line;
      items.push({ kind: 'line', file, line: { sequence, offset: at.offset, text, ts, hlc } });
    }
    start = end + 1;
    offset = from.offset + start;
  }
  return { items, position: { file, offset, sequence } };
}
