/**
 * What a server printed where only messages belong, passed to stderr. Straight to the descriptor, as in `tell`; behind a
 * reader that stalls it is dropped, because a message must never wait for it.
 */
import { write } from 'node:fs';

const stderrDescriptor = 2;
const retryDelayMs = 5;
const waitingBytesMax = 1024 * 1024;

/** A function that takes bytes and writes them in order, at once or soon. */
export function strayWriter(): (bytes: Uint8Array) => void {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isWriting = false;
  const step = (): void => {
    const [bytes] = waiting;
    isWriting = bytes !== undefined;
    if (bytes === undefined) return;
    write(stderrDescriptor, bytes, (error, count) => {
      if (error !== null && error.code !== 'EAGAIN') {
        // Nobody reads it.
        waiting = [];
        waitingBytes = 0;
        isWriting = false;
        return;
      }
      const written = error === null ? count : 0;
      waitingBytes -= written;
      if (written === bytes.length) waiting.shift();
      else waiting[0] = bytes.subarray(written);
      if (error === null) step();
      else setTimeout(step, retryDelayMs);
    });
  };
  return (bytes) => {
    if (waitingBytes + bytes.length > waitingBytesMax) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (!isWriting) step();
  };
}
