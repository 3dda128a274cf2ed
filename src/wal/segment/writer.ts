/**
 * One stream on disk: its current segment, its chain, and the three ways on: flush, rotate, fail over. One call at a
 * time; the commit queue sees to that. After `StreamLost` this object is dead: what is on disk is not known, and
 * nothing here ever syncs a file again that failed once.
 */
import { join } from 'node:path';
import { Lines, linesOf, origin, type Assembled } from '../record/assemble.js';
import { abandon } from '../disk/executor.js';
import { Chain, type Link } from './chain.js';
import { firstPadding, Segment } from './segment.js';
import { headerRecord, segmentName, type HeaderParts } from './segment-records.js';
import { checkpointOf, sealOf, type Statement } from './statements.js';
import { StreamLost, type FlushResult, type WriterOptions } from './writer-options.js';

/** How long a process that ends waits for a datasync under way. */
const exitWaitMsMax = 1000;

export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #directory: string;
  readonly #chain = new Chain();
  #segment: Segment | undefined;
  /** Handed to the disk, and not in the chain yet. */
  #underWay: Lines | undefined;
  #segmentsUsed = 0;
  #rotateAtBytes: number;
  /** Between two files: nobody may add to either. */
  #isMoving = false;
  /** Counted until the owner takes them. */
  rotations = 0;
  failovers = 0;
  lastError: Error | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#directory = options.directories.at(-1) ?? options.parent;
    this.#rotateAtBytes = options.segmentBytesMax;
  }

  /** The highest sequence known durable. */
  get syncedSequence(): number {
    return this.#chain.syncedSequence;
  }

  get unsyncedBytes(): number {
    return this.#chain.unsyncedBytes;
  }

  get isRotationDue(): boolean {
    return (this.#segment?.position ?? 0) >= this.#rotateAtBytes;
  }

  get segmentNumber(): number {
    return this.#segment?.number ?? 0;
  }

  /** Creates the first segment; durable when it returns. */
  async open(): Promise<void> {
    await this.#create({ position: origin, hlc: undefined }, {});
  }

  /**
   * Writes the lines and, if asked, makes them and everything before durable. Without a promise where this thread waits
   * for the disk and all is well. Rejects with `StreamLost`.
   */
  flush(lines: Lines, sync: boolean): FlushResult | Promise<FlushResult> {
    try {
      const written = this.#write(lines, sync);
      return written instanceof Promise
        ? written.catch((error: unknown) => this.#failOver(lines, error))
        : written;
    } catch (error) {
      return this.#failOver(lines, error);
    }
  }

  /**
   * Goes on in a new file: next file, header and directory durable, then the seal in the old one. A crash between
   * the two leaves an unsealed segment that its successor names with its last sequence and check: complete.
   * When the next file cannot be made, the old one goes on and another try is due a quarter segment later.
   */
  async rotate(): Promise<void> {
    if (this.#chain.unsynced.length > 0) await this.flush(this.#linesOf([]), true);
    const old = this.#current();
    const { position: end, hlc } = this.#chain.end;
    const { file, position: bytes, sha256 } = old;
    const sealed = this.#assembleSeal(old, segmentName(this.#segmentsUsed + 1), 'rotated');
    try {
      await this.#create(
        { position: sealed.end, hlc },
        { predecessor: { file, end, bytes, sha256 } },
      );
    } catch (error) {
      this.lastError = error as Error;
      this.#rotateAtBytes = old.position + Math.ceil(this.#options.segmentBytesMax / 4);
      return;
    }
    this.rotations += 1;
    this.#rotateAtBytes = this.#options.segmentBytesMax;
    try {
      await this.#options.executor.run(old.seal(sealed.bytes));
      this.#options.onCheckpoint?.(sealed.note);
    } catch (error) {
      // The old segment is complete without its seal: the new header says where it ends.
      this.lastError = error as Error;
    }
  }

  /** The last flush, the seal, and the file closed. */
  async seal(reason: string): Promise<void> {
    if (this.#chain.unsynced.length > 0) await this.flush(this.#linesOf([]), true);
    const segment = this.#current();
    const { bytes, note } = this.#assembleSeal(segment, null, reason);
    this.#segment = undefined;
    await this.#options.executor.run(segment.seal(bytes));
    this.#options.onCheckpoint?.(note);
  }

  /** A record that signs everything in this file so far, if it is the next one; and its note. */
  checkpoint(): Statement | undefined {
    return this.#segment && checkpointOf(this.#options, this.#segment, this.#chain.end);
  }

  /**
   * For process exit, without yielding: the batch under way, `queued`, the datasync and the seal. What may be written
   * already goes to the same place again, byte for byte. Throws what the file system throws.
   */
  sealSync(queued: readonly string[], reason: string): void {
    const segment = this.#current();
    const { executor } = this.#options;
    // Between two files, or behind a datasync that hangs or failed, the stream ends as it is.
    if (this.#isMoving || !executor.settleSync(exitWaitMsMax)) return;
    this.#segment = undefined;
    const lines = this.#linesOf([...(this.#underWay?.bodies() ?? []), ...queued]);
    const { bytes, end } = this.#assemble(lines);
    executor.runSync(segment.write(bytes, true));
    segment.advance(bytes, lines.count);
    this.#chain.advance(end, lines, true);
    const seal = this.#assembleSeal(segment, null, reason);
    executor.runSync(segment.seal(seal.bytes));
    this.#options.onCheckpoint?.(seal.note);
  }

  #write(lines: Lines, sync: boolean): FlushResult | Promise<FlushResult> {
    const segment = this.#current();
    const assembled = this.#assemble(lines);
    this.#underWay = lines;
    const done = this.#options.executor.run(segment.write(assembled.bytes, sync));
    return done instanceof Promise
      ? done.then(() => this.#wrote(segment, lines, assembled, sync))
      : this.#wrote(segment, lines, assembled, sync);
  }

  #wrote(segment: Segment, lines: Lines, { bytes, end }: Assembled, sync: boolean): FlushResult {
    this.#underWay = undefined;
    segment.advance(bytes, lines.count);
    this.#chain.advance(end, lines, sync);
    return { next: end.sequence + 1, bytes: bytes.byteLength };
  }

  /**
   * Writes everything since the last datasync once, into a new file whose header says what it supersedes. The header
   * is durable before the batch is written: a reader that cannot read the one may rely on there being no other.
   */
  async #failOver(lines: Lines, error: unknown): Promise<FlushResult> {
    this.lastError = error as Error;
    this.#isMoving = true;
    const { file, descriptor } = this.#current();
    const { synced, unsynced } = this.#chain;
    const all = [...unsynced, ...lines.bodies()];
    let written: FlushResult;
    try {
      await this.#create(synced, { supersedes: { file, end: synced.position } });
      written = await this.#write(this.#linesOf(all), true);
    } catch (cause) {
      this.lastError = cause as Error;
      const second = this.#segment?.descriptor ?? descriptor;
      this.#segment = undefined;
      await abandon(this.#options.executor, new Set([descriptor, second]));
      const message = 'neither the file nor a second one could be written';
      throw new StreamLost(message, unsynced.length, { cause });
    }
    this.failovers += 1;
    this.#isMoving = false;
    await abandon(this.#options.executor, [descriptor]);
    return written;
  }

  /** Makes the next file with its header, which goes on from `start`. The current one stays current if it fails. */
  async #create(
    start: Link,
    parts: Pick<HeaderParts, 'predecessor' | 'supersedes'>,
  ): Promise<void> {
    const { encode, executor, writerId, preallocateBytes, directories, parent } = this.#options;
    // A number is used once, even if the file was never made: nobody may find two files of that name.
    const number = (this.#segmentsUsed += 1);
    const file = segmentName(number);
    const header = encode(
      headerRecord({ ...this.#options.header, segment: number, ...parts }),
      start.hlc,
    );
    const { position: from } = start;
    const synced = parts.predecessor?.end.sequence ?? from.sequence;
    const lines = linesOf([header], writerId, from.sequence + 1);
    const { bytes, end } = lines.assemble({ from, synced, writerId });
    const paddedTo = firstPadding(bytes, preallocateBytes);
    const isFirst = number === 1;
    const wasMoving = this.#isMoving;
    this.#isMoving = true;
    try {
      const descriptor = await executor.run({
        kind: 'create',
        directories: isFirst ? directories : [],
        parent: isFirst ? parent : this.#directory,
        file: join(this.#directory, file),
        bytes,
        padTo: paddedTo,
      });
      this.#segment = new Segment({ number, file, descriptor, paddedTo, preallocateBytes });
    } finally {
      this.#isMoving = wasMoving;
    }
    this.#segment.advance(bytes, 1);
    this.#chain.advance(end, lines, true);
  }

  #assembleSeal(
    segment: Segment,
    next: string | null,
    reason: string,
  ): Assembled & { readonly note: string } {
    const { body, note } = sealOf(this.#options, segment, this.#chain.end, { next, reason });
    return { ...this.#assemble(this.#linesOf([body])), note };
  }

  #linesOf(bodies: readonly string[]): Lines {
    return linesOf(bodies, this.#options.writerId, this.#chain.position.sequence + 1);
  }

  #assemble(lines: Lines): Assembled {
    const { position: from, syncedSequence: synced } = this.#chain;
    return lines.assemble({ from, synced, writerId: this.#options.writerId });
  }

  #current(): Segment {
    if (this.#segment === undefined) throw new StreamLost('the stream has no file to write', 0);
    return this.#segment;
  }
}
