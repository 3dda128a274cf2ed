/** First and last record of many spans, as numbers. */
import { hlcAt } from '../../context/index.js';
import { Columns, Interner } from './columns.js';
import type { Moment } from '../entry/entry.js';
import { isoMicroseconds, splitHlc } from '../entry/iso-time.js';
import type { Side } from './side-pack.js';
import type { SpanDraft } from './span.js';

/** Within so many microseconds of each other, 35 minutes, two times are a difference of one word. */
const nearMax = 2 ** 31;

export class MomentPack {
  /** The first reading, and the duration. */
  readonly #times = new Columns(2, (length) => new Float64Array(length));
  /** From it: the first `ts`, the last reading, the last `ts`. */
  readonly #near = new Columns(3, (length) => new Int32Array(length));
  /** The counters of both readings, and the last event. */
  readonly #small = new Columns(3, (length) => new Uint16Array(length));
  readonly #events = new Interner();

  set(row: number, span: SpanDraft, rare: Side): void {
    const { first, last, durationMs } = span;
    const from = splitHlc(first.hlc);
    const to = splitHlc(last.hlc);
    const near = [
      first.microseconds - from.microseconds,
      to.microseconds - from.microseconds,
      last.microseconds - from.microseconds,
    ];
    const isNear = near.every((difference) => Math.abs(difference) < nearMax);
    this.#times.set(row, 0, from.microseconds);
    this.#times.set(row, 1, durationMs ?? Number.NaN);
    for (const [index, difference] of near.entries()) {
      this.#near.set(row, index, isNear ? difference : 0);
    }
    this.#small.set(row, 0, from.counter);
    this.#small.set(row, 1, to.counter);
    const event = this.#events.number(last.event);
    this.#small.set(row, 2, Math.max(event, 0));
    if (!isNear || isOdd(first)) rare.first = first;
    if (!isNear || event === -1 || isOdd(last)) rare.last = last;
  }

  first(row: number): Moment {
    return this.#moment(row, 0);
  }

  last(row: number): SpanDraft['last'] {
    return { ...this.#moment(row, 1), event: this.#events.text(this.#small.get(row, 2)) ?? '' };
  }

  duration(row: number): number | undefined {
    const duration = this.#times.get(row, 1);
    return Number.isNaN(duration) ? undefined : duration;
  }

  compareFirst(a: number, b: number): number {
    return (
      this.#times.get(a, 0) - this.#times.get(b, 0) || this.#small.get(a, 0) - this.#small.get(b, 0)
    );
  }

  #moment(row: number, which: 0 | 1): Moment {
    const from = this.#times.get(row, 0);
    const microseconds = from + this.#near.get(row, which * 2);
    const reading = which === 0 ? from : from + this.#near.get(row, 1);
    const hlc = hlcAt(reading, this.#small.get(row, which));
    return { ts: isoMicroseconds(microseconds), microseconds, hlc };
  }
}

/** Written in another form than ours: its text is kept. */
function isOdd(moment: Moment): boolean {
  return moment.ts !== isoMicroseconds(moment.microseconds);
}
