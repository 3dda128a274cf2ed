/**
 * Short names for lines of an outline: `~` and as many of a span id's last characters as it takes to be the only one in
 * its request; `*` behind it for siblings of other names, too. They name spans, not lines: they hold good while a
 * request goes on.
 */
import { walk, type Request, type Span } from '../../read/index.js';
import { siblingsIn, type OutlineItem, type Sibling } from '../render/outline.js';
import { AgentError } from './error.js';
import { shown } from './parameters.js';

const charsMin = 6;
const charsMax = 16;

/** A function that names the lines worth unfolding: folds, and spans that did not end well. */
export function handlesOf(request: Request): (item: OutlineItem) => string {
  const counts = new Map<string, number>();
  for (const { span } of walk(request.roots)) {
    const tail = span.spanId.slice(-charsMin);
    counts.set(tail, (counts.get(tail) ?? 0) + 1);
  }
  return (item) => {
    if (item.kind === 'span' && item.span.state === 'completed') return '';
    const tail = item.span.spanId.slice(-charsMin);
    const name = counts.get(tail) === 1 ? tail : item.span.spanId;
    return `~${name}${item.kind === 'fold' && item.by !== 'name' ? '*' : ''}`;
  };
}

/** The span that a handle or id names. Throws `AgentError`. */
export function spanNamed(request: Request, given: string): Span {
  const wanted = given.replace(/^~/, '').replace(/\*$/, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(wanted) || wanted.length < charsMin || wanted.length > charsMax) {
    throw unknownSpan(
      request,
      given,
      `is no span id, and no ~handle of ${charsMin} or more characters`,
    );
  }
  const found: Span[] = [];
  for (const { span } of walk(request.roots)) if (span.spanId.endsWith(wanted)) found.push(span);
  const [first, second] = found;
  if (first === undefined) throw unknownSpan(request, given, 'is not in this run');
  if (second !== undefined) {
    throw unknownSpan(
      request,
      given,
      `ends the ids of ${found.length} spans: give all ${charsMax} characters`,
    );
  }
  return first;
}

/** What a fold holds: the siblings like its first span, from that one on. Throws `AgentError`. */
export function foldNamed(request: Request, given: string): readonly Sibling[] {
  const span = spanNamed(request, given);
  const siblings = siblingsIn(request.roots, span);
  const at = siblings.findIndex((one) => one.span === span);
  const isAnyName = given.endsWith('*');
  return siblings
    .slice(Math.max(0, at))
    .filter(
      (one) =>
        one.span.kind === span.kind &&
        one.span.state === span.state &&
        one.span.open === span.open &&
        (isAnyName || one.span.name === span.name),
    );
}

function unknownSpan(request: Request, given: string, why: string): AgentError {
  return new AgentError(`${shown(given)} ${why}. run_outline shows the handles`, [
    { tool: 'run_outline', arguments: { run: request.correlationId } },
  ]);
}
