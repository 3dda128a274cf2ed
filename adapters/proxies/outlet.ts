/**
 * A stream written to in order, one write for each piece and never two pieces in one: both MCP SDKs lose the progress
 * callbacks of a response that arrives in the same chunk. A piece may be promised; what comes behind it waits.
 */
import type { Writable } from 'node:stream';

/** More than this waits: the source is to stop. A piece of any size is taken all the same. */
const waitingBytesMax = 256 * 1024;

interface Slot {
  /** `undefined` as long as it is only promised. */
  bytes: Uint8Array | undefined;
  readonly size: number;
}

export interface OutletEvents {
  /** There is room again, after `isFull`. */
  readonly roomy: () => void;
  /** Nobody reads any more. From here on everything is dropped, so that whoever writes is not held up. */
  readonly broken: () => void;
  /** Something was taken off our hands. */
  readonly written?: () => void;
}

export class Outlet {
  readonly #stream: Writable;
  readonly #events: OutletEvents;
  #slots: Slot[] = [];
  #waitingBytes = 0;
  #wasFull = false;
  #isBroken = false;
  #isWriting = false;
  #whenEmpty: (() => void)[] = [];

  constructor(stream: Writable, events: OutletEvents) {
    this.#stream = stream;
    this.#events = events;
    stream.on('error', () => this.#break());
    stream.on('close', () => this.#break());
  }

  /** True when the source is to stop until `roomy`. */
  get isFull(): boolean {
    const isFull = this.#waitingBytes > waitingBytesMax;
    if (isFull) this.#wasFull = true;
    return isFull;
  }

  /** True when nobody reads any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  write(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    if (this.#slots.length === 0 && !this.#isWriting) this.#now(bytes);
    else this.#wait({ bytes, size: bytes.length });
  }

  /** Holds the place of a piece of about `size` bytes. The promise must not reject. */
  promise(size: number, promised: Promise<Uint8Array>): void {
    const slot: Slot = { bytes: undefined, size };
    this.#wait(slot);
    void this.#fill(slot, promised);
  }

  /** Resolves when everything has been written that was given so far, or nobody reads. */
  drained(): Promise<void> {
    return new Promise((drained) => {
      if (this.#slots.length === 0 && !this.#isWriting) drained();
      else this.#whenEmpty.push(drained);
    });
  }

  async #fill(slot: Slot, promised: Promise<Uint8Array>): Promise<void> {
    slot.bytes = await promised;
    this.#pump();
  }

  #wait(slot: Slot): void {
    this.#slots.push(slot);
    this.#waitingBytes += slot.size;
  }

  #now(bytes: Uint8Array): void {
    this.#stream.write(bytes, this.#written);
    // The stream would join what is written while a write is under way.
    this.#isWriting = this.#stream.writableLength > 0;
  }

  readonly #written = (): void => {
    if (this.#stream.writableLength > 0) return;
    this.#isWriting = false;
    this.#events.written?.();
    this.#pump();
  };

  #pump(): void {
    let taken = 0;
    for (; taken < this.#slots.length && !this.#isWriting && !this.#isBroken; taken += 1) {
      const slot = this.#slots[taken];
      if (slot?.bytes === undefined) break;
      this.#waitingBytes -= slot.size;
      if (slot.bytes.length > 0) this.#now(slot.bytes);
    }
    if (taken > 0) this.#slots.splice(0, taken);
    if (this.#wasFull && this.#waitingBytes <= waitingBytesMax / 2) {
      this.#wasFull = false;
      this.#events.roomy();
    }
    if (this.#slots.length === 0 && !this.#isWriting) this.#settle();
  }

  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#isWriting = false;
    this.#slots = [];
    this.#waitingBytes = 0;
    this.#settle();
    if (this.#wasFull) this.#events.roomy();
    this.#events.broken();
  }

  #settle(): void {
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const drained of waiting) drained();
  }
}
