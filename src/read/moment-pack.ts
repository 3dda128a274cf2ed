/** First and last record of many spans, as numbers. */
import { Columns, Interner } from './columns.js';
import type { Moment } from './entry.js';
import { isoMicroseconds, joinHlc, splitHlc } from './iso-time.js';
import type { Side } from './side-pack.js';
import type { SpanDraft } from './span.js';

export class MomentPack {
  /** `ts` and reading of the first record and of the last, and the duration. */
  readonly #times = new Columns(5, (length) => new Float64Array(length));
  /** The counters of both readings, and the last event. */
  readonly #small = new Columns(3, (length) => new Uint16Array(length));
  readonly #events = new Interner();

  set(row: number, span: SpanDraft, rare: Side): void {
    const { first, last, durationMs } = span;
    this.#setMoment(row, 0, first);
    this.#setMoment(row, 1, last);
    if (isOdd(first)) rare.first = first;
    const event = this.#events.number(last.event);
    this.#small.set(row, 2, Math.max(event, 0));
    if (event === -1 || isOdd(last)) rare.last = last;
    this.#times.set(row, 4, durationMs ?? Number.NaN);
  }

  first(row: number): Moment {
    return this.#moment(row, 0);
  }

  last(row: number): SpanDraft['last'] {
    return { ...this.#moment(row, 1), event: this.#events.text(this.#small.get(row, 2)) ?? '' };
  }

  duration(row: number): number | undefined {
    const duration = this.#times.get(row, 4);
    return Number.isNaN(duration) ? undefined : duration;
  }

  compareFirst(a: number, b: number): number {
    return (
      this.#times.get(a, 1) - this.#times.get(b, 1) || this.#small.get(a, 0) - this.#small.get(b, 0)
    );
  }

  #setMoment(row: number, which: 0 | 1, moment: Moment): void {
    const { microseconds, counter } = splitHlc(moment.hlc);
    this.#times.set(row, which * 2, moment.microseconds);
    this.#times.set(row, which * 2 + 1, microseconds);
    this.#small.set(row, which, counter);
  }

  #moment(row: number, which: 0 | 1): Moment {
    const microseconds = this.#times.get(row, which * 2);
    const hlc = joinHlc(this.#times.get(row, which * 2 + 1), this.#small.get(row, which));
    return { ts: isoMicroseconds(microseconds), microseconds, hlc };
  }
}

/** Written in another form than ours: its text is kept. */
function isOdd(moment: Moment): boolean {
  return moment.ts !== isoMicroseconds(moment.microseconds);
}
