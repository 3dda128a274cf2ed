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
      readonly span: Span;
      readonly count: number;
      readonly spans: number;
      readonly durationsMs: readonly number[];
    };

/** A stream may claim any depth; what is below this one folds into a line. */
const depthMax = 100;

/** The items for these spans and all below them. `full`: nothing is folded. */
export function outline(spans: readonly Span[], full: boolean, depth = 0): readonly OutlineItem[] {
  const merged = spans.map((span) => mergeAttempt(span, full));
  if (depth >= depthMax) return merged.length === 0 ? [] : [fold(merged)];
  if (full) return merged.map((one) => itemOf(one, full, depth));
  const groups = new Map<string, Merged[]>();
  for (const one of merged) {
    const key = `${one.span.kind} ${one.span.state} ${one.span.open} ${one.span.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group) => foldGroup(group, depth));
}

interface Merged {
  readonly span: Span;
  readonly attempt: Span | undefined;
}

function mergeAttempt(span: Span, full: boolean): Merged {
  const [child] = span.children;
  return !full && span.kind === 'dispatch' && span.children.length === 1 && child !== undefined
    ? { span: child, attempt: span }
    : { span, attempt: undefined };
}

function foldGroup(group: readonly Merged[], depth: number): readonly OutlineItem[] {
  const [first, ...rest] = group;
  if (first === undefined) return [];
  if (rest.length === 0) return [itemOf(first, false, depth)];
  if (group.every(({ span }) => isQuiet(span))) return [fold(group)];
  // Siblings of the same name and state may still differ below; each that hides something else is shown.
  return [itemOf(first, false, depth), fold(rest)];
}

function itemOf({ span, attempt }: Merged, full: boolean, depth: number): OutlineItem {
  return { kind: 'span', span, attempt, children: outline(span.children, full, depth + 1) };
}

function fold(group: readonly Merged[]): OutlineItem {
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
  return { kind: 'fold', span: first.span, count: group.length, spans, durationsMs };
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
