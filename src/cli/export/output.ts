/** Standard output, a chunk at a time, at the speed of whoever reads it. Who stops reading ends the command (main.ts). */
import { once } from 'node:events';
import type { Sink } from '../../export/index.js';

/** What an exporter writes to, and what is to be done when it has. */
export interface Destination {
  readonly sink: Sink;
  /** All was written. Resolves with what did not arrive, a sentence each. */
  finish(): Promise<readonly string[]>;
  /** It went wrong: leave nothing behind. */
  abandon(): Promise<void>;
}

// What a terminal would act upon; newlines and tabs are the format's.
const unsafe =
  // oxlint-disable-next-line no-control-regex -- Control characters are what it removes.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export function standardOutput(): Destination {
  const isTerminal = process.stdout.isTTY;
  return {
    sink: {
      async write(chunk) {
        const shown =
          isTerminal && typeof chunk === 'string' ? chunk.replace(unsafe, '\ufffd') : chunk;
        if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
      },
    },
    finish: async () => [],
    abandon: async () => undefined,
  };
}
