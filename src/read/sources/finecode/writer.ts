/** What is known of one writer in one WAL directory after the first look: where its lines are, and what is wrong there. */
import type { SourceFault } from '../source.js';

/** Where the lines of a writer lie in a segment: between others' perhaps, but none outside. */
export interface Stretch {
  readonly segment: number;
  from: number;
  to: number;
}

export interface WriterFault extends SourceFault {
  readonly segment: number;
}

interface Counted {
  readonly sequence: number;
  readonly microseconds: number | undefined;
}

const missingMax = 1000;

export class WriterFacts {
  readonly writerId: string;
  readonly role: string;
  readonly stretches: Stretch[] = [];
  readonly faults: WriterFault[] = [];
  records = 0;
  duplicates = 0;
  /** Its first and its last record in time. */
  firstUs: number = Infinity;
  lastUs: number = -Infinity;
  /** A record of a later schema than ours: read as far as it goes. */
  isLater = false;

  /** Writers whose lines lie between its own: two processes that append to one file. */
  readonly sharedWith: Set<string> = new Set();
  /** Sequences that are in no line, unless several processes count under this name. */
  readonly #missing: WriterFault[] = [];
  #lastSequence: number | undefined;
  #isSeveral = false;

  constructor(writerId: string, role: string) {
    this.writerId = writerId;
    this.role = role;
  }

  /** A record that is no copy, in the order of the files. */
  count(
    { sequence, microseconds: us }: Counted,
    at: { segment: number; file: string; offset: number },
  ): void {
    this.records += 1;
    if (us !== undefined) {
      this.firstUs = Math.min(this.firstUs, us);
      this.lastUs = Math.max(this.lastUs, us);
    }
    const last = this.#lastSequence;
    this.#lastSequence = sequence;
    if (last === undefined || sequence === last + 1) return;
    if (sequence <= last) this.#isSeveral = true;
    else if (this.#missing.length < missingMax) {
      const [sequenceFrom, sequenceTo] = [last + 1, sequence - 1];
      const message = 'records that were written are in no line';
      this.#missing.push({ verdict: 'GAP', ...at, sequenceFrom, sequenceTo, message });
    }
  }

  /** Everything was looked at: the faults, in their order. */
  allFaults(): readonly WriterFault[] {
    const all = this.#isSeveral ? this.faults : [...this.faults, ...this.#missing];
    return all.toSorted((a, b) => a.segment - b.segment || a.offset - b.offset);
  }

  isIn(segment: number): boolean {
    return this.stretches.at(-1)?.segment === segment;
  }

  saw(segment: number, from: number, to: number): void {
    const last = this.stretches.at(-1);
    if (last?.segment === segment) last.to = to;
    else this.stretches.push({ segment, from, to });
  }
}
