/** What a walk found, in order: lines to hand on, and faults in their wording. */
import type { Fault, Verdict } from './fault.js';
import type { Line } from './line.js';
import type { RawLine } from './lines.js';

export type Walked =
  | { readonly kind: 'line'; readonly line: Line; readonly raw: RawLine; readonly file: string }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** A stretch of bytes of a file. */
export interface Stretch {
  readonly offset: number;
  readonly bytes: number;
}

export class Findings {
  readonly #out: Walked[] = [];
  /** The file that is being walked. */
  file = '';

  /** Everything since the last call. */
  take(): readonly Walked[] {
    return this.#out.splice(0);
  }

  line(line: Line, raw: RawLine): void {
    this.#out.push({ kind: 'line', line, raw, file: this.file });
  }

  fault(fault: Fault): void {
    this.#out.push({ kind: 'fault', fault });
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
  contradiction(verdict: 'DUP' | 'FORK', line: Line, offset: number, message: string): void {
    const { sequence } = line;
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
