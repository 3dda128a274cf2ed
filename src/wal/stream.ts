/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The stream a recorder appends to. It holds one stream on disk at a time: when that one is lost, and the host chose
 * to go on, it opens another, which begins with `wal.gap`. Nobody ever appends to a stream that another process, or
 * an earlier life of this one, has written.
 */
import { ThroughlineError, type ErrorCode, type Hlc } from '../context/index.js';
import { CommitQueue, refuse, settle, type Entry } from './commit-queue.js';
import { encodeBody, type EncodedBody } from './encode.js';
import { inlineExecutor, type Executor } from './executor.js';
import { sealAtExit } from './exit-seal.js';
import { Gap } from './gap.js';
import { beginIncarnation, commitBatch, type Incarnation } from './incarnation.js';
import { Metrics } from './metrics.js';
import { OpenRuns } from './open-runs.js';
import { checkOptions, type CheckedOptions, type StreamOptions } from './options.js';
import type {
  Appended,
  Durability,
  JsonObject,
  RecordInput,
  StreamMetrics,
  StreamState,
} from './types.js';
import { Retention } from './retention.js';
import { WaitingRoom } from './waiting-room.js';
import { workerExecutor } from './worker-executor.js';
import { StreamLost } from './writer.js';

export interface AppendOptions {
  /** Default `barrier`. */
  readonly durability?: Durability | undefined;
}

