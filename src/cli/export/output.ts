/** Standard output, a chunk at a time, at the speed of whoever reads it. Who stops reading ends the command (main.ts). */
import { once } from 'node:events';
import type { Sink } from '../../export/index.js';
import { cleanLines } from '../text.js';

/** What an exporter writes to, and what is to be done when it has. */
export interface Destination {
  readonly sink: Sink;
  /** All was written. Resolves with what did not arrive, a sentence each. */
  finish(): Promise<readonly string[]>;
  /** It went wrong: leave nothing behind. */
  abandon(): Promise<void>;
}

export function standardOutput(): Destination {
  const isTerminal = process.stdout.isTTY;
  return {
    sink: {
      async write(chunk) {
        // What a terminal would act upon is not sent there.
        const shown = isTerminal && typeof chunk === 'string' ? cleanLines(chunk) : chunk;
        if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
      },
    },
    finish: async () => [],
    abandon: async () => undefined,
  };
}
