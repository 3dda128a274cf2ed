/** Newline framing (MCP over stdio): one message a line, incremental and exact to the byte. Never decodes a body. */
import { carriageReturn, concatBytes, copyBytes, newline } from './bytes.js';
import type { Frame, Framer, FramerOptions } from './framing.js';

const frameBytesMaxDefault = 256 * 1024 * 1024;

/** The bytes of one message and its newline. The body must not hold one. */
export function frameLine(body: Uint8Array): Uint8Array {
  return concatBytes([body, Uint8Array.of(newline)]);
}

/** A framer for lines ended by LF or CRLF. Empty lines are nothing; everything else is a message. */
export function lineFramer(options: FramerOptions = {}): Framer {
  const frameBytesMax = options.frameBytesMax ?? frameBytesMaxDefault;
  let chunks: Uint8Array[] = [];
  let held = 0;
  /** Bytes of a line over the limit that were dropped; the line has not ended yet. */
  let dropped = 0;

  const take = (piece: Uint8Array, frames: Frame[]): void => {
    const bytes = dropped + held + piece.length;
    const line = withoutReturn(concatBytes([...chunks, piece]));
    if (dropped > 0 || line.length > frameBytesMax) frames.push({ kind: 'oversize', bytes });
    else if (line.length > 0) frames.push({ kind: 'message', body: copyBytes(line) });
    chunks = [];
    held = 0;
    dropped = 0;
  };

  return {
    push(chunk) {
      const frames: Frame[] = [];
      let offset = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, offset)) {
        take(chunk.subarray(offset, end), frames);
        offset = end + 1;
      }
      const rest = chunk.subarray(offset);
      if (rest.length > 0) {
        chunks.push(copyBytes(rest));
        held += rest.length;
      }
      // One more for the carriage return that a line of exactly the limit may end with.
      if (held > frameBytesMax + 1) {
        dropped += held;
        chunks = [];
        held = 0;
      }
      return frames;
    },
    end() {
      const rest = concatBytes(chunks);
      chunks = [];
      held = 0;
      dropped = 0;
      return rest;
    },
  };
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
