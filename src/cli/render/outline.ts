/** The outline of a request's tree: which of its siblings are one line, and what is in that. Pure. */
import {
  foldSiblings,
  isQuiet,
  siblingOf,
  spanDurationMs,
  type Sibling,
} from '../../read/requests/fold.js';
import { walk, type Span } from '../../read/index.js';

export { spanDurationMs };
export type { Sibling };

export type OutlineItem =
  | {
      readonly kind: 'span';
      readonly span: Span;
      readonly attempt: Span | undefined;
      readonly children: readonly OutlineItem[];
    }
  | {
      readonly kind: 'fold';
      /** The first of them. */
      readonly span: Span;
      /** What they have in common besides kind and state; `kind`: nothing. */
      readonly by: 'name' | 'kind';
      readonly count: number;
      /** How many different names they have. */
      readonly names: number;
      readonly spans: number;
      readonly durationsMs: readonly number[];
    };

/** A stream may claim any depth; what is below this one folds into a line. */
const depthMax = 100;

/** How much is folded. */
export interface Folding {
  /** Nothing is. */
  readonly full: boolean;
  /** More siblings than this of one kind and state fold whatever their names; of those that went wrong this many stay. */
  readonly siblingsMax: number;
  /** From this depth on, what went well is one line with all that is below it. */
  readonly quietDepth: number;
}

export const usual: Folding = { full: false, siblingsMax: 20, quietDepth: depthMax };
export const unfolded: Folding = { full: true, siblingsMax: Infinity, quietDepth: Infinity };

/** The items for these spans and all below them. */
export function outline(
  spans: readonly Span[],
  folding: Folding,
  depth = 0,
): readonly OutlineItem[] {
  if (folding.full && depth < depthMax) {
    return spans.map((span) => itemOf(itself(span), folding, depth));
  }
  const siblings = folding.full ? spans.map(itself) : spans.map(siblingOf);
  if (depth >= depthMax) return siblings.length === 0 ? [] : [fold(siblings, 'kind')];
  const { siblingsMax, quietDepth } = folding;
  return foldSiblings(siblings, { siblingsMax, isQuiet }).map(({ members, by }) => {
    const [first] = members;
    const isDeep = by === 'name' && depth >= quietDepth && first.span.children.length > 0;
    const isOne = members.length === 1 && !(isDeep && isQuiet(first.span));
    return isOne ? itemOf(first, folding, depth) : fold(members, by);
  });
}

/** The span's siblings and itself, as the outline has them, in order; none when it is not there. */
export function siblingsIn(roots: readonly Span[], wanted: Span): readonly Sibling[] {
  const levels = [roots];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    const siblings = level.map(siblingOf);
    if (siblings.some(({ span, attempt }) => span === wanted || attempt === wanted)) {
      return siblings;
    }
    for (const { span } of siblings) if (span.children.length > 0) levels.push(span.children);
  }
  return [];
}

function itself(span: Span): Sibling {
  return { span, attempt: undefined };
}

function itemOf({ span, attempt }: Sibling, folding: Folding, depth: number): OutlineItem {
  return { kind: 'span', span, attempt, children: outline(span.children, folding, depth + 1) };
}

function fold(group: readonly Sibling[], by: 'name' | 'kind'): OutlineItem {
  const [first] = group as readonly [Sibling, ...Sibling[]];
  let spans = 0;
  for (const { span, attempt } of group) {
    spans += attempt === undefined ? 0 : 1;
    for (const _ of walk([span])) spans += 1;
  }
  const durationsMs = group
    .map(({ span }) => spanDurationMs(span))
    .filter((ms) => ms !== undefined)
    .sort((a, b) => a - b);
  const names = new Set(group.map(({ span }) => span.name)).size;
  return { kind: 'fold', span: first.span, by, count: group.length, names, spans, durationsMs };
}