export interface Stream {
  /** `<role>-<ULID>`. Another one after a lost stream was replaced. */
  readonly writerId: string;
  readonly root: string;
  readonly directory: string;
  readonly state: StreamState;
  /**
   * Appends one record. Rejects with `RECORD_INVALID` (nothing happened), `APPEND_REJECTED` (no room),
   * `STREAM_CLOSED` or, unless the stream degrades, `STREAM_POISONED`. Look at `outcome` for what is durable.
   */
  append(record: RecordInput, options?: AppendOptions): Promise<Appended>;
  /** Everything appended before is durable, or lost, when this resolves. */
  flush(): Promise<void>;
  metrics(): StreamMetrics;
  /** Flushes, seals and frees. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a new stream under `root`; its directory and header are durable when this resolves. Rejects with
 * `ARGUMENT_INVALID`, or with `ROOT_UNUSABLE` when nothing can be written there and `onFailure` is not `degrade`;
 * a degraded stream is returned otherwise.
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const stream = new RecorderStream(checkOptions(options));
  await stream.open();
  return stream;
}

/** The stream that says what was removed. It must not remove anything itself. */
export function openPruneJournal(root: string): Promise<Stream> {
  return openStream({
    root,
    role: 'prune',
    sync: 'inline',
    onFailure: 'reject',
    sealOnExit: false,
    retention: false,
  });
}

const reopenDelayMsMax = 60_000;

class RecorderStream implements Stream {
  readonly root: string;
  readonly #options: CheckedOptions;
  readonly #metrics = new Metrics();
  readonly #runs = new OpenRuns();
  readonly #queue: CommitQueue;
  readonly #room: WaitingRoom;
  readonly #gap = new Gap();
  readonly #executor: Executor;
  readonly #retention: Retention | undefined;
  #incarnation: Incarnation | undefined;
  #state: StreamState = 'open';
  #aliveTimer: NodeJS.Timeout | undefined;
  #reopenTimer: NodeJS.Timeout | undefined;
  #reopenDelayMs: number;
  #rotationsSeen = 0;
  #closing: Promise<void> | undefined;
  #forgetExit: () => void = () => undefined;

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.root = options.root;
    this.#reopenDelayMs = options.reopenDelayMs;
    this.#executor = options.sync === 'worker' ? workerExecutor() : inlineExecutor(options.fs);
    this.#queue = new CommitQueue({
      ...options,
      commit: (bodies, sync) => this.#commit(bodies, sync),
      unsynced: () => this.#incarnation?.writer.unsyncedCount ?? 0,
      onLost: (error, entries) => this.#lose(error, entries),
      onCommitted: () => this.#committed(),
      onLate: (barriers, waitedMs) => this.#writeLate(barriers, waitedMs),
    });
    if (options.retention !== false) {
      const { root, role, retention } = options;
      const onError = (error: unknown): void => this.#metrics.failed(error);
      const openJournal = openPruneJournal;
      this.#retention = new Retention({ root, role, options: retention, openJournal, onError });
    }
    this.#room = new WaitingRoom(options.bytesPendingMax, options.barrierWaitMsMax);
  }

  get writerId(): string {
    return this.#incarnation?.writerId ?? '';
  }

  get directory(): string {
    return this.#incarnation?.directory ?? '';
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
        const message = `cannot write to ${this.root}`;
        throw new ThroughlineError('ROOT_UNUSABLE', message, { cause: error });
      }
      this.#degrade();
    }
    if (this.#options.sealOnExit) {
      this.#forgetExit = sealAtExit((reason) => this.#sealSync(reason));
    }
  }

  append(record: RecordInput, options: AppendOptions = {}): Promise<Appended> {
    if (this.#state === 'closed') return rejected('STREAM_CLOSED', 'the stream is closed');
    if (this.#state === 'poisoned') return rejected('STREAM_POISONED', 'the stream is poisoned');
    let encoded: EncodedBody;
    try {
      encoded = this.#encode(record);
    } catch (error) {
      return Promise.reject(error);
    }
    if (process.pid !== this.#incarnation?.pid && this.#incarnation !== undefined)
      this.#leaveParent();
    const size = encoded.text.length;
    if (this.#state === 'open' && !this.#room.has(size, this.#queue.bytesPending)) {
      if (this.#options.onFull === 'reject') {
        return rejected('APPEND_REJECTED', `${this.#queue.bytesPending} bytes are waiting`);
      }
      return this.#room
        .wait(size)
        .then((isAdmitted) =>
          isAdmitted ? this.#enqueue(record, encoded, options) : this.#drop(encoded),
        );
    }
    return this.#enqueue(record, encoded, options);
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

  #encode(record: RecordInput): EncodedBody {
    const { clock, projectPath, recordBytesMax } = this.#options;
    return encodeBody(record, clock, projectPath, recordBytesMax);
  }

  /** The limit is for callers; a stream's own records are small and must be written. */
  #encodeOwn(record: RecordInput, at?: Hlc): EncodedBody {
    const { clock, projectPath } = this.#options;
    return encodeBody(record, clock, projectPath, Number.POSITIVE_INFINITY, at);
  }

  #enqueue(record: RecordInput, encoded: EncodedBody, options: AppendOptions): Promise<Appended> {
    const isGone = this.#state !== 'open';
    this.#runs.see(record, this.#incarnation?.writer.segmentNumber ?? 0);
    this.#watchRuns();
    if (isGone) return this.#drop(encoded);
    const durability = options.durability ?? 'barrier';
    const entry = { body: encoded.text, hlc: encoded.hlc, durability, isSettled: false };
    const queuedAtMs = performance.now();
    if (durability !== 'barrier') {
      this.#queue.push({ ...entry, queuedAtMs, settle: undefined, fail: undefined });
      return Promise.resolve({ outcome: 'queued', sequence: undefined, hlc: encoded.hlc });
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...entry, queuedAtMs, settle: resolve, fail: reject });
    });
  }

  /** A record of the stream's own: never waits, never rejects; written also while the stream is being closed. */
  #note(eventType: string, payload: JsonObject, durability: Durability = 'relaxed'): void {
    if (this.#state === 'degraded' || this.#state === 'poisoned') return;
    const { text: body, hlc } = this.#encodeOwn({ event_type: eventType, payload });
    const queuedAtMs = performance.now();
    const unheard = { settle: undefined, fail: undefined, isSettled: false };
    this.#queue.push({ body, hlc, durability, queuedAtMs, ...unheard });
  }

  #drop(encoded: EncodedBody): Promise<Appended> {
    this.#metrics.dropped += 1;
    this.#gap.add(1, 'no room');
    return Promise.resolve({ outcome: 'dropped', sequence: undefined, hlc: encoded.hlc });
  }

  async #begin(): Promise<void> {
    this.#incarnation = await beginIncarnation(
      this.#options,
      this.#executor,
      (record, at) => this.#encodeOwn(record, at).text,
    );
    this.#retention?.due();
  }

  #commit(bodies: readonly string[], sync: boolean): Promise<number> {
    const writer = this.#incarnation?.writer;
    if (writer === undefined) return Promise.reject(new StreamLost('no stream is open'));
    return commitBatch(writer, this.#metrics, { bodies, sync });
  }

  #committed(): void {
    if (this.#metrics.rotations > this.#rotationsSeen) {
      this.#rotationsSeen = this.#metrics.rotations;
      this.#retention?.due();
    }
    this.#room.admit(this.#queue.bytesPending);
    if (this.#state === 'open' && this.#gap.isOpen) this.#note('wal.gap', this.#gap.take());
  }

  #writeLate(barriers: number, waitedMs: number): void {
    this.#metrics.late += barriers;
    this.#note('wal.late', { barriers, waited_ms: waitedMs });
  }

  /** The stream on disk is lost. What follows is the host's choice. */
  #lose(error: Error, batch: readonly Entry[]): void {
    this.#metrics.failed(error.cause ?? error);
    const { onFailure } = this.#options;
    const { queued } = this.#queue.takeAll();
    const writer = this.#incarnation?.writer;
    const entries = [...batch, ...queued];
    if (onFailure === 'exit') {
      process.stderr.write(
        `throughline: the WAL under ${this.root} failed, as configured this process ends: ${this.#metrics.lastError ?? ''}\n`,
      );
      process.exit(exitCode);
    }
    this.#room.clear();
    if (onFailure === 'reject') {
      this.#state = 'poisoned';
      const poisoned = new ThroughlineError('STREAM_POISONED', 'the WAL failed', { cause: error });
      for (const entry of entries) refuse(entry, poisoned);
      return;
    }
    const lost = entries.length + (writer?.unsyncedCount ?? 0);
    this.#metrics.dropped += lost;
    this.#gap.add(lost, '');
    this.#gap.lose(this.writerId, writer?.syncedSequence ?? 0, this.#metrics.lastError ?? '');
    for (const entry of entries) settle(entry, 'dropped', undefined);
    this.#degrade();
  }

  /** Goes on without a stream, and tries for a new one after a while. */
  #degrade(): void {
    this.#state = 'degraded';
    this.#reopenTimer = setTimeout(() => void this.#reopen(), this.#reopenDelayMs).unref();
    this.#reopenDelayMs = Math.min(this.#reopenDelayMs * 2, reopenDelayMsMax);
  }

  async #reopen(): Promise<void> {
    try {
      await this.#begin();
    } catch (error) {
      this.#metrics.failed(error);
      if (this.#state === 'degraded') this.#degrade();
      return;
    }
    if (this.#state !== 'degraded') return;
    this.#state = 'open';
    this.#reopenDelayMs = this.#options.reopenDelayMs;
    if (this.#gap.isOpen) this.#note('wal.gap', this.#gap.take(), 'barrier');
  }

  /** A copy of a process must not write where the original does: it drops what it inherited and opens anew. */
  #leaveParent(): void {
    this.#queue.takeAll();
    this.#gap.lose(this.writerId, 0, 'this process is a copy of the one that wrote that stream');
    this.#incarnation = undefined;
    this.#state = 'degraded';
    void this.#reopen();
  }

  #watchRuns(): void {
    if (this.#runs.size === 0) {
      clearInterval(this.#aliveTimer);
      this.#aliveTimer = undefined;
      return;
    }
    this.#aliveTimer ??= setInterval(() => {
      this.#note('wal.alive', { open_runs: this.#runs.size }, 'none');
    }, this.#options.aliveIntervalMs).unref();
  }

  /** For process exit: what is under way is waited for, what is queued is written, then the seal. */
  #sealSync(reason: string): void {
    const writer = this.#incarnation?.writer;
    if (this.#state !== 'open' || writer === undefined) return;
    this.#state = 'closed';
    const { inFlight, queued } = this.#queue.takeAll();
    writer.sealSync(
      [...inFlight, ...queued].map((entry) => entry.body),
      reason,
    );
  }

  async #close(): Promise<void> {
    clearTimeout(this.#reopenTimer);
    clearInterval(this.#aliveTimer);
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#room.clear();
    if (wasOpen) await withinMs(this.#flushAndSeal(), this.#options.closeWaitMsMax);
    this.#queue.stop();
    this.#forgetExit();
    await this.#retention?.stop();
    await this.#executor.dispose();
  }

  async #flushAndSeal(): Promise<void> {
    await this.#queue.flush();
    try {
      await this.#incarnation?.writer.seal('closed');
    } catch (error) {
      // Everything acknowledged is durable; the stream ends unsealed.
      this.#metrics.failed(error);
    }
  }
}

/** EX_IOERR of sysexits.h. */
const exitCode = 74;

function rejected(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new ThroughlineError(code, message));
}

async function withinMs(work: Promise<void>, waitMsMax: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMsMax);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
