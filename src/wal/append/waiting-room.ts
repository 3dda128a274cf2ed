/** Back-pressure: callers that wait until the queue has room for their record, in order, for a bounded time. */

interface Waiter {
  readonly bytes: number;
  readonly deadlineMs: number;
  readonly admit: (isAdmitted: boolean) => void;
}

export class WaitingRoom {
  readonly #bytesPendingMax: number;
  readonly #waitMsMax: number;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(bytesPendingMax: number, waitMsMax: number) {
    this.#bytesPendingMax = bytesPendingMax;
    this.#waitMsMax = waitMsMax;
  }

  get size(): number {
    return this.#waiters.length;
  }

  /** Whether a record of this size may go ahead now: there is room, and nobody waits before it. */
  has(bytes: number, bytesPending: number): boolean {
    return this.#waiters.length === 0 && this.#fits(bytes, bytesPending);
  }

  /**
   * Calls `admit` with true when there is room, with false when there was none in time. A call and no promise: nobody
   * who asks between may go ahead.
   */
  wait(bytes: number, admit: (isAdmitted: boolean) => void): void {
    this.#waiters.push({ bytes, deadlineMs: performance.now() + this.#waitMsMax, admit });
    this.#timer ??= setTimeout(() => this.#turnAway(), this.#waitMsMax);
  }

  /** Lets in whoever fits now. */
  admit(bytesPending: number): void {
    let taken = bytesPending;
    let count = 0;
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.bytes, taken)) break;
      taken += waiter.bytes;
      count += 1;
    }
    for (const waiter of this.#waiters.splice(0, count)) waiter.admit(true);
  }

  /** Turns everybody away: the stream is lost or closed. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.admit(false);
  }

  #fits(bytes: number, bytesPending: number): boolean {
    // A record larger than the limit goes ahead alone.
    return bytesPending === 0 || bytesPending + bytes <= this.#bytesPendingMax;
  }

  #turnAway(): void {
    const now = performance.now();
    const count = this.#waiters.findIndex((waiter) => waiter.deadlineMs > now + 1);
    for (const waiter of this.#waiters.splice(0, count === -1 ? this.#waiters.length : count)) {
      waiter.admit(false);
    }
    const next = this.#waiters[0];
    this.#timer =
      next === undefined
        ? undefined
        : setTimeout(() => this.#turnAway(), Math.max(1, next.deadlineMs - now));
  }
}
