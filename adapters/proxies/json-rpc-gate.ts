/** The way from a client to its server: each message may be rewritten, whichever way it is framed. */
import { FramingGate, inserted, type Rewrite } from '../../src/protocol/index.js';
import type { Gate } from './json-rpc-pump.js';
import { lines } from './lines.js';

/** `detect`: by the first byte of a connection. */
export type MessageFraming = 'content-length' | 'lines' | 'detect';

export interface RewriteOptions {
  readonly framing: MessageFraming;
  /** Returns what goes on; the same array: the message as it came. */
  readonly rewrite: Rewrite;
  readonly write: (bytes: Uint8Array) => void;
  /** Takes what stood outside of any `Content-Length` frame. */
  readonly stray: (bytes: Uint8Array) => void;
  /** A longer message goes on as it comes. */
  readonly messageBytesMax: number;
  readonly oversize: (bytes: number) => void;
}

export function rewritingGate(options: RewriteOptions): Gate {
  switch (options.framing) {
    case 'content-length':
      return new FramingGate(options);
    case 'lines':
      return lineGate(options);
    case 'detect':
      return detectingGate(options);
  }
}

function lineGate(options: RewriteOptions): Gate {
  const { rewrite, write, messageBytesMax } = options;
  const oversize = (): void => options.oversize(messageBytesMax);
  const cutter = lines.cutter({ messageBytesMax, oversize });
  const take = (pieces: ReturnType<typeof cutter.push>): void => {
    for (const piece of pieces) {
      const written = piece.kind === 'message' ? rewrite(piece.body) : piece.bytes;
      write(written instanceof Uint8Array ? written : inserted(piece.bytes, written));
    }
  };
  return {
    push: (chunk) => take(cutter.push(chunk)),
    end: () => take(cutter.end()),
  };
}

/** A message begins with a brace or a bracket, a header with a letter; white space may stand before either. */
function detectingGate(options: RewriteOptions): Gate {
  let gate: Gate | undefined;
  return {
    push(chunk) {
      if (gate === undefined) {
        const first = chunk.find((byte) => byte > 0x20);
        if (first === undefined) {
          options.write(chunk);
          return;
        }
        const isLetter = (first | 0x20) >= 0x61 && (first | 0x20) <= 0x7a;
        gate = rewritingGate({ ...options, framing: isLetter ? 'content-length' : 'lines' });
      }
      gate.push(chunk);
    },
    end: () => gate?.end(),
  };
}
