/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The stream a recorder appends to. It holds one stream on disk at a time: when that one is lost, and the host chose
 * to go on, it opens another, which begins with `wal.gap`. Nobody ever appends to a stream that another process, or
 * an earlier life of this one, has written.
 *
 * Longer than other files on purpose: every decision about the state of a stream is taken here, in one class.
 */
import { ThroughlineError, type ErrorCode, type Hlc } from '../context/index.js';
import { CommitQueue, Entry, refuse, settle } from './commit-queue.js';
import { endProcess } from './end-process.js';
import { encodeBody, type EncodedBody } from './encode.js';
import { inlineExecutor, type Executor } from './executor.js';
import { sealAtExit } from './exit-seal.js';
import { Gap } from './gap.js';
import { beginIncarnation, commitBatch, type Incarnation } from './incarnation.js';
import { Metrics } from './metrics.js';
import { Heartbeat } from './heartbeat.js';
import type { CheckedOptions } from './options.js';
import type {
  Appended,
  Durability,
  JsonObject,
  RecordInput,
  StreamMetrics,
  StreamState,
} from './types.js';
import type { Retention } from './retention.js';
import { Retry } from './retry.js';
import type { AppendOptions, Stream } from './stream-api.js';
import { WaitingRoom } from './waiting-room.js';
import { within } from './within.js';
import { workerExecutor } from './worker-executor.js';
import { StreamLost } from './writer-options.js';

const reopenDelayMsMax = 60_000;
const threadWaitMsMax = 1000;

export class RecorderStream implements Stream {
  readonly root: string;
  readonly #options: CheckedOptions;
  readonly #metrics = new Metrics();
  readonly #queue: CommitQueue;
  readonly #room: WaitingRoom;
  readonly #gap = new Gap();
  readonly #heartbeat: Heartbeat;
  readonly #executor: Executor;
  readonly #retention: Retention | undefined;
  readonly #retry: Retry;
  #incarnation: Incarnation | undefined;
  #state: StreamState = 'open';
  #rotationsSeen = 0;
  #closing: Promise<void> | undefined;
  #forgetExit: () => void = () => undefined;

