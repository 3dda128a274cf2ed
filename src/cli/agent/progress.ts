/**
 * Progress of a call for clients that ask for it: told from time to time, never with the answer. Clients that read both
 * in one piece take the notice for one of a request they do not know, and some end the connection over it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 500;
/** So long the answer stays behind the last notice. */
const apartMs = 50;

export interface Progress {
  /** So many records more were read. */
  readonly add: (records: number) => void;
  /** Resolves when the answer may be sent. */
  readonly done: () => Promise<void>;
}

/** `send` tells how many records were read so far. */
export function progressOf(
  send: (records: number) => void,
  nowMs: () => number = Date.now,
): Progress {
  let records = 0;
  let lastMs = nowMs();
  let isSent = false;
  return {
    add(more) {
      records += more;
      if (more === 0 || nowMs() - lastMs < everyMs) return;
      lastMs = nowMs();
      isSent = true;
      send(records);
    },
    async done() {
      const leftMs = lastMs + apartMs - nowMs();
      if (isSent && leftMs > 0) await sleep(leftMs);
    },
  };
}
