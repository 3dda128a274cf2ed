/**
 * A request as it was at some time, from the tree that became of it: what had begun, what had ended. What had not ended
 * then was under way, whatever is known of it by now. Pure.
 */
import { walk, type Effect, type Moment, type Request, type Span } from '../../read/index.js';
import { hlcMicroseconds } from '../../context/index.js';

/** Something that changed in a request. */
export interface Change {
  readonly what: 'began' | 'ended' | 'touched' | 'left open';
  readonly span: Span;
  readonly at: Moment;
  /** After the beginning of the request. */
  readonly offsetUs: number;
  readonly effect: Effect | undefined;
}

/** All changes, in the order of time. */
export function changesOf(request: Request): readonly Change[] {
  const start = hlcMicroseconds(request.started.hlc);
  const changes: Change[] = [];
  const add = (what: Change['what'], span: Span, at: Moment, effect?: Effect): void => {
    changes.push({ what, span, at, offsetUs: hlcMicroseconds(at.hlc) - start, effect });
  };
  for (const { span } of walk(request.roots)) {
    add('began', span, span.first);
    for (const effect of span.effects) add('touched', span, effect.at, effect);
    if (span.ended !== undefined) add('ended', span, span.ended);
    else if (span.open) add('left open', span, request.last);
  }
  return changes.sort(byTime);
}

/** What was left open comes last. The sort is stable: the same reading leaves the order of the tree. */
function byTime(a: Change, b: Change): number {
  if (a.at.hlc !== b.at.hlc) return a.at.hlc < b.at.hlc ? -1 : 1;
  return Number(a.what === 'left open') - Number(b.what === 'left open');
}

/** The request as it was when the clock read so. At its last record it is what it is. */
export function asOf(request: Request, at: Moment): Request {
  if (at.hlc >= request.last.hlc) return request;
  const roots = request.roots.flatMap((root) => spanAsOf(root, at));
  return {
    ...request,
    state: 'in_flight',
    why: '',
    decidedBy: undefined,
    ended: undefined,
    durationMs: undefined,
    resolution: undefined,
    roots,
  };
}

/** Children before parents, without recursion: a stream may claim any depth. */
function spanAsOf(root: Span, at: Moment): readonly Span[] {
  const made = new Map<Span, Span>();
  for (const { span } of [...walk([root])].toReversed()) {
    if (span.first.hlc > at.hlc) continue;
    const children = span.children.flatMap((child) => made.get(child) ?? []);
    const hasEnded = span.ended !== undefined && span.ended.hlc <= at.hlc;
    made.set(span, hasEnded ? { ...span, children } : underWay(span, children, at));
  }
  return [...made.values()].filter(({ spanId }) => spanId === root.spanId);
}

function underWay(span: Span, children: readonly Span[], at: Moment): Span {
  return {
    ...span,
    children,
    state: 'in_flight',
    open: true,
    why: '',
    ended: undefined,
    durationMs: undefined,
    error: undefined,
    terminals: 0,
    resolution: undefined,
    last: { ...at, event: span.last.event },
    effects: span.effects.filter((effect) => effect.at.hlc <= at.hlc),
  };
}
