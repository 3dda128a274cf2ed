/**
 * Writing protobuf by hand: just what OTLP and Perfetto need. One growing buffer; a nested message is written behind
 * its length, which is filled in when it ends. Reads nothing, and knows no schema.
 */

const bytesAtFirst = 64 * 1024;
/** A length that is filled in later has room for 2^28 bytes: four bytes of seven bits, which every decoder takes. */
const lengthBytes = 4;
const lengthMax = 2 ** 28 - 1;
const utf8 = new TextEncoder();

export class ProtobufWriter {
  #bytes = new Uint8Array(bytesAtFirst);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written, as bytes of its own; the writer is empty again. */
  finish(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** A part of what was written, as it stands: good until more is. */
  written(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Takes back everything behind `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** A whole number of up to 2^53, not negative: uint32, uint64, enum, bool. */
  varint(field: number, value: number): void {
    this.#tag(field, 0);
    this.#varint(value);
  }

  /** A 64-bit number that JavaScript's numbers do not hold. */
  varint64(field: number, value: bigint): void {
    this.#tag(field, 0);
    this.#room(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  /** A whole number that may be negative: int32, int64. Those below zero take ten bytes, as the format has it. */
  int(field: number, value: number): void {
    if (value < 0) this.varint64(field, BigInt(value));
    else this.varint(field, value);
  }

  bool(field: number, value: boolean): void {
    this.varint(field, value ? 1 : 0);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5);
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** `microseconds` as fixed64 in nanoseconds, without a detour over BigInt. */
  nanoseconds(field: number, microseconds: number): void {
    this.#tag(field, 1);
    this.#room(8);
    const low = (microseconds % 2 ** 32) * 1000;
    const high = Math.floor(microseconds / 2 ** 32) * 1000 + Math.floor(low / 2 ** 32);
    this.#view.setUint32(this.#length, low % 2 ** 32, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, 1);
    this.#room(8);
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, value), true);
    this.#length += 8;
  }

  double(field: number, value: number): void {
    this.#tag(field, 1);
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A text; halves of characters must have been dealt with (`wellFormed`), else they become U+FFFD. */
  string(field: number, text: string): void {
    this.#tag(field, 2);
    // At most three bytes for each unit of the text.
    this.#room(5 + text.length * 3);
    const isShort = text.length * 3 < 0x80;
    const at = this.#length + (isShort ? 1 : lengthBytes);
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(at));
    this.#lengthAt(this.#length, written, isShort ? 1 : lengthBytes);
    this.#length = at + written;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** An id that is written in hexadecimal, as its bytes. */
  hex(field: number, hexadecimal: string): void {
    this.#tag(field, 2);
    this.#varint(hexadecimal.length >> 1);
    this.#room(hexadecimal.length >> 1);
    for (let index = 0; index + 1 < hexadecimal.length; index += 2) {
      const high = hexDigit(hexadecimal.charCodeAt(index));
      this.#bytes[this.#length++] = high * 16 + hexDigit(hexadecimal.charCodeAt(index + 1));
    }
  }

  /** Begins a nested message; give what is returned to `end`. */
  begin(field: number): number {
    this.#tag(field, 2);
    this.#room(lengthBytes);
    this.#length += lengthBytes;
    return this.#length;
  }

  end(began: number): void {
    this.#lengthAt(began - lengthBytes, this.#length - began, lengthBytes);
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A length in exactly so many bytes: the first ones say that more follow, even where those are zero. */
  #lengthAt(place: number, length: number, width: number): void {
    if (length > lengthMax) throw new RangeError(`a message of ${length} bytes is too long`);
    let rest = length;
    for (let index = 0; index < width; index += 1) {
      this.#bytes[place + index] = (rest & 0x7f) | (index < width - 1 ? 0x80 : 0);
      rest >>= 7;
    }
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Of a lower-case digit. */
function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}
