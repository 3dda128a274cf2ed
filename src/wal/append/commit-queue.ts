/**
 * Group commit: one flush in flight, and what arrives meanwhile is the next batch. A barrier is acknowledged after
 * the datasync of its flush, and only there. The queue holds lines and waiters; it knows nothing of files.
 */
import { Barrier, type Batch } from './batch.js';
import type { EncodedBody } from '../record/encode.js';
import type { Lines } from '../record/assemble.js';
import { Pending } from './pending.js';
import type { Appended, Durability } from '../types.js';

export interface CommitQueueOptions {
  /**
   * Writes the lines; the first one's sequence once they are durable (or written, without `sync`). At once, where the
   * disk is waited for in this thread.
   */
  readonly commit: (lines: Lines, sync: boolean) => number | Promise<number>;
  /** Whose lines they are. */
  readonly writerId: () => string;
  /** How much is written and waits for a datasync. */
  readonly unsyncedBytes: () => number;
  /** The commit failed for good: these records are not in the stream. */
  readonly onLost: (error: Error, batch: Batch) => void;
  /** A flush ended well; its callers were told. */
  readonly onCommitted: () => void;
  /** A flush ended for which barriers waited longer than they should. */
  readonly onLate: (barriers: number, waitedMs: number) => void;
  readonly flushBytesMax: number;
  readonly relaxedDelayMsMax: number;
  readonly barrierWaitMsMax: number;
}

/** So much that is written and not synced is kept in memory; then a datasync is due. */
const unsyncedBytesMax = 1024 * 1024;
/** Callers who go on appending hold the event loop for one flush, and at most for this if flushes are shorter. */
const heldMsMax = 2;

