/**
 * FineCode's frames for the relay: one header line, `Content-Length: N`, and a blank one. Repairs nothing: what is
 * framed in any other way is passed on as it came, and so is all that follows on that connection, because only its
 * reader knows where the next message would begin.
 */
import { frameContentLength, readPlain } from '../../src/protocol/index.js';
import type { Cutter, CutterOptions, Framing, Piece } from '../proxies/framing.js';
import type { ConnectionTap } from '../proxies/gate.js';

/** Called for each connection, with a name for it. */
export type MakeTap = (connection: string) => Omit<ConnectionTap, 'framing'>;

/** The same taps, for messages that are framed so. */
export function framed(
  makeTap: MakeTap,
  warn: (message: string) => void,
): (connection: string) => ConnectionTap {
  return (name) => {
    const strange = (): void => {
      warn(
        `${name} is framed in another way than FineCode does: it is passed on and not looked at`,
      );
    };
    return { ...makeTap(name), framing: exactFrames(strange) };
  };
}

/** `strange` is told once for each connection that is not looked at any more. */
export function exactFrames(strange: () => void): Framing {
  return {
    frame: frameContentLength,
    cutter: (options) => new ExactCutter(options, strange),
  };
}

class ExactCutter implements Cutter {
  readonly #options: CutterOptions;
  readonly #strange: () => void;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Nothing can be told before this many bytes are held. */
  #needed = 1;
  /** Bytes of a message over the limit that are still to come. */
  #left = 0;
  #isStrange = false;

  constructor(options: CutterOptions, strange: () => void) {
    this.#options = options;
    this.#strange = strange;
  }

  push(chunk: Uint8Array): readonly Piece[] {
    const came = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#isStrange) return [{ kind: 'raw', bytes: came }];
    this.#chunks.push(came);
    this.#held += came.length;
    if (this.#held < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? came : Buffer.concat(this.#chunks);
    const pieces: Piece[] = [];
    let at = 0;
    while (at < bytes.length) {
      const next = this.#left > 0 ? this.#pass(bytes, at, pieces) : this.#frame(bytes, at, pieces);
      if (next === at) break;
      at = next;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#held = bytes.length - at;
    return pieces;
  }

  end(): readonly Piece[] {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    this.#needed = 1;
    this.#left = 0;
    this.#isStrange = false;
    return bytes.length === 0 ? [] : [{ kind: 'raw', bytes }];
  }

  /** Takes one frame at `at` and returns where the next one begins; `at` when more is needed. */
  #frame(bytes: Buffer, at: number, pieces: Piece[]): number {
    const header = readPlain(bytes, at);
    this.#needed = 1;
    if (header === 'unfinished') {
      this.#needed = bytes.length - at + 1;
      return at;
    }
    if (header === undefined) {
      this.#isStrange = true;
      this.#strange();
      pieces.push({ kind: 'raw', bytes: bytes.subarray(at) });
      return bytes.length;
    }
    const end = header.end + header.length;
    if (header.length > this.#options.messageBytesMax) {
      this.#options.oversize();
      this.#left = end - at;
      return this.#pass(bytes, at, pieces);
    }
    if (end > bytes.length) {
      this.#needed = end - at;
      return at;
    }
    const frame = { bytes: bytes.subarray(at, end), body: bytes.subarray(header.end, end) };
    pieces.push({ kind: 'message', ...frame });
    return end;
  }

  #pass(bytes: Buffer, at: number, pieces: Piece[]): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    pieces.push({ kind: 'raw', bytes: bytes.subarray(at, end) });
    return end;
  }
}
