/** Stretches of a file that are no part of the chain, gathered line by line. */
import type { Findings } from './findings.js';
import type { Line } from './line.js';
import type { RawLine } from './lines.js';

/** Bytes that are no record. */
export class Region {
  readonly offset: number;
  bytes = 0;
  /** Nothing but newlines: padding, at the end of a file. */
  isBlank = true;

  constructor(first: RawLine) {
    this.offset = first.offset;
  }

  add(raw: RawLine): void {
    this.bytes += raw.length;
    this.isBlank &&= raw.isBlank;
  }
}

/** What stands in a file after the point where the stream left it. */
export class Leftover {
  readonly offset: number;
  bytes = 0;
  #from = 0;
  #to = 0;

  constructor(first: RawLine) {
    this.offset = first.offset;
  }

  add(raw: RawLine, line: Line | undefined): void {
    this.bytes += raw.length;
    if (line === undefined) return;
    if (this.#from === 0) this.#from = line.sequence;
    this.#to = Math.max(line.sequence, this.#to);
  }

  tell(findings: Findings): void {
    findings.superseded(this, this.#from, this.#to);
  }
}
