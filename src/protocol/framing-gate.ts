/**
 * Content-Length framing on its way through: what is framed as it should be is handed on in the chunks it came in, what
 * is not is repaired. A body is held only where somebody asked to rewrite it, a header only until it is whole. Decodes
 * no body and never throws.
 */
import { Assembly } from './assembly.js';
import { newline, viewOf } from './bytes.js';
import { handOn, type Rewrite } from './long-body.js';
import { readPlain } from './plain-header.js';

export interface GateOptions {
  /** Takes what goes on, in order. */
  readonly write: (bytes: Uint8Array) => void;
  /** Takes what stood outside of any frame, such as a line that a server printed. */
  readonly stray: (bytes: Uint8Array) => void;
  /** Gets each body whole and returns what goes on in its place. */
  readonly rewrite?: Rewrite | undefined;
  /** Gets each body whole, in the place of `write`, in order with it. */
  readonly take?: ((body: Uint8Array) => void) | undefined;
  /** A longer body goes on as it comes, and neither of these ever sees it. */
  readonly messageBytesMax: number;
  /** Told of each such body. */
  readonly oversize?: ((bytes: number) => void) | undefined;
}

/** A line this long is no header. */
const headerLineBytesMax = 8192;
const nothing = Buffer.alloc(0);
const lengthLine = /^(.*?)content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$/is;
const anyHeader = /^[a-z][a-z0-9-]*[ \t]*:/i;
const typeHeader = /^content-type[ \t]*:/i;

export class FramingGate {
  readonly #options: GateOptions;
  readonly #out: Assembly;
  /** The beginning of a header or of a line that may be one. */
  #held: Buffer | undefined;
  /** The body's length, once a header named one that is not plain. */
  #length: number | undefined;
  /** Bytes of the body that are still to come. */
  #left = 0;
  /** The beginning of a body that is to be rewritten. */
  #pieces: Uint8Array[] | undefined;
  /** Within a line that is too long to be a header. */
  #isMidLine = false;
  #chunk: Buffer = nothing;
  /** What stands in the chunk from here on is handed on as it is. */
  #from = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#out = new Assembly(options.write);
  }

  /** Takes the next chunk, which must not be changed any more. */
  push(chunk: Uint8Array): void {
    const bytes = viewOf(chunk);
    this.#chunk = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    this.#from = 0;
    let at = 0;
    while (at < this.#chunk.length) at = this.#left > 0 ? this.#body(at) : this.#header(at);
    this.#passUntil(this.#chunk.length, this.#chunk.length);
    this.#out.flush();
    this.#chunk = nothing;
  }

  /** What is held goes where it belongs: the stream has ended. */
  end(): void {
    if (this.#held !== undefined) this.#stray(this.#held);
    // A body that broke off is of no use to a reader, but it is not ours to swallow.
    if (this.#pieces !== undefined) {
      const came = Buffer.concat(this.#pieces);
      this.#out.header(came.length + this.#left);
      this.#out.add(came);
      this.#out.flush();
    }
    this.#held = undefined;
    this.#pieces = undefined;
    this.#length = undefined;
    this.#left = 0;
    this.#isMidLine = false;
  }

  /** Hands on the chunk up to `end`; what follows counts from `next`. */
  #passUntil(end: number, next: number): void {
    if (end > this.#from) {
      const { length } = this.#chunk;
      const isWhole = this.#from === 0 && end === length;
      this.#out.add(isWhole ? this.#chunk : this.#chunk.subarray(this.#from, end));
    }
    this.#from = next;
  }

  #header(at: number): number {
    const bytes = this.#chunk;
    if (this.#length === undefined && !this.#isMidLine) {
      const plain = readPlain(bytes, at);
      if (plain === 'unfinished') return this.#hold(at);
      if (plain !== undefined) return this.#begin(at, plain.end, plain.length, true);
    }
    const found = bytes.indexOf(newline, at);
    if (found === -1) {
      if (bytes.length - at < headerLineBytesMax && !this.#isMidLine) return this.#hold(at);
      this.#isMidLine = true;
    }
    const end = found === -1 ? bytes.length : found + 1;
    const line = bytes.subarray(at, end);
    this.#passUntil(at, end);
    if (this.#isMidLine) {
      this.#stray(line);
      this.#isMidLine = found === -1;
      return end;
    }
    return this.#line(line, end);
  }

  /** One whole line that stands where a header should. */
  #line(line: Buffer, end: number): number {
    if (line.length > headerLineBytesMax) {
      this.#stray(line);
      return end;
    }
    const text = line.toString('latin1', 0, line.length - 1);
    const match = lengthLine.exec(text);
    if (match !== null) {
      const [, before = '', length] = match;
      if (before !== '') this.#stray(line.subarray(0, before.length));
      this.#length = Number(length);
      return end;
    }
    const length = this.#length;
    if (length === undefined) {
      if (!typeHeader.test(text)) this.#stray(line);
      return end;
    }
    if (text !== '' && text !== '\r') {
      if (!anyHeader.test(text)) this.#stray(line);
      return end;
    }
    this.#length = undefined;
    return this.#begin(end, end, length, false);
  }

  /** A header that stands from `start` to `end` has been read. Returns where reading goes on. */
  #begin(start: number, end: number, length: number, isPlain: boolean): number {
    const { rewrite, take, messageBytesMax, oversize } = this.#options;
    const isOver = length > messageBytesMax;
    if (isOver) oversize?.(length);
    if ((rewrite === undefined && take === undefined) || isOver || length === 0) {
      if (!isPlain) {
        this.#passUntil(start, end);
        this.#out.header(length);
      }
      this.#left = length;
      return end;
    }
    const bytes = this.#chunk;
    const behind = end + length;
    if (behind <= bytes.length) {
      const body = bytes.subarray(end, behind);
      if (take === undefined) {
        const written = rewrite?.(body) ?? body;
        if (written === body && isPlain) return behind;
        this.#passUntil(start, behind);
        if (written instanceof Uint8Array) this.#out.whole(written);
        else this.#out.frame(body, written, bytes.length - behind);
        return behind;
      }
      this.#passUntil(start, behind);
      this.#out.flush();
      take(body);
      return behind;
    }
    this.#passUntil(start, bytes.length);
    this.#pieces = end < bytes.length ? [bytes.subarray(end)] : [];
    this.#left = behind - bytes.length;
    return bytes.length;
  }

  #body(at: number): number {
    const end = Math.min(this.#chunk.length, at + this.#left);
    this.#left -= end - at;
    if (this.#pieces === undefined) return end;
    this.#pieces.push(this.#chunk.subarray(at, end));
    this.#from = end;
    if (this.#left > 0) return end;
    const pieces = this.#pieces;
    this.#pieces = undefined;
    const { rewrite, take } = this.#options;
    if (take === undefined) {
      handOn(this.#out, pieces, rewrite);
    } else {
      this.#out.flush();
      take(Buffer.concat(pieces));
    }
    return end;
  }

  /** What stands from `at` on may be the beginning of a header. */
  #hold(at: number): number {
    this.#passUntil(at, this.#chunk.length);
    // A copy, so that a few bytes do not keep a large chunk alive.
    this.#held = Buffer.from(this.#chunk.subarray(at));
    return this.#chunk.length;
  }

  #stray(bytes: Buffer): void {
    // An empty line behind a body says nothing to anybody.
    if (bytes.toString('latin1').trim() !== '') this.#options.stray(bytes);
  }
}
