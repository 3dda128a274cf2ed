/**
 * One line, checked on its raw bytes: the fixed trailer, the check over everything before it, the fixed beginning.
 * A line that passes was written whole by a writer of this format; nothing is parsed as JSON to find that out, and no
 * string is made but the event's type: a gigabyte is read through here.
 */
import { crc32 } from 'node:zlib';

export interface Line {
  readonly sequence: number;
  readonly writerId: string;
  readonly eventType: string;
  /** The check of the record before, and its own. */
  readonly prev: number;
  readonly crc: number;
  /** The first line of a flush: the highest sequence its writer knew to be durable. */
  readonly synced: number | undefined;
}

const prefix = latin1('{"schema_version":2,"sequence":');
const writerKey = latin1(',"writer_id":"');
const tsKey = latin1('","ts":"');
const eventKey = latin1('","event_type":"');
const prevKey = latin1(',"prev":"');
const crcKey = latin1('","crc":"');
const syncedKey = latin1(',"synced":');
/** `,"prev":"8hex","crc":"8hex"}`; of it `"crc":"8hex"}` with its comma is not checked. */
const trailerChars = 36;
const uncheckedChars = 18;
const sequenceCharsMax = 16;
const quote = 0x22;
const newestWriter = { bytes: Buffer.alloc(0), text: '' };

/** The line without its newline, or `undefined` when it is not what a writer wrote. */
export function checkLine(line: Uint8Array): Line | undefined {
  const bytes = asBuffer(line);
  const trailer = bytes.length - trailerChars;
  if (trailer < prefix.length || !hasAt(bytes, prefix, 0)) return undefined;
  if (!hasAt(bytes, prevKey, trailer) || !hasAt(bytes, crcKey, trailer + 17)) return undefined;
  if (bytes[trailer + 34] !== quote || bytes[trailer + 35] !== 0x7d) return undefined;
  const prev = hexAt(bytes, trailer + 9);
  const crc = hexAt(bytes, trailer + 26);
  if (prev === -1 || crc === -1) return undefined;
  if (crc32(bytes.subarray(0, bytes.length - uncheckedChars)) !== crc) return undefined;
  let at = digitsEnd(bytes, prefix.length);
  const sequence = numberAt(bytes, prefix.length, at);
  if (sequence === 0 || at === prefix.length || !hasAt(bytes, writerKey, at)) return undefined;
  at += writerKey.length;
  const writerEnd = bytes.indexOf(quote, at);
  const writerId = writerAt(bytes, at, writerEnd);
  if (!hasAt(bytes, tsKey, writerEnd)) return undefined;
  const tsEnd = bytes.indexOf(quote, writerEnd + tsKey.length);
  if (!hasAt(bytes, eventKey, tsEnd)) return undefined;
  at = tsEnd + eventKey.length;
  const eventType = bytes.toString('latin1', at, bytes.indexOf(quote, at));
  return { sequence, writerId, eventType, prev, crc, synced: syncedBefore(bytes, trailer) };
}

/** The `ts` of a line that passed its check. Of one form within a stream, so that it compares as text. */
export function timeOf(line: Uint8Array): string {
  const bytes = asBuffer(line);
  const from = bytes.indexOf(tsKey) + tsKey.length;
  return bytes.toString('latin1', from, bytes.indexOf(quote, from));
}

/** The text of a line: records are ASCII. */
export function textOf(line: Uint8Array): string {
  return asBuffer(line).toString('latin1');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function hasAt(bytes: Buffer, expected: Buffer, at: number): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[at + index] !== expected[index]) return false;
  }
  return true;
}

/** Eight lower-case hexadecimal digits, or -1. */
function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = at; index < at + 8; index += 1) {
    const code = bytes[index] ?? 0;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && !(code >= 0x61 && code <= 0x66)) return -1;
    value = value * 16 + (isDigit ? code - 0x30 : code - 0x57);
  }
  return value;
}

function isDigitAt(bytes: Buffer, at: number): boolean {
  const code = bytes[at] ?? 0;
  return code >= 0x30 && code <= 0x39;
}

/** Where the digits from `at` on end; no further than a sequence may be long. */
function digitsEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end < at + sequenceCharsMax && isDigitAt(bytes, end)) end += 1;
  return end;
}

function numberAt(bytes: Buffer, from: number, end: number): number {
  let value = 0;
  for (let index = from; index < end; index += 1) value = value * 10 + (bytes[index] ?? 0) - 0x30;
  return value;
}

/** All lines of a stream have the same writer: its name is made a string once. */
function writerAt(bytes: Buffer, from: number, end: number): string {
  const { bytes: known } = newestWriter;
  if (end - from !== known.length || !hasAt(bytes, known, from)) {
    newestWriter.bytes = Buffer.from(bytes.subarray(from, Math.max(from, end)));
    newestWriter.text = newestWriter.bytes.toString('latin1');
  }
  return newestWriter.text;
}

function syncedBefore(bytes: Buffer, end: number): number | undefined {
  let from = end;
  while (from > end - sequenceCharsMax && isDigitAt(bytes, from - 1)) from -= 1;
  // Most lines end with a quote here.
  if (from === end || !hasAt(bytes, syncedKey, from - syncedKey.length)) return undefined;
  return numberAt(bytes, from, end);
}
