/** A record in the queue, and the caller who waits for it. */
import type { Hlc } from '../../context/index.js';
import type { EncodedBody } from '../record/encode.js';
import type { Appended, Durability, Outcome } from '../types.js';

/** An encoded record on its way, with the caller who waits for it, if any. */
export class Entry {
  readonly body: string;
  readonly hlc: Hlc;
  readonly durability: Durability;
  readonly queuedAtMs: number = performance.now();
  readonly resolve: ((appended: Appended) => void) | undefined;
  readonly reject: ((error: Error) => void) | undefined;
  isSettled = false;

  constructor(
    encoded: EncodedBody,
    durability: Durability,
    resolve?: (appended: Appended) => void,
    reject?: (error: Error) => void,
  ) {
    this.body = encoded.text;
    this.hlc = encoded.hlc;
    this.durability = durability;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Tells the caller, once. */
export function settle(entry: Entry, outcome: Outcome, sequence: number | undefined): void {
  if (entry.isSettled) return;
  entry.isSettled = true;
  entry.resolve?.({ outcome, sequence, hlc: entry.hlc });
}

/** Refuses the caller, once. */
export function refuse(entry: Entry, error: Error): void {
  if (entry.isSettled) return;
  entry.isSettled = true;
  entry.reject?.(error);
}
