/** Where a request went wrong: the deepest spans that failed, were rejected or were lost, and the path to each. Pure. */
import { walk, type Request, type Span, type State } from '../../read/index.js';

export interface Failure {
  readonly span: Span;
  /** From the root to the span itself, without attempts. */
  readonly path: readonly Span[];
}

const failures: ReadonlySet<State> = new Set(['failed', 'rejected', 'lost']);

/** A failure that may not be the whole truth is one all the same. */
export function isFailure({ state, roots }: Request): boolean {
  return (
    failures.has(state) || (state === 'unknown' && roots.some((root) => failures.has(root.state)))
  );
}

/** The failures, the first that happened first. */
export function failuresOf(request: Request): readonly Failure[] {
  const above: Span[] = [];
  const found: Failure[] = [];
  const hasFailureBelow = new Set<Span>();
  for (const { span, depth } of walk(request.roots)) {
    above.length = depth;
    if (failures.has(span.state) && span.kind !== 'dispatch') {
      for (const one of above) hasFailureBelow.add(one);
      found.push({ span, path: [...above, span].filter((one) => one.kind !== 'dispatch') });
    }
    above.push(span);
  }
  return found.filter(({ span }) => !hasFailureBelow.has(span)).sort(byTime);
}

function byTime(a: Failure, b: Failure): number {
  const [one, other] = [timeOf(a.span), timeOf(b.span)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** When it was known: the end, or of a lost span the last that was heard of it. */
function timeOf(span: Span): string {
  return span.ended?.hlc ?? span.last.hlc;
}