  constructor(
    options: CheckedOptions,
    newRetention: (onError: (error: unknown) => void) => Retention | undefined,
  ) {
    this.#options = options;
    this.root = options.root;
    this.#executor = options.sync === 'worker' ? workerExecutor() : inlineExecutor(options.fs);
    this.#queue = new CommitQueue({
      ...options,
      commit: (bodies, sync) => this.#commit(bodies, sync),
      unsynced: () => this.#incarnation?.writer.unsynced ?? { records: 0, bytes: 0 },
      onLost: (error, entries) => this.#lose(error, entries),
      onCommitted: () => this.#committed(),
      onLate: (barriers, waitedMs) => this.#writeLate(barriers, waitedMs),
    });
    this.#retention = newRetention((error) => this.#metrics.failed(error));
    this.#retry = new Retry(options.reopenDelayMs, reopenDelayMsMax);
    this.#heartbeat = new Heartbeat(options.aliveIntervalMs, (openRuns) => {
      this.#note('wal.alive', { open_runs: openRuns }, 'none');
    });
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
    if (this.#closing !== undefined || this.#state === 'closed') {
      return rejected('STREAM_CLOSED', 'the stream is closed');
    }
    if (this.#state === 'poisoned') return rejected('STREAM_POISONED', 'the stream is poisoned');
    let encoded: EncodedBody;
    try {
      encoded = this.#encode(record);
    } catch (error) {
      return Promise.reject(error);
    }
    const pid = this.#incarnation?.pid ?? process.pid;
    if (pid !== process.pid) this.#leaveParent();
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
    this.#heartbeat.see(record);
    if (isGone) return this.#drop(encoded);
    const durability = options.durability ?? 'barrier';
    if (durability !== 'barrier') {
      this.#queue.push(new Entry(encoded, durability));
      return Promise.resolve({ outcome: 'queued', sequence: undefined, hlc: encoded.hlc });
    }
    return new Promise((resolve, reject) => {
      this.#queue.push(new Entry(encoded, durability, resolve, reject));
    });
  }

  /** A record of the stream's own: never waits, never rejects; written also while the stream is being closed. */
  #note(eventType: string, payload: JsonObject, durability: Durability = 'relaxed'): void {
    if (this.#state === 'degraded' || this.#state === 'poisoned') return;
    this.#queue.push(new Entry(this.#encodeOwn({ event_type: eventType, payload }), durability));
  }

  #drop(encoded: EncodedBody): Promise<Appended> {
    this.#metrics.dropped += 1;
    const isRoomless = this.#state === 'open';
    this.#gap.add(1, isRoomless ? 'no room' : (this.#metrics.lastError ?? ''));
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
    if (writer === undefined) return Promise.reject(new StreamLost('no stream is open', 0));
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
    if (onFailure === 'exit') endProcess(this.root, this.#metrics.lastError ?? '');
    this.#room.clear();
    if (onFailure === 'reject') {
      this.#state = 'poisoned';
      const poisoned = new ThroughlineError('STREAM_POISONED', 'the WAL failed', { cause: error });
      for (const entry of entries) refuse(entry, poisoned);
      return;
    }
    const lost = entries.length + (error instanceof StreamLost ? error.unsynced : 0);
    this.#metrics.dropped += lost;
    this.#gap.add(lost, '');
    this.#gap.lose(this.writerId, writer?.syncedSequence ?? 0, this.#metrics.lastError ?? '');
    for (const entry of entries) settle(entry, 'dropped', undefined);
    this.#degrade();
  }

  /** Goes on without a stream, and tries for a new one after a while. */
  #degrade(): void {
    this.#state = 'degraded';
    // A stream that is being closed is not tried for again.
    if (this.#closing !== undefined) return;
    this.#retry.later(() => void this.#reopen());
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
    this.#retry.reset();
    if (this.#gap.isOpen) this.#note('wal.gap', this.#gap.take(), 'barrier');
  }

  /** A copy of a process must not write where the original does: it drops what it inherited and opens anew. */
  #leaveParent(): void {
    const { inFlight, queued } = this.#queue.takeAll();
    for (const entry of [...inFlight, ...queued]) settle(entry, 'dropped', undefined);
    this.#gap.lose(this.writerId, 0, 'this process is a copy of the one that wrote that stream');
    this.#incarnation = undefined;
    this.#state = 'degraded';
    void this.#reopen();
  }

  /** For process exit: what is under way is waited for, what is queued is written, then the seal. */
  #sealSync(reason: string): void {
    const writer = this.#incarnation?.writer;
    if (this.#state !== 'open' || writer === undefined) return;
    this.#state = 'closed';
    const { queued } = this.#queue.takeAll();
    writer.sealSync(
      queued.map((entry) => entry.body),
      reason,
    );
  }

  async #close(): Promise<void> {
    this.#retry.stop();
    this.#heartbeat.stop();
    if (this.#state === 'open') await within(this.#options.closeWaitMsMax, this.#flushAndSeal());
    this.#state = 'closed';
    this.#room.clear();
    this.#queue.stop();
    this.#forgetExit();
    await this.#retention?.stop();
    // A thread that hangs in a datasync ends when that does; nobody waits for it.
    await within(threadWaitMsMax, this.#executor.dispose());
  }

  async #flushAndSeal(): Promise<void> {
    do await this.#queue.flush();
    while (this.#room.size > 0 && this.#state === 'open');
    try {
      if (this.#state === 'open') await this.#incarnation?.writer.seal('closed');
    } catch (error) {
      // Everything acknowledged is durable; the stream ends unsealed.
      this.#metrics.failed(error);
    }
  }
}

function rejected(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new ThroughlineError(code, message));
}
