/**
 * Messages of one line each, as MCP has them on stdio. A line's end belongs to it: it is white space of the JSON, and
 * so travels with it, CRLF or LF. Empty lines and lines that are no JSON are messages too; nobody will find one in them.
 */
import type { Cutter, CutterOptions, Framing, Piece } from './framing.js';

const newline = 0x0a;

export const lines: Framing = {
  cutter: (options) => new LineCutter(options),
  frame: (body) => body,
  split(chunk) {
    const first = chunk.indexOf(newline);
    if (first === -1 || first === chunk.length - 1) return [chunk];
    const pieces: Uint8Array[] = [];
    let start = 0;
    for (let end = first; end !== -1; end = chunk.indexOf(newline, start)) {
      pieces.push(chunk.subarray(start, end + 1));
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
    return pieces;
  },
};

class LineCutter implements Cutter {
  readonly #options: CutterOptions;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Within a line that is over the limit: what was held of it has gone on already. */
  #isOversize = false;

  constructor(options: CutterOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#take(chunk.subarray(start, end + 1), true, pieces);
      start = end + 1;
    }
    if (start < chunk.length) this.#take(chunk.subarray(start), false, pieces);
    return pieces;
  }

  end(): readonly Piece[] {
    const bytes = this.#join();
    this.#isOversize = false;
    return bytes === undefined ? [] : [{ kind: 'message', bytes, body: bytes }];
  }

  #take(bytes: Uint8Array, isLast: boolean, pieces: Piece[]): void {
    if (!this.#isOversize && this.#heldBytes + bytes.length > this.#options.messageBytesMax) {
      this.#isOversize = true;
      this.#options.oversize();
      for (const held of this.#held) pieces.push({ kind: 'raw', bytes: held });
      this.#held = [];
      this.#heldBytes = 0;
    }
    if (this.#isOversize) {
      pieces.push({ kind: 'raw', bytes });
      this.#isOversize = !isLast;
      return;
    }
    if (isLast && this.#heldBytes === 0) {
      pieces.push({ kind: 'message', bytes, body: bytes });
      return;
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    const whole = isLast ? this.#join() : undefined;
    if (whole !== undefined) pieces.push({ kind: 'message', bytes: whole, body: whole });
  }

  #join(): Uint8Array | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    const bytes = held.length === 1 ? held[0] : Buffer.concat(held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }
}
