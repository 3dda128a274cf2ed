/**
 * One stream on disk: its current segment, its chain, and the three ways on: flush, rotate, fail over. One call at a
 * time; the commit queue sees to that. After `StreamLost` this object is dead: what is on disk is not known, and
 * nothing here ever syncs a file again that failed once.
 */
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import type { Hlc } from '../context/index.js';
import { origin, FlushBuffer, type Position } from './assemble.js';
import type { Checkpoint } from './checkpoint.js';
import { hlcOf } from './encode.js';
import type { Executor } from './executor.js';
import { headerRecord, sealRecord, segmentName, type HeaderParts } from './segment-records.js';
import type { JsonObject, RecordInput } from './types.js';

export interface WriterOptions {
  readonly executor: Executor;
  /** Absolute; levels are made if absent, outermost first, the stream's own directory last. */
  readonly directories: readonly string[];
  readonly parent: string;
  readonly writerId: string;
  readonly header: Omit<HeaderParts, 'segment' | 'predecessor' | 'supersedes'>;
  /** Encodes one of the stream's own records, at a reading of the clock. */
  readonly encode: (record: RecordInput, at: Hlc | undefined) => string;
  readonly clockSteps: () => number;
  /** Signs what a seal says; its answer is put into the seal. */
  readonly sign?: ((checkpoint: Checkpoint) => JsonObject) | undefined;
  readonly segmentBytesMax: number;
  /** Newlines are written ahead in steps of this; 0 for none. */
  readonly preallocateBytes: number;
}

/** What the flush did, besides writing. */
export interface FlushResult {
  /** The sequence of the first body given. */
  readonly first: number;
  readonly bytes: number;
}

/** Neither the file nor a second one could be written. */
export class StreamLost extends Error {
  override readonly name = 'StreamLost';
}

/** How long a process that ends waits for a datasync under way. */
const exitWaitMsMax = 1000;

interface Segment {
  readonly number: number;
  readonly file: string;
  readonly descriptor: number;
  position: number;
  paddedTo: number;
  count: number;
  readonly hash: Hash;
}

