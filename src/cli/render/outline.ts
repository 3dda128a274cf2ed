/**
 * The outline of a request's tree: equal siblings that went well fold into one line, and of siblings that went wrong
 * in the same way the first is shown whole. An attempt that led to one run is shown as that run. Pure.
 */
import { walk, type Span } from '../../read/index.js';

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
  const merged = spans.map((span) => mergeAttempt(span, folding.full));
  if (depth >= depthMax) return merged.length === 0 ? [] : [fold(merged, 'kind')];
  if (folding.full) return merged.map((one) => itemOf(one, folding, depth));
  const items = groupsOf(merged, ({ span }) => span.name).flatMap((group) =>
    foldGroup(group, folding, depth),
  );
  if (items.length <= folding.siblingsMax) return items;
  return groupsOf(merged, () => '').flatMap((group) => foldKind(group, folding, depth));
}

/** The spans by kind and state and what else they have in common, in the order in which they began. */
function groupsOf(
  merged: readonly Merged[],
  common: (one: Merged) => string,
): readonly (readonly Merged[])[] {
  const groups = new Map<string, Merged[]>();
  for (const one of merged) {
    const { kind, state, open } = one.span;
    const key = `${kind} ${state} ${open} ${common(one)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** A span as the outline has it: an attempt that led to one run is that run. */
export interface Sibling {
  readonly span: Span;
  readonly attempt: Span | undefined;
}

type Merged = Sibling;

/** The span's siblings and itself, as the outline has them, in order; none when it is not there. */
export function siblingsIn(roots: readonly Span[], wanted: Span): readonly Sibling[] {
  const levels = [roots];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    const merged = level.map((span) => mergeAttempt(span, false));
    if (merged.some(({ span, attempt }) => span === wanted || attempt === wanted)) return merged;
    for (const { span } of merged) if (span.children.length > 0) levels.push(span.children);
  }
  return [];
}

function mergeAttempt(span: Span, full: boolean): Merged {
  const [child] = span.children;
  return !full && span.kind === 'dispatch' && span.children.length === 1 && child !== undefined
    ? { span: child, attempt: span }
    : { span, attempt: undefined };
}

function foldGroup(
  group: readonly Merged[],
  folding: Folding,
  depth: number,
): readonly OutlineItem[] {
  const [first, ...rest] = group;
  if (first === undefined) return [];
  const isQuietHere = group.every(({ span }) => isQuiet(span));
  if (isQuietHere && (rest.length > 0 || isDeep(first, folding, depth))) {
    return [fold(group, 'name')];
  }
  if (rest.length === 0) return [itemOf(first, folding, depth)];
  // Siblings of the same name and state may still differ below; each that hides something else is shown.
  return [itemOf(first, folding, depth), fold(rest, 'name')];
}

/** Too many names: what went well is one line, and of what went wrong the first few are shown whole. */
function foldKind(
  group: readonly Merged[],
  folding: Folding,
  depth: number,
): readonly OutlineItem[] {
  if (group.length > 1 && group.every(({ span }) => isQuiet(span))) return [fold(group, 'kind')];
  const shown = Math.max(1, Math.min(3, folding.siblingsMax - 1));
  const rest = group.slice(shown);
  const items = group.slice(0, shown).map((one) => itemOf(one, folding, depth));
  return rest.length === 0 ? items : [...items, fold(rest, 'kind')];
}

function isDeep({ span }: Merged, { quietDepth }: Folding, depth: number): boolean {
  return depth >= quietDepth && span.children.length > 0;
}

function itemOf({ span, attempt }: Merged, folding: Folding, depth: number): OutlineItem {
  return { kind: 'span', span, attempt, children: outline(span.children, folding, depth + 1) };
}

function fold(group: readonly Merged[], by: 'name' | 'kind'): OutlineItem {
  const [first] = group as readonly [Merged, ...Merged[]];
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

/** Nothing in it went wrong or is open. */
function isQuiet(span: Span): boolean {
  for (const { span: below } of walk([span])) {
    if (below.kind !== 'dispatch' && below.state !== 'completed') return false;
  }
  return true;
}

/** As the writer measured it, else between its records; `undefined` while there is no end. */
export function spanDurationMs(span: Span): number | undefined {
  if (span.kind === 'dispatch') return undefined;
  if (span.durationMs !== undefined) return span.durationMs;
  if (span.ended === undefined || span.started === undefined) return undefined;
  return Math.max(0, span.ended.microseconds - span.started.microseconds) / 1000;
}
