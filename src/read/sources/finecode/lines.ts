/**
 * The lines of a segment, with what a crash made of them: FineCode repairs no torn line, so that the next record is glued
 * to it. Reads a segment whole: FineCode's are a little over 1 MiB. Never throws for what is in the file.
 */
import { readFileSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { ThroughlineError } from '../../../context/index.js';
import { parseLine, type FineCodeRecord } from './record.js';

export type WalLine =
  | {
      readonly kind: 'record';
      readonly offset: number;
      readonly record: FineCodeRecord;
      /** JSON, also where Python wrote something else. */
      readonly text: string;
      readonly bytes: number;
      /** Of these bytes. */
      readonly crc: number;
    }
  | {
      readonly kind: 'fault';
      readonly offset: number;
      readonly bytes: number;
      /** `GLUED`: half a record with another one behind it. `TORN`: half a record at the end. `CORRUPT`: no record. */
      readonly verdict: 'GLUED' | 'TORN' | 'CORRUPT';
      readonly message: string;
    };

/** A longer line is no record. */
const lineBytesMax = 16 * 1024 * 1024;
/** FineCode begins another segment at 1 MiB; what is so much larger is not its work. */
const fileBytesMax = 512 * 1024 * 1024;
const recordStart = '{"schema_version"';

interface Window {
  readonly from: number;
  readonly to: number;
  /** Only lines with these bytes in them. */
  readonly holding?: Buffer;
}

/** What is between two offsets of a file, both at the beginning of a line or at the end. Throws what reading throws. */
export function* linesOf(
  path: string,
  { from, to, holding }: Window,
): Generator<WalLine, void, undefined> {
  const bytes = readPart(path, from, to);
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    const at = from + start;
    if (line.length > lineBytesMax) yield tooLong(at, line.length);
    else if (holding === undefined || line.includes(holding)) {
      yield* piecesOf(line, at, newline === -1);
    }
    start = end + 1;
  }
}

/** Of its own: a merge holds a part of each stream that is under way, and not the segment around it. */
function readPart(path: string, from: number, to: number): Buffer {
  const { size } = statSync(path);
  if (size > fileBytesMax) {
    throw new ThroughlineError('STREAM_UNREADABLE', `${path} is larger than 512 MiB`);
  }
  const bytes = readFileSync(path);
  return from === 0 && to >= bytes.length ? bytes : Buffer.from(bytes.subarray(from, to));
}

function tooLong(offset: number, bytes: number): WalLine {
  const message = `a line of more than ${lineBytesMax / 1024 ** 2} MiB`;
  return { kind: 'fault', offset, bytes, verdict: 'CORRUPT', message };
}

/** One line is mostly one record; a torn one has others behind it. */
function* piecesOf(
  bytes: Buffer,
  offset: number,
  isLast: boolean,
): Generator<WalLine, void, undefined> {
  const line = bytes.toString('utf8');
  const whole = parsed(line, bytes, offset);
  if (whole !== undefined) {
    yield whole;
    return;
  }
  if (bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) return;
  let start = 0;
  for (let end = nextStart(bytes, start); start < bytes.length; end = nextStart(bytes, start)) {
    const piece = bytes.subarray(start, end);
    const isEnd = end === bytes.length;
    yield (
      parsed(piece.toString('utf8'), piece, offset + start) ??
      broken(offset + start, piece.length, isEnd ? (isLast ? 'TORN' : 'CORRUPT') : 'GLUED')
    );
    start = end;
  }
}

function nextStart(bytes: Buffer, from: number): number {
  const next = bytes.indexOf(recordStart, from + 1, 'latin1');
  return next === -1 ? bytes.length : next;
}

/** FineCode writes ASCII: what cannot be decoded was damaged, wherever in the record it is. */
function parsed(line: string, bytes: Buffer, offset: number): WalLine | undefined {
  const found = line.includes('\uFFFD') ? undefined : parseLine(line);
  if (found === undefined) return undefined;
  return { kind: 'record', offset, ...found, bytes: bytes.length, crc: crc32(bytes) };
}

const messages = {
  GLUED: 'half a record, torn off by a crash, and the next record glued to it: this one is lost',
  TORN: 'ends in half a record',
  CORRUPT: 'a line that is no record',
} as const;

function broken(offset: number, bytes: number, verdict: keyof typeof messages): WalLine {
  return { kind: 'fault', offset, bytes, verdict, message: messages[verdict] };
}