export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #directory: string;
  readonly #buffer = new FlushBuffer();
  #segment: Segment | undefined;
  #segmentsUsed = 0;
  #end: Position = origin;
  /** The last record's reading of the clock: the stream's own records take it, so that readings never run back. */
  #hlc: Hlc | undefined;
  /** Where the chain is known durable. */
  #synced: Position = origin;
  /** Written since, without a datasync: kept, because only these bytes could be written again. */
  #syncedHlc: Hlc | undefined;
  #unsynced: string[] = [];
  #rotateAtBytes: number;
  rotations = 0;
  failovers = 0;
  lastError: Error | undefined;
  #isMoving = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#directory = options.directories.at(-1) ?? options.parent;
    this.#rotateAtBytes = options.segmentBytesMax;
  }

  /** The highest sequence known durable. */
  get syncedSequence(): number {
    return this.#synced.sequence;
  }

  get end(): Position {
    return this.#end;
  }

  get unsyncedCount(): number {
    return this.#unsynced.length;
  }

  get isRotationDue(): boolean {
    return (this.#segment?.position ?? 0) >= this.#rotateAtBytes;
  }

  /** The number of the segment that is written now. */
  get segmentNumber(): number {
    return this.#segment?.number ?? 0;
  }

  /** Creates the first segment; durable when it returns. */
  async open(): Promise<void> {
    await this.#create({ from: origin, hlc: undefined }, {});
  }

  /** Writes the bodies and, if asked, makes them and everything before durable. Throws `StreamLost`. */
  async flush(bodies: readonly string[], sync: boolean): Promise<FlushResult> {
    const segment = this.#current();
    const { bytes, end } = this.#buffer.assemble(bodies, this.#state());
    const first = this.#end.sequence + 1;
    const padTo = this.#padTo(segment, bytes.byteLength);
    try {
      await this.#options.executor.run({
        kind: 'write',
        descriptor: segment.descriptor,
        position: segment.position,
        bytes,
        sync,
        padTo,
      });
    } catch (error) {
      return await this.#failOver(bodies, error);
    }
    this.#advance(segment, bytes, bodies, end);
    segment.paddedTo = Math.max(padTo, segment.paddedTo);
    if (sync) {
      this.#setSynced(end);
      this.#unsynced = [];
    } else {
      this.#unsynced.push(...bodies);
    }
    return { first, bytes: bytes.byteLength };
  }

  /**
   * Goes on in a new file: next file, header and directory durable, then the seal in the old one. A crash between
   * the two leaves an unsealed segment that its successor names with its last sequence and check: complete.
   * When the next file cannot be made, the old one goes on and another try is due a quarter segment later.
   */
  async rotate(): Promise<void> {
    if (this.#unsynced.length > 0) await this.flush([], true);
    const old = this.#current();
    const end = this.#end;
    const next = this.#segmentsUsed + 1;
    const sha256 = old.hash.copy().digest('hex');
    const sealed = this.#assembleSeal(old, segmentName(next), 'rotated');
    try {
      await this.#create(
        { from: sealed.end, hlc: this.#hlc },
        { predecessor: { file: old.file, end, bytes: old.position, sha256 } },
      );
    } catch (error) {
      this.lastError = error as Error;
      this.#rotateAtBytes = old.position + Math.ceil(this.#options.segmentBytesMax / 4);
      return;
    }
    this.rotations += 1;
    this.#rotateAtBytes = this.#options.segmentBytesMax;
    try {
      await this.#options.executor.run({
        kind: 'seal',
        descriptor: old.descriptor,
        position: old.position,
        bytes: sealed.bytes,
        isPadded: old.paddedTo > 0,
      });
    } catch (error) {
      // The old segment is complete without its seal: the new header says where it ends.
      this.lastError = error as Error;
    }
  }

  /** The last flush, the seal, and the file closed. */
  async seal(reason: string): Promise<void> {
    if (this.#unsynced.length > 0) await this.flush([], true);
    const segment = this.#current();
    const { bytes } = this.#assembleSeal(segment, null, reason);
    this.#segment = undefined;
    await this.#options.executor.run(sealOperation(segment, bytes));
  }

  /**
   * For process exit, without yielding: `bodies`, the datasync and the seal. A batch under way is among the bodies:
   * the same bytes go to the same place again. Throws what the file system throws.
   */
  sealSync(bodies: readonly string[], reason: string): void {
    const segment = this.#current();
    const { executor } = this.#options;
    // Between two files, or behind a datasync that hangs or failed, the stream ends as it is.
    if (this.#isMoving || !executor.settleSync(exitWaitMsMax)) return;
    const { bytes, end } = this.#buffer.assemble(bodies, this.#state());
    const { descriptor, position } = segment;
    this.#segment = undefined;
    executor.runSync({ kind: 'write', descriptor, position, bytes, sync: true, padTo: 0 });
    this.#advance(segment, bytes, bodies, end);
    this.#setSynced(end);
    executor.runSync(sealOperation(segment, this.#assembleSeal(segment, null, reason).bytes));
  }

  /**
   * Writes everything since the last datasync once, into a new file whose header says what it supersedes. The header
   * is durable before the batch is written: a reader that cannot read the one may rely on there being no other.
   */
  async #failOver(bodies: readonly string[], error: unknown): Promise<FlushResult> {
    this.lastError = error as Error;
    const { executor } = this.#options;
    const failed = this.#current();
    const all = [...this.#unsynced, ...bodies];
    try {
      await this.#create(
        { from: this.#synced, hlc: this.#syncedHlc },
        { supersedes: { file: failed.file, end: this.#synced } },
      );
      const segment = this.#current();
      const { bytes, end } = this.#buffer.assemble(all, this.#state());
      const { descriptor, position } = segment;
      await executor.run({ kind: 'write', descriptor, position, bytes, sync: true, padTo: 0 });
      this.#advance(segment, bytes, all, end);
      this.#setSynced(end);
    } catch (cause) {
      this.lastError = cause as Error;
      this.#segment = undefined;
      throw new StreamLost('neither the file nor a second one could be written', { cause });
    }
    this.failovers += 1;
    this.#unsynced = [];
    await executor.run({ kind: 'close', descriptor: failed.descriptor }).catch(() => undefined);
    return { first: this.#end.sequence - bodies.length + 1, bytes: this.#current().position };
  }

  async #create(
    start: { readonly from: Position; readonly hlc: Hlc | undefined },
    parts: Pick<HeaderParts, 'predecessor' | 'supersedes'>,
  ): Promise<void> {
    // A number is used once, even if the file was never made: nobody may find two files of that name.
    const number = (this.#segmentsUsed += 1);
    const file = segmentName(number);
    const header = this.#options.encode(
      headerRecord({ ...this.#options.header, segment: number, ...parts }),
      start.hlc,
    );
    const buffer = new FlushBuffer();
    const { bytes, end } = buffer.assemble([header], {
      from: start.from,
      synced: parts.predecessor?.end.sequence ?? start.from.sequence,
      writerId: this.#options.writerId,
    });
    const padTo = this.#nextPadding(bytes.byteLength);
    const isFirst = number === 1;
    this.#isMoving = true;
    const descriptor = await this.#options.executor
      .run({
        kind: 'create',
        directories: isFirst ? this.#options.directories : [],
        parent: isFirst ? this.#options.parent : this.#directory,
        file: join(this.#directory, file),
        bytes,
        padTo,
      })
      .finally(() => {
        this.#isMoving = false;
      });
    const hash = createHash('sha256');
    this.#segment = { number, file, descriptor, position: 0, paddedTo: padTo, count: 0, hash };
    this.#advance(this.#segment, bytes, [header], end);
    this.#setSynced(end);
  }

  #assembleSeal(segment: Segment, next: string | null, reason: string): SealBytes {
    const { writerId, sign } = this.#options;
    const { file, count, position: bytes } = segment;
    const sha256 = segment.hash.copy().digest('hex');
    const lastSequence = this.#end.sequence;
    const checkpoint = sign?.({ writerId, file, lastSequence, bytes, sha256 });
    const body = this.#options.encode(
      sealRecord({
        count,
        bytes,
        sha256,
        next,
        reason,
        clock_steps: this.#options.clockSteps(),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      }),
      this.#hlc,
    );
    return new FlushBuffer().assemble([body], this.#state());
  }

  #advance(segment: Segment, bytes: Uint8Array, bodies: readonly string[], end: Position): void {
    segment.hash.update(bytes);
    segment.position += bytes.byteLength;
    segment.count += bodies.length;
    this.#end = end;
    this.#hlc = hlcOf(bodies.at(-1) ?? '') ?? this.#hlc;
  }

  #setSynced(end: Position): void {
    this.#synced = end;
    this.#syncedHlc = this.#hlc;
  }

  #padTo(segment: Segment, bytes: number): number {
    return segment.position + bytes > segment.paddedTo
      ? this.#nextPadding(segment.position + bytes)
      : 0;
  }

  #nextPadding(position: number): number {
    const step = this.#options.preallocateBytes;
    return step === 0 ? 0 : (Math.floor(position / step) + 1) * step;
  }

  #state(): { from: Position; synced: number; writerId: string } {
    return { from: this.#end, synced: this.#synced.sequence, writerId: this.#options.writerId };
  }

  #current(): Segment {
    if (this.#segment === undefined) throw new StreamLost('the stream has no file to write');
    return this.#segment;
  }
}

interface SealBytes {
  readonly bytes: Uint8Array;
  readonly end: Position;
}

function sealOperation(
  segment: Segment,
  bytes: Uint8Array,
): { kind: 'seal'; descriptor: number; position: number; bytes: Uint8Array; isPadded: boolean } {
  const { descriptor, position, paddedTo } = segment;
  return { kind: 'seal', descriptor, position, bytes, isPadded: paddedTo > 0 };
}
