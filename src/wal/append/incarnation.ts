/** The stream on disk that a recorder writes to now, with its name; and the one place where a batch is committed to it. */
import { mintCorrelationId } from '../../context/index.js';
import { CheckpointTimer } from '../segment/checkpoint-timer.js';
import { Lines } from '../record/assemble.js';
import type { Encoder } from '../record/encoder.js';
import type { Executor } from '../disk/executor.js';
import { lastOfRole } from '../segment/last-of-role.js';
import type { Metrics } from './metrics.js';
import { levels, type CheckedOptions } from '../options.js';
import { StreamLost, type FlushResult } from '../segment/writer-options.js';
import { StreamWriter } from '../segment/writer.js';

interface Current {
  readonly writer: StreamWriter;
  readonly writerId: string;
  readonly directory: string;
  readonly pid: number;
}

interface Flush {
  readonly lines: Lines;
  readonly sync: boolean;
  readonly startedMs: number;
}

/** A checkpoint that is due counts as something to sync, until it is flushed. */
const checkpointBytes = 1;

export interface IncarnationParts {
  readonly executor: Executor;
  readonly encoder: Encoder;
  readonly metrics: Metrics;
  /** A checkpoint is due: asks for a flush, which it rides in. */
  readonly onCheckpointDue: () => void;
}

export class Incarnation {
  readonly #options: CheckedOptions;
  readonly #executor: Executor;
  readonly #encoder: Encoder;
  readonly #metrics: Metrics;
  readonly #checkpoints: CheckpointTimer | undefined;
  #current: Current | undefined;
  /** Waits for a rotation, and was not handed to the writer yet. */
  #waiting: Lines | undefined;

  constructor(options: CheckedOptions, parts: IncarnationParts) {
    this.#options = options;
    this.#executor = parts.executor;
    this.#encoder = parts.encoder;
    this.#metrics = parts.metrics;
    this.#checkpoints =
      options.sign === undefined
        ? undefined
        : new CheckpointTimer(options.checkpointIntervalMs, parts.onCheckpointDue);
  }

  get writerId(): string {
    return this.#current?.writerId ?? '';
  }

  get directory(): string {
    return this.#current?.directory ?? '';
  }

  /** Bytes written and not synced. */
  get unsyncedBytes(): number {
    const bytes = this.#current?.writer.unsyncedBytes ?? 0;
    return bytes === 0 && this.#checkpoints?.isDue === true ? checkpointBytes : bytes;
  }

  /** The highest sequence known durable. */
  get syncedSequence(): number {
    return this.#current?.writer.syncedSequence ?? 0;
  }

  /** The stream was opened by another process: this one is a copy of it. */
  get isInherited(): boolean {
    return this.#current !== undefined && this.#current.pid !== process.pid;
  }

  /** A new stream, behind the last one of its role: header and directories durable. Throws what the disk throws. */
  async begin(): Promise<void> {
    const { root, role, header, clock } = this.#options;
    const previous = await lastOfRole(root, role);
    if (previous?.hlc !== undefined) clock.startAfter(previous.hlc);
    const writerId = `${role}-${mintCorrelationId()}`;
    const { parent, directories } = levels(root, role, writerId);
    const writer = new StreamWriter({
      executor: this.#executor,
      directories,
      parent,
      writerId,
      header: { role, header, ...(previous === undefined ? {} : { previousStream: previous.end }) },
      encode: (record, at) => this.#encoder.own(record, at).text,
      clockSteps: () => clock.steps,
      sign: this.#options.sign,
      onCheckpoint: (note) => this.#tell(note),
      segmentBytesMax: this.#options.segmentBytesMax,
      preallocateBytes: this.#options.preallocateBytes,
    });
    await writer.open();
    const directory = directories.at(-1) ?? root;
    this.#current = { writer, writerId, directory, pid: process.pid };
  }

  /**
   * Write → datasync → acknowledge: what this answers with the first line's sequence is durable when `sync` is set.
   * Without a promise where this thread waits for the disk and nothing else is due. Fails with `StreamLost`.
   */
  commit(lines: Lines, sync: boolean): number | Promise<number> {
    const writer = this.#writer();
    if (writer.isRotationDue || this.#checkpoints?.isDue === true) {
      return this.#commitMore(writer, lines, sync);
    }
    const startedMs = performance.now();
    const flushed = writer.flush(lines, sync);
    return flushed instanceof Promise
      ? this.#settled(writer, flushed, { lines, sync, startedMs })
      : this.#flushed(flushed, { lines, sync, startedMs });
  }

  async seal(reason: string): Promise<void> {
    this.#checkpoints?.stop();
    await this.#writer().seal(reason);
  }

  /** For process exit: what is under way is waited for, what is queued is written, then the seal. */
  sealSync(queued: readonly string[], reason: string): void {
    this.#checkpoints?.stop();
    const waiting = this.#waiting?.bodies() ?? [];
    this.#current?.writer.sealSync([...waiting, ...queued], reason);
  }

  /** Has nothing to do with that stream any more. */
  leave(): void {
    this.#checkpoints?.stop();
    this.#current = undefined;
  }

  /** The same, with a rotation before it or a checkpoint at its head. */
  async #commitMore(writer: StreamWriter, lines: Lines, sync: boolean): Promise<number> {
    if (writer.isRotationDue) await this.#rotate(writer, lines);
    const checkpoint = this.#checkpoints?.isDue === true ? writer.checkpoint() : undefined;
    const startedMs = performance.now();
    if (checkpoint === undefined) {
      const flushed = Promise.resolve(writer.flush(lines, sync));
      return await this.#settled(writer, flushed, { lines, sync, startedMs });
    }
    const file = writer.segmentNumber;
    this.#checkpoints?.stop();
    const more = new Lines().begin(this.writerId, lines.next - lines.count);
    for (const body of [checkpoint.body, ...lines.bodies()]) more.add(body);
    const flushed = Promise.resolve(writer.flush(more, true));
    const first = await this.#settled(writer, flushed, { lines: more, sync: true, startedMs });
    // With nothing behind it, everything written is covered.
    if (lines.count === 0) this.#checkpoints?.stop();
    // After a failover the file it is about has not all of what it says.
    if (writer.segmentNumber === file) this.#tell(checkpoint.note);
    return first + 1;
  }

  async #rotate(writer: StreamWriter, lines: Lines): Promise<void> {
    this.#waiting = lines;
    try {
      await writer.rotate();
    } finally {
      this.#waiting = undefined;
    }
  }

  async #settled(writer: StreamWriter, work: Promise<FlushResult>, flush: Flush): Promise<number> {
    try {
      return this.#flushed(await work, flush);
    } catch (error) {
      this.#checkpoints?.stop();
      throw error;
    } finally {
      this.#metrics.take(writer);
    }
  }

  #flushed({ next, bytes }: FlushResult, { lines, sync, startedMs }: Flush): number {
    const records = lines.count;
    this.#metrics.flushed(records, bytes, sync ? performance.now() - startedMs : undefined);
    this.#checkpoints?.wrote();
    return next - records;
  }

  #tell(note: string): void {
    if (note === '') return;
    try {
      this.#options.onCheckpoint?.(note);
    } catch {
      // Whoever keeps notes has failed at it; the record goes on, and the next note covers this one.
    }
  }

  #writer(): StreamWriter {
    if (this.#current === undefined) throw new StreamLost('no stream is open', 0);
    return this.#current.writer;
  }
}
