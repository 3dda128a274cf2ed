/** Stretches of a file that are no part of the chain, gathered line by line. */
import type { Findings } from './findings.js';

/** Bytes that are no record. */
export class Region {
  readonly offset: number;
  bytes = 0;
  /** Nothing but newlines: padding, at the end of a file. */
  isBlank = true;

  constructor(offset: number) {
    this.offset = offset;
  }

  add(bytes: number, isBlank: boolean): void {
    this.bytes += bytes;
    this.isBlank &&= isBlank;
  }
}

/** What stands in a file after the point where the stream left it. */
export class Leftover {
  readonly offset: number;
  bytes = 0;
  #from = 0;
  #to = 0;

  constructor(offset: number) {
    this.offset = offset;
  }

  /** `sequence` is 0 for bytes that are no record. */
  add(bytes: number, sequence: number): void {
    this.bytes += bytes;
    if (sequence === 0) return;
    if (this.#from === 0) this.#from = sequence;
    this.#to = Math.max(sequence, this.#to);
  }

  tell(findings: Findings): void {
    findings.superseded(this, this.#from, this.#to);
  }
}
