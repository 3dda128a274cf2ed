/**
 * One line, checked on its raw bytes: the fixed trailer, the check over everything before it, the fixed beginning.
 * A line that passes was written whole by a writer of this format; nothing is parsed as JSON to find that out, and
 * nothing is made for it: a gigabyte is read through here.
 */
import { crc32 } from 'node:zlib';
import { latin1 } from './latin1.js';
import { Pattern } from './pattern.js';

const prefix = new Pattern('{"schema_version":2,"sequence":');
const writerKey = new Pattern(',"writer_id":"');
const tsKey = new Pattern('","ts":"');
const eventKey = new Pattern('","event_type":"');
const prevKey = new Pattern(',"prev":"');
const crcKey = new Pattern('","crc":"');
const syncedKey = new Pattern(',"synced":');
const ownEvents = new Pattern('wal.');
const hlcKey = new Pattern(',"hlc":"');
/** `,"prev":"8hex","crc":"8hex"}`; of it `"crc":"8hex"}` with its comma is not checked. */
const trailerChars = 36;
const uncheckedChars = 18;
const sequenceCharsMax = 16;
const hlcChars = 13;
/** What the writer writes: `2026-11-21T14:02:11.480123Z`. */
const tsChars = 27;
const quote = 0x22;
/** No signed number of 32 bits. */
const notHex = 2 ** 32;
const brace = 0x7d;

/** The value of a lower-case hexadecimal digit, or -1. */
const hexValues = new Int8Array(256).fill(-1);
for (const [value, digit] of '0123456789abcdef'.split('').entries()) {
  hexValues[digit.charCodeAt(0)] = value;
}

