/** The stream on disk that a recorder writes to now, with its name; and the one place where a batch is committed to it. */
import { mintCorrelationId } from '../context/index.js';
import type { Encoder } from './encoder.js';
import type { Executor } from './executor.js';
import { lastOfRole } from './last-of-role.js';
import type { Metrics } from './metrics.js';
import { levels, type CheckedOptions } from './options.js';
import { StreamLost } from './writer-options.js';
import { StreamWriter } from './writer.js';

interface Current {
  readonly writer: StreamWriter;
  readonly writerId: string;
  readonly directory: string;
  readonly pid: number;
}

const nothing = { records: 0, bytes: 0 };

export class Incarnation {
  readonly #options: CheckedOptions;
  readonly #executor: Executor;
  readonly #encoder: Encoder;
  readonly #metrics: Metrics;
  #current: Current | undefined;

  constructor(
    options: CheckedOptions,
    parts: { readonly executor: Executor; readonly encoder: Encoder; readonly metrics: Metrics },
  ) {
    this.#options = options;
    this.#executor = parts.executor;
    this.#encoder = parts.encoder;
    this.#metrics = parts.metrics;
  }

  get writerId(): string {
    return this.#current?.writerId ?? '';
  }

  get directory(): string {
    return this.#current?.directory ?? '';
  }

  /** Written and not synced. */
  get unsynced(): { readonly records: number; readonly bytes: number } {
    return this.#current?.writer.unsynced ?? nothing;
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
      segmentBytesMax: this.#options.segmentBytesMax,
      preallocateBytes: this.#options.preallocateBytes,
    });
    await writer.open();
    const directory = directories.at(-1) ?? root;
    this.#current = { writer, writerId, directory, pid: process.pid };
  }

  /** Write → datasync → acknowledge: what this resolves for is durable when `sync` is set. Rejects with `StreamLost`. */
  async commit(bodies: readonly string[], sync: boolean): Promise<number> {
    const writer = this.#writer();
    try {
      if (writer.isRotationDue) await writer.rotate();
      const startedMs = performance.now();
      const { first, bytes } = await writer.flush(bodies, sync);
      const durationMs = performance.now() - startedMs;
      this.#metrics.flushed({ records: bodies.length, bytes, durationMs, sync });
      return first;
    } finally {
      this.#metrics.take(writer);
    }
  }

  async seal(reason: string): Promise<void> {
    await this.#writer().seal(reason);
  }

  /** For process exit: what is under way is waited for, what is queued is written, then the seal. */
  sealSync(queued: readonly string[], reason: string): void {
    this.#current?.writer.sealSync(queued, reason);
  }

  /** Has nothing to do with that stream any more. */
  leave(): void {
    this.#current = undefined;
  }

  #writer(): StreamWriter {
    if (this.#current === undefined) throw new StreamLost('no stream is open', 0);
    return this.#current.writer;
  }
}
