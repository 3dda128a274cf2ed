/**
 * One line, checked on its raw bytes: the fixed trailer, the check over everything before it, the fixed beginning.
 * A line that passes was written whole by a writer of this format; nothing is parsed as JSON to find that out.
 */
import { crc32 } from 'node:zlib';
import { hex8 } from './assemble.js';

export interface Line {
  readonly sequence: number;
  readonly writerId: string;
  /** Of one form within a stream, so that it compares as text. */
  readonly ts: string;
  readonly eventType: string;
  readonly prev: string;
  readonly crc: string;
  /** The first line of a flush: the highest sequence its writer knew to be durable. */
  readonly synced: number | undefined;
}

const prefix = '{"schema_version":2,"sequence":';
/** `,"prev":"8hex"` and `,"crc":"8hex"}`. */
const prevChars = 18;
const crcChars = 18;
const trailerChars = prevChars + crcChars;
const hexPattern = /^[0-9a-f]{8}$/;
const headPattern =
  /^\{"schema_version":2,"sequence":([1-9][0-9]{0,15}),"writer_id":"([0-9A-Za-z-]{1,64})","ts":"([0-9TZ:.-]{20,30})","event_type":"([a-z_.]{1,64})",/;
const syncedPattern = /,"synced":(0|[1-9][0-9]{0,15})$/;
const headChars = prefix.length + 16 + 14 + 64 + 8 + 30 + 16 + 64 + 2;
const syncedChars = 27;

/** The line without its newline, or `undefined` when it is not what a writer wrote. */
export function checkLine(line: Uint8Array): Line | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const length = bytes.length;
  if (length < prefix.length + trailerChars) return undefined;
  const trailer = bytes.toString('latin1', length - trailerChars, length);
  const prev = trailer.slice(9, 17);
  const crc = trailer.slice(26, 34);
  if (
    !trailer.startsWith(',"prev":"') ||
    !trailer.startsWith('","crc":"', 17) ||
    !trailer.endsWith('"}') ||
    !hexPattern.test(prev) ||
    hex8(crc32(bytes.subarray(0, length - crcChars))) !== crc
  ) {
    return undefined;
  }
  const head = headPattern.exec(bytes.toString('latin1', 0, Math.min(length, headChars)));
  if (head === null) return undefined;
  const end = length - trailerChars;
  const synced = syncedPattern.exec(bytes.toString('latin1', Math.max(0, end - syncedChars), end));
  return {
    sequence: Number(head[1]),
    writerId: head[2] ?? '',
    ts: head[3] ?? '',
    eventType: head[4] ?? '',
    prev,
    crc,
    synced: synced === null ? undefined : Number(synced[1]),
  };
}

/** The text of a line: records are ASCII. */
export function textOf(line: Uint8Array): string {
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1');
}