/** The two letters of each byte, as they stand in memory. */
const hexLetters = new Uint16Array(256);
for (let value = 0; value < 256; value += 1) {
  const text = value.toString(16).padStart(2, '0');
  hexLetters[value] = text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

/** Looks at one line after another. What it says of a line is good until it looks at the next. */
export class Line {
  /** @internal Not declared publicly: a consumer may not have the types of Node. */
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The line in `bytes`, without its newline. */
  start = 0;
  end = 0;
  sequence = 0;
  /** The check of the record before, and its own: as signed numbers of 32 bits. */
  prev = 0;
  crc = 0;
  /** The first line of a flush: the highest sequence its writer knew to be durable. Else -1. */
  synced = -1;
  /** Written by the stream's own writer. */
  isOwn = false;
  /** The check of the line before as it is spelled. */
  #crcHigh = hexPairs(0);
  #crcLow = hexPairs(0);
  #ts = 0;
  #event = 0;
  readonly #writer: Pattern;

  constructor(writerId: string) {
    this.#writer = new Pattern(writerId);
  }

  /**
   * Another stretch of memory to look at lines in.
   * @internal The same.
   */
  use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether the bytes from `start` to `end` are what a writer wrote. */
  check(start: number, end: number): boolean {
    const { bytes, view } = this;
    const trailer = end - trailerChars;
    if (!prefix.isAt(view, start, trailer)) return false;
    if (!prevKey.isAt(view, trailer, end) || !crcKey.isAt(view, trailer + 17, end)) return false;
    if (bytes[end - 2] !== quote || bytes[end - 1] !== brace) return false;
    // Not `subarray`, which costs as much as the check of a short line.
    const from = bytes.byteOffset + start;
    const checked = new Uint8Array(bytes.buffer, from, end - uncheckedChars - start);
    const crc = crc32(checked) | 0;
    const crcHigh = hexPairs(crc >>> 16);
    const crcLow = hexPairs(crc & 0xffff);
    if (view.getInt32(trailer + 26, true) !== crcHigh) return false;
    if (view.getInt32(trailer + 30, true) !== crcLow) return false;
    const prev = this.#prevAt(trailer + 9);
    if (prev === notHex) return false;
    let at = digitsEnd(bytes, start + prefix.length);
    const sequence = numberAt(bytes, start + prefix.length, at);
    if (sequence === 0 || !writerKey.isAt(view, at, trailer)) return false;
    at += writerKey.length;
    this.isOwn =
      this.#writer.isAt(view, at, trailer) && tsKey.isAt(view, at + this.#writer.length, trailer);
    const writerEnd = this.isOwn ? at + this.#writer.length : bytes.indexOf(quote, at);
    if (!tsKey.isAt(view, writerEnd, trailer)) return false;
    this.#ts = writerEnd + tsKey.length;
    let tsEnd = this.#ts + tsChars;
    if (!eventKey.isAt(view, tsEnd, trailer)) {
      tsEnd = bytes.indexOf(quote, this.#ts);
      if (!eventKey.isAt(view, tsEnd, trailer)) return false;
    }
    this.start = start;
    this.end = end;
    this.sequence = sequence;
    this.prev = prev;
    this.crc = crc;
    this.#crcHigh = crcHigh;
    this.#crcLow = crcLow;
    this.synced = syncedBefore(bytes, view, trailer);
    this.#event = tsEnd + eventKey.length;
    return true;
  }

  /** The stream's own record: its type begins with `wal.`. */
  get isStreams(): boolean {
    return ownEvents.isAt(this.view, this.#event, this.end);
  }

  /** Where in `bytes` its type stands. */
  get eventAt(): number {
    return this.#event;
  }

  get eventType(): string {
    return latin1(this.bytes, this.#event, this.bytes.indexOf(quote, this.#event));
  }

  /** Mostly the check of the line before, letter by letter: then it need not be read. */
  #prevAt(at: number): number {
    const { view } = this;
    const isSame =
      view.getInt32(at, true) === this.#crcHigh && view.getInt32(at + 4, true) === this.#crcLow;
    return isSame ? this.crc : hexAt(this.bytes, at);
  }

  /** Where in `bytes` its `ts` stands, of which at least 27 bytes can be looked at. */
  get tsAt(): number {
    return this.#ts;
  }

  /** Of one form within a stream, so that it compares as text. */
  get ts(): string {
    return latin1(this.bytes, this.#ts, this.bytes.indexOf(quote, this.#ts));
  }

  /** Where in `bytes` the clock's reading stands: last before `synced` and the trailer. -1 where it does not. */
  get hlcAt(): number {
    let end = this.end - trailerChars;
    if (this.synced !== -1) end = digitsStart(this.bytes, end) - syncedKey.length;
    const at = end - 1 - hlcChars;
    const isThere = hlcKey.isAt(this.view, at - hlcKey.length, at);
    return isThere && this.bytes[end - 1] === quote ? at : -1;
  }

  /** The line as text: records are ASCII. */
  get text(): string {
    return latin1(this.bytes, this.start, this.end);
  }
}

/** The line without its newline, or `undefined` when it is not what a writer wrote. `isOwn` is not said of it. */
export function checkLine(line: Uint8Array): Line | undefined {
  const found = new Line('');
  found.use(Buffer.from(line.buffer, line.byteOffset, line.byteLength));
  return found.check(0, line.byteLength) ? found : undefined;
}

/** Four lower-case hexadecimal digits, as they stand in memory. */
function hexPairs(value: number): number {
  return (hexLetters[value >>> 8] ?? 0) | ((hexLetters[value & 0xff] ?? 0) << 16);
}

/** Eight lower-case hexadecimal digits as a signed number, or `notHex`. */
function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  let all = 0;
  for (let index = at; index < at + 8; index += 1) {
    const digit = hexValues[bytes[index] ?? 0] ?? -1;
    all |= digit;
    value = (value << 4) | digit;
  }
  return all < 0 ? notHex : value;
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

function digitsStart(bytes: Buffer, end: number): number {
  let start = end;
  while (start > end - sequenceCharsMax && isDigitAt(bytes, start - 1)) start -= 1;
  return start;
}

function numberAt(bytes: Buffer, from: number, end: number): number {
  let value = 0;
  for (let index = from; index < end; index += 1) value = value * 10 + (bytes[index] ?? 0) - 0x30;
  return value;
}

function syncedBefore(bytes: Buffer, view: DataView, end: number): number {
  const from = digitsStart(bytes, end);
  // Most lines end with a quote here.
  if (from === end || !syncedKey.isAt(view, from - syncedKey.length, end)) return -1;
  return numberAt(bytes, from, end);
}
