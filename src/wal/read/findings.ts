/** What a walk finds, in order, told to whoever listens: records, and faults in their wording. */
import type { Fault, Verdict } from './fault.js';
import type { Line } from '../record/line.js';

/** Who listens to a walk. */
export interface Listener {
  /** A record at `offset` of the file that is walked. `line` is good until this returns. */
  record(line: Line, offset: number): void;
  fault(fault: Fault): void;
}

/** A stretch of bytes of a file. */
export interface Stretch {
  readonly offset: number;
  readonly bytes: number;
}

export class Findings {
  readonly #listener: Listener;
  /** The file that is being walked. */
  file = '';

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  record(line: Line, offset: number): void {
    this.#listener.record(line, offset);
  }

  fault(fault: Fault): void {
    this.#listener.fault(fault);
  }

  /** Bytes that are no records, with none known to be missing. */
  region(verdict: Verdict, at: Stretch, sequenceFrom: number, message: string): void {
    const { offset, bytes } = at;
    this.fault({ verdict, file: this.file, offset, bytes, sequenceFrom, message });
  }

  /** Records that should be there and are not. */
  missing(verdict: 'CORRUPT' | 'GAP', at: Stretch, sequenceFrom: number, sequenceTo: number): void {
    const how = verdict === 'GAP' ? 'missing' : 'damaged';
    const message = `records ${sequenceFrom} to ${sequenceTo} are ${how}`;
    const { offset, bytes } = at;
    this.fault({ verdict, file: this.file, offset, bytes, sequenceFrom, sequenceTo, message });
  }

  /** A valid record that does not belong where it stands. */
  contradiction(verdict: 'DUP' | 'FORK', sequence: number, offset: number, message: string): void {
    const range = { sequenceFrom: sequence, sequenceTo: sequence };
    this.fault({ verdict, file: this.file, offset, ...range, message });
  }

  /** What stands in a file after the point where the stream left it. */
  superseded(at: Stretch, sequenceFrom: number, sequenceTo: number): void {
    const { offset, bytes } = at;
    const message = 'never acknowledged here; the next file has what followed';
    const base = { file: this.file, offset, bytes, message };
    if (sequenceFrom === 0) this.fault({ ...base, verdict: 'TORN' });
    else this.fault({ ...base, verdict: 'SUPERSEDED', sequenceFrom, sequenceTo });
  }
}
