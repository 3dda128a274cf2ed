/** What is known of one writer in one WAL directory after the first look: where its lines are, and what is wrong there. */
import type { SourceFault } from '../../source.js';

/** Where the lines of a writer lie in a segment: between others' perhaps, but none outside. */
export interface Stretch {
  readonly segment: number;
  from: number;
  to: number;
}

export interface WriterFault extends SourceFault {
  readonly segment: number;
}

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

  constructor(writerId: string, role: string) {
    this.writerId = writerId;
    this.role = role;
  }

  saw(segment: number, from: number, to: number): void {
    const last = this.stretches.at(-1);
    if (last?.segment === segment) last.to = to;
    else this.stretches.push({ segment, from, to });
  }
}
