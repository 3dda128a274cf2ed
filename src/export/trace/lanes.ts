/**
 * Spans as slices on tracks, for trace viewers: what is drawn on one track must nest or follow, and never overlap. A
 * span that lies inside the span that caused it, of the same writer and beside no other, is drawn in that; every other
 * one has a track of its own. Knows no format, and ends nothing that has no end.
 */
import { traceIdOf } from '../../context/index.js';
import { splitHlc } from '../../read/entry/iso-time.js';
import { endOfAttempt } from '../end-of-attempt.js';
import { walk, type Moment, type Request, type Span } from '../../read/index.js';

/** A span as it is drawn. Times are nanoseconds of the merged clock, in which no effect comes before its cause. */
export interface Slice {
  readonly span: Span;
  readonly depth: number;
  readonly start: bigint;
  /** `undefined`: there is no end. */
  readonly end: bigint | undefined;
  /** Events without a run: there is no saying that it took any time. */
  readonly isInstant: boolean;
  /** The slice that it is drawn on the track of; itself, where it has one of its own. */
  readonly head: Slice;
  /** What it caused and does not contain: what an arrow has to say. */
  readonly arrows: readonly Slice[];
  /** The span as a number of 64 bits, the same in every export, for the names of tracks and arrows. */
  readonly number: bigint;
}

/** What keeps ids that were counted up apart: neighbours in one are far from neighbours in the other. */
const spread = 0x9e3779b97f4a7c15n;

class Drawn implements Slice {
  readonly span: Span;
  readonly depth: number;
  readonly start: bigint;
  readonly end: bigint | undefined;
  readonly isInstant: boolean;
  readonly arrows: Drawn[] = [];
  head: Drawn = this;
  /** Until when something is drawn inside of it; `undefined`: for ever. */
  taken: bigint | undefined;
  #number: bigint | undefined;

  constructor(span: Span, depth: number) {
    this.span = span;
    this.depth = depth;
    this.start = nanoseconds(span.started ?? span.first);
    this.isInstant = span.kind === 'other' && span.ended === undefined;
    this.end = this.isInstant ? this.start : endOf(span, this.start);
    this.taken = this.start;
  }

  get number(): bigint {
    if (this.#number !== undefined) return this.#number;
    const { correlationId, spanId } = this.span;
    const trace = BigInt(`0x${traceIdOf(correlationId).slice(16)}`);
    this.#number = BigInt.asUintN(64, trace * spread) ^ BigInt(`0x${spanId}`);
    // Nothing that is numbered may be 0.
    return (this.#number ||= spread);
  }
}

/** The slices of a request, causes before what they caused. */
export function slicesOf(request: Pick<Request, 'roots'>): readonly Slice[] {
  const slices: Slice[] = [];
  const path: Drawn[] = [];
  for (const { span, depth } of walk(request.roots)) {
    const slice = new Drawn(span, depth);
    const cause = path[depth - 1];
    path.length = depth;
    path.push(slice);
    if (cause !== undefined) place(slice, cause);
    slices.push(slice);
  }
  return slices;
}

/** Beginnings and ends in an order in which those of one track nest also where they are of the same moment. */
export function* marksOf(
  slices: readonly Slice[],
): Generator<{ readonly slice: Slice; readonly isEnd: boolean }, void, undefined> {
  const open: Slice[] = [];
  for (const slice of slices) {
    while (open.length > slice.depth) yield* close(open);
    yield { slice, isEnd: false };
    open.push(slice);
  }
  while (open.length > 0) yield* close(open);
}

function* close(open: Slice[]): Generator<{ slice: Slice; isEnd: true }, void, undefined> {
  const slice = open.pop();
  if (slice?.end !== undefined && !slice.isInstant) yield { slice, isEnd: true };
}

function endOf(span: Span, start: bigint): bigint | undefined {
  const ended = span.ended ?? endOfAttempt(span);
  if (ended === undefined) return undefined;
  const end = nanoseconds(ended);
  return end > start ? end : start;
}

function place(slice: Drawn, cause: Drawn): void {
  if (!contains(cause, slice)) {
    cause.arrows.push(slice);
    return;
  }
  slice.head = cause.head;
  cause.taken = slice.end;
}

function contains(cause: Drawn, slice: Drawn): boolean {
  if (cause.isInstant || cause.span.writerId !== slice.span.writerId) return false;
  if (cause.span.root !== slice.span.root) return false;
  if (cause.taken === undefined || slice.start < cause.taken) return false;
  return cause.end === undefined || (slice.end !== undefined && slice.end <= cause.end);
}

/** Readings within a microsecond are told apart by their counter: so many nanoseconds, as far as there is room. */
function nanoseconds({ hlc }: Moment): bigint {
  const { microseconds, counter } = splitHlc(hlc);
  return BigInt(microseconds) * 1000n + BigInt(Math.min(counter, 999));
}
