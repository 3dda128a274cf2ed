/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The stream a recorder appends to. It holds one stream on disk at a time: when that one is lost, and the host chose
 * to go on, it opens another, which begins with `wal.gap`. Nobody ever appends to a stream that another process, or
 * an earlier life of this one, has written.
 */
import { ThroughlineError } from '../../context/index.js';
import { CommitQueue } from './commit-queue.js';
import { endProcess } from './end-process.js';
import { Encoder } from '../record/encoder.js';
import { inlineExecutor, type Executor } from '../disk/executor.js';
import { sealAtExit } from './exit-seal.js';
import type { Batch } from './batch.js';
import { Gap } from './gap.js';
import { Intake, rejected } from './intake.js';
import { Incarnation } from './incarnation.js';
import { Metrics } from './metrics.js';
import type { CheckedOptions } from '../options.js';
import type { Appended, RecordInput, StreamMetrics, StreamState } from '../types.js';
import { dropBatches, refuseBatches } from './lost.js';
import type { Retention } from '../retention/retention.js';
import { Retry } from './retry.js';
import type { AppendOptions, Stream } from './stream-api.js';
import { lastingExecutor } from '../disk/lasting-executor.js';
import { within } from './within.js';
import { workerExecutor } from '../disk/worker-executor.js';

const reopenDelayMsMax = 60_000;
const threadWaitMsMax = 1000;

export class RecorderStream implements Stream {
  readonly root: string;
  readonly #options: CheckedOptions;
  readonly #metrics = new Metrics();
  readonly #queue: CommitQueue;
  readonly #gap = new Gap();
  readonly #intake: Intake;
  readonly #executor: Executor;
  readonly #disk: Incarnation;
  readonly #retention: Retention | undefined;
  readonly #retry: Retry;
  #state: StreamState = 'open';
  #closing: Promise<void> | undefined;
  #forgetExit: () => void = () => undefined;

