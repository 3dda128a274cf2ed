/**
 * Content-Length messages for the relay: each whole, in a frame as every reader understands it. What stands outside of
 * frames is taken out.
 */
import { frameContentLength, FramingGate } from '../../src/protocol/index.js';
import type { Cutter, Framing, Piece } from './framing.js';

export function contentLength(stray: (bytes: Uint8Array) => void): Framing {
  return {
    frame: frameContentLength,
    cutter({ messageBytesMax, oversize }): Cutter {
      let pieces: Piece[] = [];
      const gate = new FramingGate({
        stray,
        messageBytesMax,
        oversize,
        write: (bytes) => pieces.push({ kind: 'raw', bytes }),
        take: (body) => pieces.push({ kind: 'message', bytes: frameContentLength(body), body }),
      });
      const taken = (): readonly Piece[] => {
        const result = pieces;
        pieces = [];
        return result;
      };
      return {
        push(chunk) {
          gate.push(chunk);
          return taken();
        },
        end() {
          gate.end();
          return taken();
        },
      };
    },
  };
}
