/**
 * Assembles a flush. A record's line is written into memory when it is appended, so that nothing is kept of it but its
 * bytes; sequence, `synced`, `prev` and `crc` are set when the flush is assembled, here and nowhere else. The trailer
 * has a fixed form, so that a reader checks raw bytes and never re-serialised JSON. docs/format.md is normative.
 */
import { crc32 } from 'node:zlib';
import { latin1 } from './latin1.js';

/** Where a chain stands: the last record's sequence and check. */
export interface Position {
  readonly sequence: number;
  readonly crc: number;
}

/** What the lines of a flush go on from. */
interface Start {
  readonly from: Position;
  /** The highest sequence known durable: the first line says so. */
  readonly synced: number;
  readonly writerId: string;
}

export interface Assembled {
  /** Valid until its `Lines` are used for others. */
  readonly bytes: Uint8Array;
  readonly end: Position;
}

/** Sequence 0: before the first record. */
export const origin: Position = { sequence: 0, crc: 0 };

const firstBytes = 16 * 1024;
/** Before the first line: it grows to the left by its `synced`. */
const roomBytes = 64;
const opening = '{"schema_version":2,"sequence":';
const writerKey = ',"writer_id":"';
const trailer = ',"prev":"00000000","crc":"00000000"}\n';
/** Where the parts of the trailer are, from the end of its line. */
const prevFromEnd = 28;
/** The quote that ends `prev` is checked, the rest of this key is not. */
const checkedFromEnd = 19;
const crcFromEnd = 11;
const digits = Buffer.from('0123456789abcdef', 'latin1');

/** One flush: lines that wait for it, then its bytes. */
export class Lines {
  #buffer: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  readonly #starts: number[] = [];
  #count = 0;
  #end = roomBytes;
  #writerId = '';
  /** The sequence that the first line, and the next one, will probably have: room is made for as many digits. */
  #first = 1;
  #next = 1;
  /** From which and up to which sequence `#head` has as many digits. */
  #nextMin = 1;
  #nextMax = 0;
  #head = '';
  #syncedBytes = 0;
  #lastBody = '';

  get count(): number {
    return this.#count;
  }

  /** The probable sequence behind the last line. */
  get next(): number {
    return this.#next;
  }

  /** Of the last line; empty without one. */
  get lastBody(): string {
    return this.#lastBody;
  }

