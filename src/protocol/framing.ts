/**
 * Content-Length framing (LSP's base protocol), incremental and exact to the byte: a body is what stood on the wire.
 * Never decodes a body and never throws: what is not a frame is handed out as stray bytes, and reading goes on at the
 * next line that starts with `Content-Length:`.
 */
import { concatBytes, copyBytes, newline } from './bytes.js';

/**
 * `message`: one body. `stray`: bytes outside of any frame, such as a line a server printed. `oversize`: a body over
 * the limit was skipped; it was never held.
 */
export type Frame =
  | { readonly kind: 'message'; readonly body: Uint8Array }
  | { readonly kind: 'stray'; readonly body: Uint8Array }
  | { readonly kind: 'oversize'; readonly bytes: number };

export interface Framer {
  /**
   * Takes the next chunk, which must not be changed any more, and returns what it completed, in order. The bytes that
   * are returned are copies.
   */
  push(chunk: Uint8Array): readonly Frame[];
  /** The bytes of an unfinished frame; empty at a frame's boundary. The framer starts over. */
  end(): Uint8Array;
}

export interface FramerOptions {
  /** A longer body is skipped. Default 256 MiB. */
  readonly frameBytesMax?: number | undefined;
}

const frameBytesMaxDefault = 256 * 1024 * 1024;
/** A line this long is no header. */
const headerLineBytesMax = 8192;
const lengthLine = /^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$/i;
const typeLine = /^content-type[ \t]*:/i;

/** The bytes of one message with the one header that every reader understands. */
export function frameContentLength(body: Uint8Array): Uint8Array {
  return concatBytes([new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** A framer for `Content-Length` headers: names in any case, other headers dropped, lines ended by CRLF or LF. */
export function contentLengthFramer(options: FramerOptions = {}): Framer {
  return new ContentLengthFramer(options.frameBytesMax ?? frameBytesMaxDefault);
}

class ContentLengthFramer implements Framer {
  readonly #frameBytesMax: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Nothing can be completed before this many bytes are held. */
  #needed = 1;
  /** The body's length once its header was read. */
  #length: number | undefined;
  #isInBody = false;
  /** Bytes of a body over the limit that are still to come. */
  #skip = 0;
  /** Within a line that is too long to be a header. */
  #isMidLine = false;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  push(chunk: Uint8Array): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return [];
    const bytes = concatBytes(this.#chunks);
    const frames: Frame[] = [];
    let offset = 0;
    for (;;) {
      const step = this.#read(bytes, offset, frames);
      if (step === 0) break;
      offset += step;
    }
    const rest = bytes.subarray(offset);
    // A copy, so that a short rest does not keep a large chunk alive.
    this.#chunks = rest.length === 0 ? [] : [copyBytes(rest)];
    this.#held = rest.length;
    this.#needed = this.#isInBody ? (this.#length ?? 0) : rest.length + 1;
    return frames;
  }

  end(): Uint8Array {
    const rest = concatBytes(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    this.#needed = 1;
    this.#length = undefined;
    this.#isInBody = false;
    this.#skip = 0;
    this.#isMidLine = false;
    return rest;
  }

  /** Reads one step at `offset` and returns how many bytes it used; 0 when more are needed. */
  #read(bytes: Uint8Array, offset: number, frames: Frame[]): number {
    const available = bytes.length - offset;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, available);
      this.#skip -= skipped;
      return skipped;
    }
    if (this.#isInBody) {
      const length = this.#length ?? 0;
      if (available < length) return 0;
      frames.push({ kind: 'message', body: copyBytes(bytes, offset, offset + length) });
      this.#isInBody = false;
      this.#length = undefined;
      return length === 0 ? this.#read(bytes, offset, frames) : length;
    }
    return available === 0 ? 0 : this.#readLine(bytes, offset, frames);
  }

  #readLine(bytes: Uint8Array, offset: number, frames: Frame[]): number {
    const end = bytes.indexOf(newline, offset);
    if (end === -1) {
      if (bytes.length - offset < headerLineBytesMax) return 0;
      stray(frames, copyBytes(bytes, offset));
      this.#isMidLine = true;
      return bytes.length - offset;
    }
    const size = end + 1 - offset;
    if (this.#isMidLine) {
      this.#isMidLine = false;
      stray(frames, copyBytes(bytes, offset, end + 1));
      return size;
    }
    this.#takeLine(bytes.subarray(offset, end + 1), frames);
    return size;
  }

  /** One whole line, its newline included. */
  #takeLine(line: Uint8Array, frames: Frame[]): void {
    const text = line.length > headerLineBytesMax ? '' : latin1.decode(line.subarray(0, -1));
    const length = lengthLine.exec(text)?.[1];
    if (length !== undefined) {
      this.#length = Number(length);
    } else if (this.#length !== undefined && (line.length === 1 || text === '\r')) {
      this.#beginBody(this.#length, frames);
    } else if (!typeLine.test(text)) {
      stray(frames, copyBytes(line));
    }
  }

  #beginBody(length: number, frames: Frame[]): void {
    if (length <= this.#frameBytesMax) {
      this.#isInBody = true;
      return;
    }
    frames.push({ kind: 'oversize', bytes: length });
    this.#skip = length;
    this.#length = undefined;
  }
}

const latin1 = new TextDecoder('latin1');

/** Neighbouring stray bytes are one frame. */
function stray(frames: Frame[], body: Uint8Array): void {
  const last = frames.at(-1);
  if (last?.kind === 'stray') frames.pop();
  frames.push({
    kind: 'stray',
    body: last?.kind === 'stray' ? concatBytes([last.body, body]) : body,
  });
}
