/**
 * When a span began and ended, for formats that want both. What is not recorded is not made up: an end that is not known
 * is the last moment that is, and says so.
 */
import type { Moment, Span } from '../../read/index.js';
import { endOfAttempt } from '../end-of-attempt.js';

export interface SpanTimes {
  /** Microseconds since 1970. */
  readonly start: number;
  /** False: where it began is in no record; this is the first that is known of it. */
  readonly isStartRecorded: boolean;
  /** Microseconds since 1970, never before `start`. */
  readonly end: number;
  /**
   * `recorded`: by its own record. `children`: an attempt has no record of its end; it ends when what it caused does.
   * `none`: there is no end, and `end` is the last moment that is known of it or of anything below it.
   */
  readonly endFrom: 'recorded' | 'children' | 'none';
  /** Its clock was set back meanwhile: `end` is `start` and what the monotonic clock measured. */
  readonly isStepped: boolean;
}

export function timesOf(span: Span): SpanTimes {
  const start = (span.started ?? span.first).microseconds;
  const isStartRecorded = span.started !== undefined;
  const { ended } = span;
  if (ended !== undefined) {
    const isStepped = ended.microseconds < start;
    const end = isStepped ? start + Math.round((span.durationMs ?? 0) * 1000) : ended.microseconds;
    return { start, isStartRecorded, end, endFrom: 'recorded', isStepped };
  }
  const below = endOfAttempt(span);
  const { microseconds } = below ?? lastKnown(span);
  const isStepped = microseconds < start;
  const end = Math.max(start, microseconds);
  return {
    start,
    isStartRecorded,
    end,
    endFrom: below === undefined ? 'none' : 'children',
    isStepped,
  };
}

/** Found once for each span of a tree: in a chain of open spans, looking down from each of them would take for ever. */
const lastKnownMoments = new WeakMap<Span, Moment>();

/** The last record of the span or of anything below it, in any stream. */
function lastKnown(top: Span): Moment {
  const known = lastKnownMoments.get(top);
  if (known !== undefined) return known;
  const spans: Span[] = [top];
  // Parents before their children; the list grows while it is gone through.
  for (const span of spans) for (const child of span.children) spans.push(child);
  let last: Moment = top.last;
  for (const span of spans.toReversed()) {
    last = span.last;
    for (const child of span.children) {
      const below = lastKnownMoments.get(child) ?? child.last;
      if (below.hlc > last.hlc) last = below;
    }
    lastKnownMoments.set(span, last);
  }
  return last;
}
