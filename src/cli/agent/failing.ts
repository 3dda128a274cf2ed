/** A request of which only the way to what failed or is open is left. Pure. */
import type { Request, Span, State } from '../../read/index.js';
import { walk } from '../../read/index.js';

const bad: ReadonlySet<State> = new Set([
  'failed',
  'rejected',
  'lost',
  'unknown',
  'in_flight',
  'cancelled',
]);

/** The request itself where nothing is wrong with it. */
export function onlyFailing(request: Request): Request {
  const kept = new Map<Span, Span>();
  // Children before their parents.
  for (const { span } of [...walk(request.roots)].toReversed()) {
    const children = span.children.flatMap((child) => kept.get(child) ?? []);
    if (children.length > 0 || bad.has(span.state)) kept.set(span, { ...span, children });
  }
  const roots = request.roots.flatMap((root) => kept.get(root) ?? []);
  return roots.length === 0 ? request : { ...request, roots, spans: kept.size };
}
