/**
 * Group commit: one flush in flight, and what arrives meanwhile is the next batch. A barrier is acknowledged after
 * the datasync of its flush, and only there. The queue holds records and waiters; it knows nothing of files.
 */
import { settle, type Entry } from './entry.js';

export interface CommitQueueOptions {
  /** Writes the bodies; resolves with the first one's sequence once they are durable (or written, without `sync`). */
  readonly commit: (bodies: readonly string[], sync: boolean) => Promise<number>;
  /** How much is written and waits for a datasync. */
  readonly unsyncedBytes: () => number;
  /** The commit failed for good: these records are not in the stream. */
  readonly onLost: (error: Error, entries: readonly Entry[]) => void;
  /** A flush ended well; its callers were told. */
  readonly onCommitted: () => void;
  /** A flush ended during which barriers ran out of patience. */
  readonly onLate: (barriers: number, waitedMs: number) => void;
  readonly flushBytesMax: number;
  readonly relaxedDelayMsMax: number;
  readonly barrierWaitMsMax: number;
}

/** So much that is written and not synced is kept in memory; then a datasync is due. */
const unsyncedBytesMax = 1024 * 1024;
/** Callers who go on appending hold the event loop for one flush, and at most for this if flushes are shorter. */
const heldMsMax = 2;

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #queue: Entry[] = [];
  #inFlight: readonly Entry[] = [];
  #running: Promise<void> | undefined;
  #isSoon = false;
  #isSyncWanted = false;
  #relaxedTimer: NodeJS.Timeout | undefined;
  #patienceTimer: NodeJS.Timeout | undefined;
  #late = 0;
  #bytes = 0;
  /** Records ever pushed, and those of them that are written, lost or taken. */
  #pushed = 0;
  #ended = 0;
  /** Who waits for everything up to a record, in that order. */
  readonly #flushes: { readonly upTo: number; readonly resolve: () => void }[] = [];

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  get bytesPending(): number {
    return this.#bytes;
  }

  get recordsPending(): number {
    return this.#queue.length + this.#inFlight.length;
  }

  push(entry: Entry): void {
    this.#queue.push(entry);
    this.#pushed += 1;
    this.#bytes += entry.body.length;
    if (entry.durability === 'barrier') {
      this.#soon();
      this.#patienceTimer ??= this.#startPatience(this.#options.barrierWaitMsMax);
    } else if (this.#bytes >= this.#options.flushBytesMax) {
      this.#soon();
    } else {
      this.#relaxedTimer ??= setTimeout(() => {
        this.#relaxedTimer = undefined;
        this.#start();
      }, this.#options.relaxedDelayMsMax).unref();
    }
  }

  /** Everything pushed before is durable, or lost, when this resolves; what is pushed meanwhile does not hold it up. */
  async flush(): Promise<void> {
    const upTo = this.#pushed;
    this.#isSyncWanted = true;
    this.#start();
    if (this.#running === undefined) return;
    await new Promise<void>((resolve) => this.#flushes.push({ upTo, resolve }));
  }

  /** Empties the queue, what is under way included: for process exit, or when the stream is lost. */
  takeAll(): { readonly inFlight: readonly Entry[]; readonly queued: readonly Entry[] } {
    const taken = { inFlight: this.#inFlight, queued: this.#queue };
    this.#queue = [];
    this.#inFlight = [];
    this.#bytes = 0;
    this.#ended = this.#pushed;
    return taken;
  }

  stop(): void {
    clearTimeout(this.#relaxedTimer);
    clearTimeout(this.#patienceTimer);
  }

  /** After the current turn, so that what one turn appends rides in one flush. */
  #soon(): void {
    if (this.#isSoon || this.#running !== undefined) return;
    this.#isSoon = true;
    setImmediate(() => {
      this.#isSoon = false;
      this.#start();
    });
  }

  #start(): void {
    // With nothing to do `#run` would end before its promise is kept here, and count as running for ever.
    if (this.#running !== undefined || !this.#hasWork()) return;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    let turnedMs = performance.now();
    // The check and the clearing of `#running` are in one turn: nothing pushed is left without a flush.
    while (this.#hasWork()) {
      const isForced = this.#isSyncWanted;
      const batch = this.#take();
      const sync =
        isForced ||
        batch.some((entry) => entry.durability !== 'none') ||
        this.#options.unsyncedBytes() > unsyncedBytesMax;
      if (this.#queue.length === 0) this.#isSyncWanted = false;
      await this.#commit(batch, sync);
      if (sync) this.#endFlushes(this.#ended);
      // An inline datasync takes no turn of the event loop: callers who go on appending must not stop the host. Most
      // flushes only wait until those who were told have gone on, for a turn costs a lone append a tenth of its time.
      const nowMs = performance.now();
      if (nowMs - turnedMs < heldMsMax) {
        await new Promise<void>((resolve) => process.nextTick(resolve));
      } else {
        await new Promise<void>((resolve) => setImmediate(resolve));
        turnedMs = performance.now();
      }
    }
    this.#running = undefined;
    this.#endFlushes(this.#pushed);
  }

  #endFlushes(upTo: number): void {
    while ((this.#flushes[0]?.upTo ?? Number.POSITIVE_INFINITY) <= upTo) {
      this.#flushes.shift()?.resolve();
    }
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#isSyncDue();
  }

  #isSyncDue(): boolean {
    if (!this.#isSyncWanted) return false;
    if (this.#options.unsyncedBytes() > 0) return true;
    this.#isSyncWanted = false;
    return false;
  }

  async #commit(batch: readonly Entry[], sync: boolean): Promise<void> {
    this.#inFlight = batch;
    let first: number;
    try {
      first = await this.#options.commit(
        batch.map((entry) => entry.body),
        sync,
      );
    } catch (error) {
      this.#forget(batch);
      this.#options.onLost(error as Error, batch);
      return;
    }
    this.#forget(batch);
    for (const entry of batch) {
      settle(entry, 'durable', first);
      first += 1;
    }
    if (this.#late > 0) {
      const waitedMs = Math.round(performance.now() - (batch[0]?.queuedAtMs ?? 0));
      this.#options.onLate(this.#late, waitedMs);
      this.#late = 0;
    }
    this.#options.onCommitted();
  }

  #take(): readonly Entry[] {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#queue) {
      if (count > 0 && bytes + entry.body.length > this.#options.flushBytesMax) break;
      bytes += entry.body.length;
      count += 1;
    }
    if (count === this.#queue.length) {
      const batch = this.#queue;
      this.#queue = [];
      return batch;
    }
    return this.#queue.splice(0, count);
  }

  #forget(batch: readonly Entry[]): void {
    // After `takeAll` the batch is not ours any more.
    if (this.#inFlight !== batch) return;
    this.#inFlight = [];
    this.#ended += batch.length;
    for (const entry of batch) this.#bytes -= entry.body.length;
  }

  #startPatience(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#losePatience(), delayMs).unref();
  }

  /** Barriers that waited too long are let go as `late`; their records stay on their way. */
  #losePatience(): void {
    const now = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of [...this.#inFlight, ...this.#queue]) {
      if (entry.isSettled || entry.durability !== 'barrier') continue;
      const leftMs = entry.queuedAtMs + this.#options.barrierWaitMsMax - now;
      if (leftMs <= 0) {
        this.#late += 1;
        settle(entry, 'late', undefined);
      } else {
        nextMs = Math.min(nextMs, leftMs);
      }
    }
    this.#patienceTimer = Number.isFinite(nextMs) ? this.#startPatience(nextMs) : undefined;
  }
}
