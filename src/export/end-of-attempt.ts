/** When an attempt at a runner ended. No record says so: it lasts as long as what it caused. Pure. */
import type { Moment, Span } from '../read/index.js';

/** `undefined` while any of what it caused is open, where nothing is known of it, and for spans that are no attempt. */
export function endOfAttempt({ kind, children }: Span): Moment | undefined {
  if (kind !== 'dispatch') return undefined;
  let last: Moment | undefined;
  for (const { ended } of children) {
    if (ended === undefined) return undefined;
    if (last === undefined || ended.hlc > last.hlc) last = ended;
  }
  return last;
}