  constructor(
    options: CheckedOptions,
    newRetention: (onError: (error: unknown) => void) => Retention | undefined,
  ) {
    this.#options = options;
    this.root = options.root;
    this.#executor =
      options.sync === 'worker' ? lastingExecutor(workerExecutor) : inlineExecutor(options.fs);
    const encoder = new Encoder(options);
    this.#disk = new Incarnation(options, {
      executor: this.#executor,
      encoder,
      metrics: this.#metrics,
      onCheckpointDue: () => void this.#queue.flush(),
    });
    this.#queue = new CommitQueue({
      ...options,
      commit: (lines, sync) => this.#disk.commit(lines, sync),
      writerId: () => this.#disk.writerId,
      // Of a stream that was lost nothing can be synced any more.
      unsyncedBytes: () => (this.#state === 'open' ? this.#disk.unsyncedBytes : 0),
      onLost: (error, batch) => this.#lose(error, batch),
      onCommitted: () => this.#committed(),
      onLate: (barriers, waitedMs) => {
        this.#metrics.late += barriers;
        this.#intake.note('wal.late', { barriers, waited_ms: waitedMs });
      },
    });
    this.#retention = newRetention((error) => this.#metrics.failed(error));
    this.#retry = new Retry(options.reopenDelayMs, reopenDelayMsMax);
    this.#intake = new Intake(options, {
      queue: this.#queue,
      encoder,
      gap: this.#gap,
      metrics: this.#metrics,
      state: () => this.#state,
    });
  }

  get writerId(): string {
    return this.#disk.writerId;
  }

  get directory(): string {
    return this.#disk.directory;
  }

  get state(): StreamState {
    return this.#state;
  }

  async open(): Promise<void> {
    try {
      await this.#begin();
    } catch (error) {
      this.#metrics.failed(error);
      if (this.#options.onFailure !== 'degrade') {
        await this.#executor.dispose();
        const why = this.#metrics.lastError ?? 'for no reason given';
        const message = `cannot write to ${this.root}: ${why}`;
        throw new ThroughlineError('ROOT_UNUSABLE', message, { cause: error });
      }
      this.#degrade();
    }
    if (this.#options.sealOnExit) {
      this.#forgetExit = sealAtExit((reason) => this.#sealSync(reason));
    }
  }

  append(record: RecordInput, options: AppendOptions = {}): Promise<Appended> {
    if (this.#closing !== undefined || this.#state === 'closed') {
      return rejected('STREAM_CLOSED', 'the stream is closed');
    }
    if (this.#state === 'poisoned') return rejected('STREAM_POISONED', 'the stream is poisoned');
    if (this.#disk.isInherited) this.#leaveParent();
    return this.#intake.append(record, options);
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  metrics(): StreamMetrics {
    const { bytesPending, recordsPending } = this.#queue;
    return this.#metrics.snapshot({ bytesPending, recordsPending });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(): Promise<void> {
    await this.#disk.begin();
    this.#retention?.due();
  }

  #committed(): void {
    this.#retry.reset();
    this.#retention?.saw(this.#metrics.rotations);
    this.#intake.room.admit(this.#queue.bytesPending);
    this.#intake.sayGap();
  }

  /** The stream on disk is lost. What follows is the host's choice. */
  #lose(error: Error, batch: Batch): void {
    // `close` waited no longer, and let everybody go.
    if (this.#state === 'closed') return;
    this.#metrics.failed(error.cause ?? error);
    const { onFailure } = this.#options;
    const { queued } = this.#queue.takeAll();
    const batches = [batch, ...queued];
    const why = this.#metrics.lastError ?? '';
    if (onFailure === 'exit') endProcess(this.root, why);
    if (onFailure === 'reject') {
      this.#state = 'poisoned';
      refuseBatches(batches, error);
      this.#intake.room.clear();
      return;
    }
    const records = dropBatches(batches, error);
    this.#metrics.dropped += records;
    this.#gap.add(records, why);
    this.#gap.lose(this.writerId, this.#disk.syncedSequence, why);
    this.#degrade();
    this.#intake.room.clear();
  }

  /** Goes on without a stream, and tries for a new one after a while. */
  #degrade(): void {
    this.#state = 'degraded';
    // A stream that is being closed is not tried for again.
    if (this.#closing !== undefined) return;
    this.#retry.later(() => this.#reopen());
  }

  async #reopen(): Promise<void> {
    if (this.#state !== 'degraded') return;
    try {
      await this.#begin();
    } catch (error) {
      this.#metrics.failed(error);
      if (this.#state === 'degraded') this.#degrade();
      return;
    }
    if (this.#state !== 'degraded') return;
    this.#state = 'open';
    this.#intake.sayGap('barrier');
  }

  /** A copy of a process must not write where the original does: it drops what it inherited and opens anew. */
  #leaveParent(): void {
    const { inFlight, queued } = this.#queue.takeAll();
    dropBatches([...inFlight, ...queued]);
    this.#gap.lose(this.writerId, 0, 'this process is a copy of the one that wrote that stream');
    this.#disk.leave();
    this.#state = 'degraded';
    this.#retry.now(() => this.#reopen());
  }

  #sealSync(reason: string): void {
    if (this.#state !== 'open') return;
    this.#intake.sayGap();
    this.#state = 'closed';
    const { queued } = this.#queue.takeAll();
    this.#disk.sealSync(
      queued.flatMap(({ lines }) => lines.bodies()),
      reason,
    );
  }

  async #seal(): Promise<void> {
    // A new stream that is being made has its gap and its seal: it must not come when everybody has gone.
    await this.#retry.stop();
    const { room } = this.#intake;
    // What was noted during the last flush, that callers were late or had no room, is in the record as well.
    do await this.#queue.flush();
    while ((room.size > 0 || this.#queue.recordsPending > 0) && this.#state === 'open');
    // Everything acknowledged is durable; without a seal the stream just ends.
    if (this.#state === 'open') {
      await this.#disk.seal('closed').catch((error: unknown) => this.#metrics.failed(error));
    }
  }

  async #close(): Promise<void> {
    this.#intake.heartbeat.stop();
    await within(this.#options.closeWaitMsMax, this.#seal());
    this.#state = 'closed';
    this.#intake.room.clear();
    this.#queue.stop();
    this.#forgetExit();
    await this.#retention?.stop();
    // A thread that hangs in a datasync ends when that does; nobody waits for it.
    await within(threadWaitMsMax, this.#executor.dispose());
  }
}