  /** Empty again, for lines of this writer that will probably begin at this sequence. */
  begin(writerId: string, sequence: number): this {
    if (writerId !== this.#writerId || sequence < this.#nextMin) this.#nextMax = 0;
    this.#count = 0;
    this.#end = roomBytes;
    this.#writerId = writerId;
    this.#first = sequence;
    this.#next = sequence;
    this.#syncedBytes = 0;
    this.#lastBody = '';
    return this;
  }

  /** One more line. */
  add(body: string): void {
    if (this.#next > this.#nextMax) this.#widen();
    const line = this.#head + body + trailer;
    const start = this.#end;
    const end = start + line.length;
    if (end > this.#buffer.length) this.#grow(end);
    (this.#buffer as Buffer & Latin1Buffer).latin1Write(line, start);
    this.#starts[this.#count] = start;
    this.#count += 1;
    this.#end = end;
    this.#next += 1;
    this.#lastBody = body;
  }

  /** The lines' bytes, continuing `from`. The same again, if it is asked again. */
  assemble(start: Start): Assembled {
    const { from, writerId } = start;
    let sequence = from.sequence + 1;
    if (this.#syncedBytes > 0 || writerId !== this.#writerId || !this.#hasRoom(sequence)) {
      this.#make(this.bodies(), writerId, sequence);
    }
    const first = this.#putSynced(start.synced);
    const buffer = this.#buffer;
    const starts = this.#starts;
    const count = this.#count;
    let check = from.crc;
    for (let index = 0; index < count; index += 1) {
      const line = index === 0 ? first : (starts[index] ?? 0);
      const end = index + 1 < count ? (starts[index + 1] ?? 0) : this.#end;
      putDecimal(buffer, sequence, line + opening.length);
      putHex(buffer, check, end - prevFromEnd);
      // Not `subarray`, which costs as much as the check of a short line.
      check = crc32(
        new Uint8Array(buffer.buffer, buffer.byteOffset + line, end - checkedFromEnd - line),
      );
      putHex(buffer, check, end - crcFromEnd);
      sequence += 1;
    }
    const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + first, this.#end - first);
    return { bytes, end: { sequence: sequence - 1, crc: check } };
  }

  /** What was added, whether it was assembled or not. */
  bodies(): readonly string[] {
    const bodies: string[] = [];
    const writerBytes = writerKey.length + this.#writerId.length + 1;
    for (let index = 0; index < this.#count; index += 1) {
      const isFirst = index === 0;
      const start = (this.#starts[index] ?? 0) - (isFirst ? this.#syncedBytes : 0);
      const end = index + 1 < this.#count ? (this.#starts[index + 1] ?? 0) : this.#end;
      const digitsEnd = this.#buffer.indexOf(',', start + opening.length);
      const bodyEnd = end - trailer.length - (isFirst ? this.#syncedBytes : 0);
      bodies.push(latin1(this.#buffer, digitsEnd + writerBytes, bodyEnd));
    }
    return bodies;
  }

  #make(bodies: readonly string[], writerId: string, sequence: number): void {
    this.begin(writerId, sequence);
    for (const body of bodies) this.add(body);
  }

  /** Whether each line has room for exactly the digits of its sequence. */
  #hasRoom(sequence: number): boolean {
    if (sequence === this.#first) return true;
    const last = sequence + this.#count - 1;
    const width = widthOf(sequence);
    return (
      width === widthOf(last) && width === widthOf(this.#first) && width === widthOf(this.#next - 1)
    );
  }

  #widen(): void {
    const width = widthOf(this.#next);
    this.#nextMin = 10 ** (width - 1);
    this.#nextMax = 10 ** width - 1;
    this.#head = `${opening}${'0'.repeat(width)}${writerKey}${this.#writerId}"`;
  }

  /** The first line goes to the left by the length of its `synced`. Returns where it starts. */
  #putSynced(synced: number): number {
    if (this.#count === 0) return roomBytes;
    const text = `,"synced":${synced}`;
    const start = roomBytes - text.length;
    const end = (this.#count === 1 ? this.#end : (this.#starts[1] ?? 0)) - trailer.length;
    this.#buffer.copyWithin(start, roomBytes, end);
    (this.#buffer as Buffer & Latin1Buffer).latin1Write(text, end - text.length);
    this.#syncedBytes = text.length;
    return start;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
    grown.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = grown;
  }
}

/** Lines of these bodies, which will probably begin at this sequence. */
export function linesOf(bodies: readonly string[], writerId: string, sequence: number): Lines {
  const lines = new Lines().begin(writerId, sequence);
  for (const body of bodies) lines.add(body);
  return lines;
}

/** Eight lower-case hexadecimal digits. */
export function hex8(value: number): string {
  return (value + 0x1_0000_0000).toString(16).slice(1);
}

interface Latin1Buffer {
  /** What `write` calls for this encoding, and not declared; half the cost for a short text. */
  latin1Write(text: string, offset: number): number;
}

function widthOf(sequence: number): number {
  let width = 1;
  for (let limit = 10; limit <= sequence; limit *= 10) width += 1;
  return width;
}

/** As many digits as there is room for. */
function putDecimal(buffer: Buffer, value: number, offset: number): void {
  let rest = value;
  for (let index = offset + widthOf(value) - 1; index >= offset; index -= 1) {
    const tens = Math.floor(rest / 10);
    buffer[index] = 0x30 + rest - tens * 10;
    rest = tens;
  }
}

function putHex(buffer: Buffer, value: number, offset: number): void {
  let rest = value;
  for (let index = offset + 7; index >= offset; index -= 1) {
    buffer[index] = digits[rest & 15] ?? 0;
    rest >>>= 4;
  }
}
