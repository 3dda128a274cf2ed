/** Steps of a writer's wall clock, seen between its records and in what its seal says. */
import type { Entry } from '../entry/entry.js';
import { referenceOf, type Finding, type RecordReference } from './finding.js';

/** Back by less is a clock being corrected, or the grain of its readings. */
const backMsMin = 50;
/** So many steps are kept; the rest is counted. */
const stepsMax = 1000;

interface Step {
  readonly message: string;
  readonly records: readonly RecordReference[];
}

/** Looks at every record, in the order of its stream. */
export class ClockWatch {
  readonly steps: Step[] = [];
  more = 0;
  readonly #last = new Map<string, Entry>();

  add(entry: Entry): void {
    // Another program's writers may have the same name in two places.
    const key = `${entry.root}\n${entry.writerId}`;
    const before = this.#last.get(key);
    this.#last.set(key, entry);
    const backMs =
      before === undefined || entry.at.ts === '' || before.at.ts === ''
        ? 0
        : (before.at.microseconds - entry.at.microseconds) / 1000;
    if (backMs >= backMsMin && before !== undefined) {
      this.#tell(`the wall clock was set back by ${Math.round(backMs)} ms`, [before, entry]);
    }
    if (entry.payload['clock'] === 'ahead') {
      this.#tell('the sender’s clock was too far ahead to be followed', [entry]);
    }
    const steps = entry.event === 'wal.sealed' ? entry.payload['clock_steps'] : undefined;
    if (typeof steps === 'number' && steps > 0) {
      this.#tell(`the writer saw its wall clock step ${steps} times`, [entry]);
    }
  }

  #tell(message: string, entries: readonly Entry[]): void {
    if (this.steps.length === stepsMax) {
      this.more += 1;
      return;
    }
    const records = entries.map(referenceOf);
    this.steps.push({ message: `${entries[0]?.writerId ?? ''}: ${message}`, records });
  }
}

export function clockFindings(watch: ClockWatch): readonly Finding[] {
  return watch.steps.map(({ message, records }) => ({
    name: 'clock_step',
    message,
    recovery: 'unknown',
    because: 'times around it do not compare; the order of records is not affected',
    records,
  }));
}
