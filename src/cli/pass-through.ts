/**
 * A child's stderr, passed to ours byte for byte. Written asynchronously to the descriptor: a reader that stalls holds
 * the child, as it would without us, and not our signals.
 */
import { write } from 'node:fs';
import type { Readable } from 'node:stream';

const stderrDescriptor = 2;
const retryDelayMs = 5;
/** How long, after the child's end, nothing must come before we stop waiting for others who hold its stderr. */
const silenceMsMax = 250;

export interface PassThrough {
  /** Resolves when everything the child said has been written. Call it when the child has ended. */
  readonly drained: () => Promise<void>;
}

/** Starts passing on. `seen` gets every chunk first. */
export function passThrough(from: Readable, seen: (chunk: Uint8Array) => void): PassThrough {
  let lastMs = performance.now();
  let isWriting = false;
  let isDone = false;
  const copy = async (): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Uint8Array>) {
      isWriting = true;
      seen(chunk);
      await writeAll(chunk);
      isWriting = false;
      lastMs = performance.now();
    }
  };
  // Whatever fails (nobody reads ours any more), the child must see a closed pipe and not a full one.
  const copied = copy()
    .catch(() => undefined)
    .finally(() => {
      isDone = true;
      from.destroy();
    });
  return {
    drained: async () => {
      lastMs = Math.max(lastMs, performance.now());
      const timer = setInterval(() => {
        const isSilent = performance.now() - lastMs > silenceMsMax;
        if (!isDone && !isWriting && isSilent) from.destroy();
      }, silenceMsMax / 5);
      await copied;
      clearInterval(timer);
    },
  };
}

async function writeAll(chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.byteLength;) {
    from += await writeSome(chunk.subarray(from));
  }
}

function writeSome(bytes: Uint8Array): Promise<number> {
  return new Promise((written, refuse) => {
    write(stderrDescriptor, bytes, (error, count) => {
      if (error === null) written(count);
      // Somebody who shares the descriptor made it non-blocking.
      else if (error.code === 'EAGAIN') setTimeout(() => written(0), retryDelayMs);
      else refuse(error);
    });
  });
}
