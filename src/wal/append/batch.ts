/** What waits for one flush: the lines, and the callers who wait until they are durable. */
import type { Hlc } from '../../context/index.js';
import type { EncodedBody } from '../record/encode.js';
import { Lines } from '../record/assemble.js';
import type { Appended, Durability, Outcome } from '../types.js';

/** A caller who waits for its record to be durable. */
export class Barrier {
  readonly #hlc: Hlc;
  /** Of its record in its batch. */
  readonly #index: number;
  readonly #resolve: (appended: Appended) => void;
  readonly #reject: (error: Error) => void;
  readonly queuedAtMs: number = performance.now();
  isSettled = false;
  /** Was let go before its record was durable. */
  isLate = false;

  constructor(
    hlc: Hlc,
    index: number,
    resolve: (appended: Appended) => void,
    reject: (error: Error) => void,
  ) {
    this.#hlc = hlc;
    this.#index = index;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Tells the caller, once. `first` is the sequence of its batch's first record, where it is known. */
  settle(outcome: Outcome, first: number | undefined): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.isLate = outcome === 'late';
    const sequence = first === undefined ? undefined : first + this.#index;
    this.#resolve({ outcome, sequence, hlc: this.#hlc });
  }

  /** Refuses the caller, once. */
  refuse(error: Error): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#reject(error);
  }
}

export class Batch {
  readonly lines: Lines;
  readonly barriers: Barrier[] = [];
  records = 0;
  /** Of bodies. */
  bytes = 0;
  /** One of its records is to be durable. */
  isSyncWanted = false;

  constructor(lines: Lines) {
    this.lines = lines;
  }

  add({ text }: EncodedBody, durability: Durability): void {
    this.lines.add(text);
    this.records += 1;
    this.bytes += text.length;
    if (durability !== 'none') this.isSyncWanted = true;
  }

  settle(outcome: Outcome, first: number | undefined): void {
    for (const barrier of this.barriers) barrier.settle(outcome, first);
  }

  refuse(error: Error): void {
    for (const barrier of this.barriers) barrier.refuse(error);
  }

  /** For how long callers waited to the end, those of them who waited longer than this. */
  heldUpMs(nowMs: number, waitMsMax: number): readonly number[] {
    // The first one is the one that waited longest.
    if (nowMs - (this.barriers[0]?.queuedAtMs ?? nowMs) <= waitMsMax) return [];
    return this.barriers
      .filter(({ isLate }) => !isLate)
      .map(({ queuedAtMs }) => nowMs - queuedAtMs)
      .filter((waitedMs) => waitedMs > waitMsMax);
  }
}
