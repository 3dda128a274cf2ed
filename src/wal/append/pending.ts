/** Records that are not durable yet: those in flight, those that fill a flush, and those that go on filling one. */
import { Batch } from './batch.js';
import type { EncodedBody } from '../record/encode.js';
import { Lines } from '../record/assemble.js';
import type { Durability } from '../types.js';

/** One is in flight and one fills; the memory of more is given back. */
const sparesMax = 2;

export class Pending {
  readonly #writerId: () => string;
  readonly #flushBytesMax: number;
  #inFlight: Batch | undefined;
  /** The last one takes what is added; the ones before it are full. */
  #queued: Batch[] = [];
  readonly #spares: Lines[] = [];
  /** The sequence that the next record will have if nothing comes between, as a rotation does. */
  #next = 1;
  /** Of bodies. */
  bytes = 0;
  /** Records ever added, and those of them that are written, lost or taken. */
  pushed = 0;
  ended = 0;

  constructor(writerId: () => string, flushBytesMax: number) {
    this.#writerId = writerId;
    this.#flushBytesMax = flushBytesMax;
  }

  get records(): number {
    return this.pushed - this.ended;
  }

  /** There is more than what is in flight. */
  get hasMore(): boolean {
    return this.#queued.length > 0;
  }

  get batches(): readonly Batch[] {
    return this.#inFlight === undefined ? this.#queued : [this.#inFlight, ...this.#queued];
  }

  /** Returns the batch that it is the last one of. */
  add(encoded: EncodedBody, durability: Durability): Batch {
    const bytes = encoded.text.length;
    const last = this.#queued.at(-1);
    const isFull = last === undefined || last.bytes + bytes > this.#flushBytesMax;
    const batch = isFull ? this.#begin(last ?? this.#inFlight) : last;
    batch.add(encoded, durability);
    this.pushed += 1;
    this.bytes += bytes;
    return batch;
  }

  /** The next flush, which is in flight until it is ended; an empty one, if only a datasync is asked for. */
  take(): Batch {
    this.#inFlight = this.#queued.shift() ?? new Batch(this.#lines(this.#next));
    return this.#inFlight;
  }

  /** It was written, and the next record will have that sequence; or it was lost. */
  end(batch: Batch, next?: number): void {
    // After `takeAll` the batch is not ours any more.
    if (this.#inFlight !== batch) return;
    this.#inFlight = undefined;
    this.ended += batch.records;
    this.bytes -= batch.bytes;
    if (next === undefined) return;
    this.#next = next;
    if (this.#spares.length < sparesMax) this.#spares.push(batch.lines);
  }

  takeAll(): { readonly inFlight: readonly Batch[]; readonly queued: readonly Batch[] } {
    const inFlight = this.#inFlight === undefined ? [] : [this.#inFlight];
    const taken = { inFlight, queued: this.#queued };
    this.#queued = [];
    this.#inFlight = undefined;
    this.bytes = 0;
    this.ended = this.pushed;
    this.#next = 1;
    return taken;
  }

  #begin(before: Batch | undefined): Batch {
    const batch = new Batch(this.#lines(before === undefined ? this.#next : before.lines.next));
    this.#queued.push(batch);
    return batch;
  }

  #lines(next: number): Lines {
    return (this.#spares.pop() ?? new Lines()).begin(this.#writerId(), next);
  }
}