/** Within a tick the next tick comes before those who were told go on: it must be asked for from behind them. */
const afterThis = Promise.resolve();

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #pending: Pending;
  #isRunning = false;
  #isSoon = false;
  #isSyncWanted = false;
  #turnedMs = 0;
  #relaxedTimer: NodeJS.Timeout | undefined;
  #patienceTimer: NodeJS.Timeout | undefined;
  #late = 0;
  /** Who waits for everything up to a record, in that order. */
  readonly #flushes: { readonly upTo: number; readonly resolve: () => void }[] = [];

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#pending = new Pending(options.writerId, options.flushBytesMax);
  }

  get bytesPending(): number {
    return this.#pending.bytes;
  }

  get recordsPending(): number {
    return this.#pending.records;
  }

  push(encoded: EncodedBody, durability: Durability): Batch {
    const batch = this.#pending.add(encoded, durability);
    if (durability === 'barrier' || this.#pending.bytes >= this.#options.flushBytesMax) {
      this.#soon();
    } else {
      this.#relaxedTimer ??= this.#startRelaxed();
    }
    return batch;
  }

  /** Resolves when the record is durable, or late, or lost. */
  pushBarrier(encoded: EncodedBody): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const batch = this.push(encoded, 'barrier');
      batch.barriers.push(new Barrier(encoded.hlc, batch.records - 1, resolve, reject));
      this.#patienceTimer ??= this.#startPatience(this.#options.barrierWaitMsMax);
    });
  }

  /** Everything pushed before is durable, or lost, when this resolves; what is pushed meanwhile does not hold it up. */
  async flush(): Promise<void> {
    const upTo = this.#pending.pushed;
    this.#isSyncWanted = true;
    this.#start();
    if (!this.#isRunning) return;
    await new Promise<void>((resolve) => this.#flushes.push({ upTo, resolve }));
  }

  /** Empties the queue, what is under way included: for process exit, or when the stream is lost. */
  takeAll(): { readonly inFlight: readonly Batch[]; readonly queued: readonly Batch[] } {
    return this.#pending.takeAll();
  }

  /** Who still waits, because the disk does not answer, is let go: nobody would do it later. */
  stop(): void {
    clearTimeout(this.#relaxedTimer);
    clearTimeout(this.#patienceTimer);
    for (const batch of this.#pending.batches) batch.settle('late', undefined);
    this.#endFlushes(Number.MAX_SAFE_INTEGER);
  }

  /** After the current turn, so that what one turn appends rides in one flush. */
  #soon(): void {
    if (this.#isSoon || this.#isRunning) return;
    this.#isSoon = true;
    setImmediate(() => {
      this.#isSoon = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#isRunning || !this.#hasWork()) return;
    this.#isRunning = true;
    this.#turnedMs = performance.now();
    this.#run();
  }

  /** One flush, and then the next one, or none. */
  readonly #run = (): void => {
    // The check and the clearing of `#isRunning` are in one turn: nothing pushed is left without a flush.
    if (!this.#hasWork()) {
      this.#isRunning = false;
      this.#endFlushes(this.#pending.pushed);
      return;
    }
    const isForced = this.#isSyncWanted;
    const batch = this.#pending.take();
    const sync = isForced || batch.isSyncWanted || this.#options.unsyncedBytes() > unsyncedBytesMax;
    if (!this.#pending.hasMore) this.#isSyncWanted = false;
    let first: number | Promise<number>;
    try {
      first = this.#options.commit(batch.lines, sync);
    } catch (error) {
      this.#lost(batch, error as Error);
      this.#goOn(sync);
      return;
    }
    if (typeof first === 'number') {
      this.#committed(batch, first);
      this.#goOn(sync, batch);
    } else void this.#wait(batch, first).then(() => this.#goOn(sync));
  };

  readonly #tick = (): void => process.nextTick(this.#run);

  async #wait(batch: Batch, first: Promise<number>): Promise<void> {
    let sequence: number;
    try {
      sequence = await first;
    } catch (error) {
      this.#lost(batch, error as Error);
      return;
    }
    this.#committed(batch, sequence);
  }

  /** `heldUp` are those whom this thread could not let go, because it waited for the disk itself. */
  #goOn(sync: boolean, heldUp?: Batch): void {
    if (sync) this.#endFlushes(this.#pending.ended);
    // An inline datasync takes no turn of the event loop: callers who go on appending must not stop the host. Most
    // flushes only wait until those who were told have gone on, for a turn each would cost a lone append more CPU.
    const nowMs = performance.now();
    if (nowMs - this.#turnedMs < heldMsMax) {
      void afterThis.then(this.#tick);
    } else {
      this.#sayHeldUp(heldUp?.heldUpMs(nowMs, this.#options.barrierWaitMsMax) ?? []);
      setImmediate(() => {
        this.#turnedMs = performance.now();
        this.#run();
      });
    }
  }

  #sayHeldUp(waitedMs: readonly number[]): void {
    const [longestMs] = waitedMs;
    if (longestMs !== undefined) this.#options.onLate(waitedMs.length, Math.round(longestMs));
  }

  #committed(batch: Batch, first: number): void {
    this.#pending.end(batch, first + batch.records);
    batch.settle('durable', first);
    if (this.#late > 0) {
      const waitedMs = performance.now() - (batch.barriers[0]?.queuedAtMs ?? 0);
      this.#options.onLate(this.#late, Math.round(waitedMs));
      this.#late = 0;
    }
    this.#options.onCommitted();
  }

  #lost(batch: Batch, error: Error): void {
    this.#pending.end(batch);
    // Those who were late are among the records that `wal.gap` counts.
    this.#late = 0;
    this.#options.onLost(error, batch);
  }

  #endFlushes(upTo: number): void {
    while ((this.#flushes[0]?.upTo ?? Number.POSITIVE_INFINITY) <= upTo) {
      this.#flushes.shift()?.resolve();
    }
  }

  #hasWork(): boolean {
    return this.#pending.hasMore || this.#isSyncDue();
  }

  #isSyncDue(): boolean {
    if (!this.#isSyncWanted) return false;
    if (this.#options.unsyncedBytes() > 0) return true;
    this.#isSyncWanted = false;
    return false;
  }

  #startRelaxed(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#relaxedTimer = undefined;
      this.#start();
    }, this.#options.relaxedDelayMsMax).unref();
  }

  #startPatience(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#losePatience(), delayMs).unref();
  }

  /** Barriers that waited too long are let go as `late`; their records stay on their way. */
  #losePatience(): void {
    const now = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const batch of this.#pending.batches) {
      for (const barrier of batch.barriers) {
        if (barrier.isSettled) continue;
        const leftMs = barrier.queuedAtMs + this.#options.barrierWaitMsMax - now;
        if (leftMs <= 0) {
          this.#late += 1;
          barrier.settle('late', undefined);
        } else {
          nextMs = Math.min(nextMs, leftMs);
        }
      }
    }
    this.#patienceTimer = Number.isFinite(nextMs) ? this.#startPatience(nextMs) : undefined;
  }
}
