/** One segment being written: where it stands, its digest so far, and the operations on it. It does no I/O itself. */
import { Digest } from './digest.js';
import type { Operation } from '../disk/operation.js';
import { nextPadding } from './padding.js';

export interface SegmentParts {
  readonly number: number;
  readonly file: string;
  readonly descriptor: number;
  readonly paddedTo: number;
  readonly preallocateBytes: number;
}

export class Segment {
  readonly number: number;
  readonly file: string;
  readonly descriptor: number;
  readonly #digest = new Digest();
  readonly #step: number;
  #paddedTo: number;
  #position = 0;
  #count = 0;

  constructor(parts: SegmentParts) {
    this.number = parts.number;
    this.file = parts.file;
    this.descriptor = parts.descriptor;
    this.#paddedTo = parts.paddedTo;
    this.#step = parts.preallocateBytes;
  }

  /** Bytes of records; padding does not count. */
  get position(): number {
    return this.#position;
  }

  get count(): number {
    return this.#count;
  }

  /** Of everything written so far. */
  get sha256(): string {
    return this.#digest.read();
  }

  write(bytes: Uint8Array, sync: boolean): Operation {
    const { descriptor } = this;
    const position = this.#position;
    const padTo = this.#padding(bytes);
    return { kind: 'write', descriptor, position, bytes, sync, padTo };
  }

  seal(bytes: Uint8Array): Operation {
    const { descriptor } = this;
    const position = this.#position;
    return { kind: 'seal', descriptor, position, bytes, isPadded: this.#paddedTo > 0 };
  }

  /** The bytes were written. */
  advance(bytes: Uint8Array, count: number): void {
    this.#paddedTo = Math.max(this.#paddedTo, this.#padding(bytes));
    this.#digest.update(bytes);
    this.#position += bytes.byteLength;
    this.#count += count;
  }

  /** Where padding ends that is written with these bytes; 0 for none. */
  #padding(bytes: Uint8Array): number {
    const end = this.#position + bytes.byteLength;
    if (end <= this.#paddedTo) return 0;
    return nextPadding({ end, flushBytes: bytes.byteLength, preallocateBytes: this.#step });
  }
}

/** Where padding ends that is written with a file's first bytes; 0 for none. */
export function firstPadding(bytes: Uint8Array, preallocateBytes: number): number {
  const { byteLength: end } = bytes;
  return nextPadding({ end, flushBytes: end, preallocateBytes });
}
