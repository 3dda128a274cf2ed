/** One direction of a proxy: what comes is handed to a gate, what the gate writes goes on. Holds one chunk at most. */
import type { Readable, Writable } from 'node:stream';

export interface Gate {
  push(chunk: Uint8Array): void;
  end(): void;
}

export interface PumpEvents {
  /** The source has ended and everything was handed to the sink. */
  readonly ended: () => void;
  /** Nobody reads the sink any more. The source is still read, so that whoever writes is not held up. */
  readonly broken: () => void;
  /** Something came, and somebody reads it. */
  readonly heard?: (() => void) | undefined;
}

export interface Pump {
  /** When something came last. */
  readonly heardMs: () => number;
  /** Resolves when everything that came has been written, or nobody reads. Call it at the source's end. */
  readonly drained: () => Promise<void>;
}

/** How long nothing must come, after a server's end, from others who hold its stdout, until we stop waiting. */
const silenceMsMax = 250;
const joinedBytesMax = 65_536;

/** Connects source, gate and sink. `makeGate` gets the function that writes to the sink. */
export function pump(
  source: Readable,
  sink: Writable,
  makeGate: (write: (bytes: Uint8Array) => void) => Gate,
  events: PumpEvents,
): Pump {
  let heardMs = performance.now();
  let isBroken = false;
  let pieces: Uint8Array[] = [];
  const gate = makeGate((bytes) => pieces.push(bytes));
  const breakOff = (): void => {
    if (isBroken) return;
    isBroken = true;
    source.resume();
    events.broken();
  };
  sink.on('error', breakOff);
  sink.on('close', breakOff);
  sink.on('drain', () => source.resume());
  const handOn = (step: () => void): void => {
    step();
    const written = pieces;
    pieces = [];
    if (isBroken) return;
    writeAll(sink, written);
    if (sink.writableNeedDrain) source.pause();
  };
  source.on('data', (chunk: Uint8Array) => {
    handOn(() => gate.push(chunk));
    heardMs = performance.now();
    if (!isBroken) events.heard?.();
  });
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    handOn(() => gate.end());
    events.ended();
  };
  source.on('end', end);
  // An editor that was killed resets its end instead of closing it.
  source.on('error', end);
  source.on('close', end);
  return {
    heardMs: () => heardMs,
    drained: () =>
      new Promise((drained) => {
        if (isBroken || sink.writableLength === 0) drained();
        else {
          sink.once('close', drained);
          sink.write(new Uint8Array(0), () => drained());
        }
      }),
  };
}

/** What one chunk has become is one write: joined where copying is cheaper than handing over the pieces. */
function writeAll(sink: Writable, pieces: readonly Uint8Array[]): void {
  const [first] = pieces;
  if (first === undefined) return;
  if (pieces.length === 1) {
    sink.write(first);
    return;
  }
  let size = 0;
  for (const { length } of pieces) size += length;
  if (size <= joinedBytesMax) {
    sink.write(Buffer.concat(pieces, size));
    return;
  }
  sink.cork();
  for (const piece of pieces) sink.write(piece);
  sink.uncork();
}

/** Resolves at the end of what a server said, or when nothing has come for a while: descendants may hold it open. */
export async function quiet(source: Readable, { heardMs, drained }: Pump): Promise<void> {
  const sinceMs = performance.now();
  await new Promise<void>((settle) => {
    if (source.readableEnded || source.destroyed) {
      settle();
      return;
    }
    const timer = setInterval(() => {
      const idleMs = performance.now() - Math.max(sinceMs, heardMs());
      if (!source.isPaused() && idleMs > silenceMsMax) source.destroy();
    }, silenceMsMax / 5);
    source.once('close', () => {
      clearInterval(timer);
      settle();
    });
  });
  await drained();
}
