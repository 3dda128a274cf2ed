/**
 * Arrows for links, which lead from one request to another. Requests come newest first, so whoever names a cause comes
 * before it: the arrow waits for its beginning. A link to what is not exported stays a fact of who named it.
 */
import { traceIdOf } from '../../context/index.js';
import type { Request } from '../../read/index.js';
import type { Slice } from './lanes.js';
import { derivedNumber } from './derived-number.js';

/** So many arrows wait at a time. */
const waitingMax = 10_000;

export class LinkArrows {
  readonly #waiting = new Map<string, bigint[]>();
  #count = 0;
  /** Arrows that are not drawn, because too many waited. */
  leftOut = 0;

  /** The arrows that end in this slice. */
  into({ span }: Slice): readonly bigint[] {
    if (span.links.length === 0) return [];
    const own = keyOf(traceIdOf(span.correlationId), span.spanId);
    const arrows: bigint[] = [];
    for (const link of span.links) {
      if (this.#count === waitingMax) {
        this.leftOut += 1;
        continue;
      }
      const key = keyOf(link.traceId, link.spanId);
      const arrow = derivedNumber('link', own, key);
      const others = this.#waiting.get(key);
      if (others === undefined) this.#waiting.set(key, [arrow]);
      else others.push(arrow);
      this.#count += 1;
      arrows.push(arrow);
    }
    return arrows;
  }

  /** The arrows that begin in it: at the span, or at the front's own span, for which its first run stands. */
  outOf({ span, depth }: Slice, request: Request): readonly bigint[] {
    if (this.#count === 0) return [];
    const own = this.#claim(keyOf(request.traceId, span.spanId));
    if (depth > 0) return own;
    return [...own, ...this.#claim(keyOf(request.traceId, request.entrySpanId))];
  }

  #claim(key: string): readonly bigint[] {
    const arrows = this.#waiting.get(key);
    if (arrows === undefined) return [];
    this.#waiting.delete(key);
    this.#count -= arrows.length;
    return arrows;
  }
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}-${spanId}`;
}
