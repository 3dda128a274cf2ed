/**
 * Group commit: one flush in flight, and what arrives meanwhile is the next batch. A barrier is acknowledged after
 * the datasync of its flush, and only there. The queue holds records and waiters; it knows nothing of files.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { settle, type Entry } from './entry.js';

export interface CommitQueueOptions {
  /** Writes the bodies; resolves with the first one's sequence once they are durable (or written, without `sync`). */
  readonly commit: (bodies: readonly string[], sync: boolean) => Promise<number>;
  /** Whether written records wait for a datasync, and how many. */
  readonly unsynced: () => { readonly records: number; readonly bytes: number };
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

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #queue: Entry[] = [];
  #inFlight: readonly Entry[] = [];
  #running: Promise<void> | undefined;
  #isPaused = false;
  #isSoon = false;
  #isSyncWanted = false;
  #relaxedTimer: NodeJS.Timeout | undefined;
  #patienceTimer: NodeJS.Timeout | undefined;
  #late = 0;
  #bytes = 0;

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

  /** Everything pushed before is durable, or lost, when this resolves. */
  async flush(): Promise<void> {
    this.#isSyncWanted = true;
    this.#start();
    await this.#running;
  }

  /** While paused nothing is committed; what is under way ends. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#queue.length > 0) this.#soon();
  }

  /** Empties the queue, what is under way included: for process exit, or when the stream is lost. */
  takeAll(): { readonly inFlight: readonly Entry[]; readonly queued: readonly Entry[] } {
    const taken = { inFlight: this.#inFlight, queued: this.#queue };
    this.#queue = [];
    this.#inFlight = [];
    this.#bytes = 0;
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
    // The check and the clearing of `#running` are in one turn: nothing pushed is left without a flush.
    while (this.#hasWork()) {
      const isForced = this.#isSyncWanted;
      const batch = this.#take();
      const sync =
        isForced ||
        batch.some((entry) => entry.durability !== 'none') ||
        this.#options.unsynced().bytes > unsyncedBytesMax;
      if (this.#queue.length === 0) this.#isSyncWanted = false;
      await this.#commit(batch, sync);
      // An inline datasync takes no turn of its own: without this one, callers who go on appending stop the host.
      if (this.#hasWork()) await turn();
    }
    this.#running = undefined;
  }

  #hasWork(): boolean {
    return !this.#isPaused && (this.#queue.length > 0 || this.#isSyncDue());
  }

  #isSyncDue(): boolean {
    if (!this.#isSyncWanted) return false;
    if (this.#options.unsynced().records > 0) return true;
    this.#isSyncWanted = false;
    return false;
  }

  async #commit(batch: readonly Entry[], sync: boolean): Promise<void> {
    this.#inFlight = batch;
    const startedMs = performance.now();
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
    for (const [index, entry] of batch.entries()) {
      settle(entry, 'durable', first + index);
    }
    if (this.#late > 0) {
      const late = this.#late;
      this.#late = 0;
      this.#options.onLate(late, Math.round(performance.now() - startedMs));
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
