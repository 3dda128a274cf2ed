/**
 * Which siblings are told as one: equal ones that went well are one line, and of those that went wrong in the same way
 * the first is told whole. An attempt that led to one run is that run. Pure; what a line looks like is not known here.
 */
import type { Span } from './span.js';
import { childrenFirst } from './tree.js';

/** A span as it is told: an attempt that led to one run is that run. */
export interface Sibling {
  readonly span: Span;
  readonly attempt: Span | undefined;
}

/** One line: a span, or several that are told as one. */
export type Group = readonly [Sibling, ...Sibling[]];

/** How siblings fold. */
export interface FoldRule {
  /** More lines than this, and siblings of one kind and state fold whatever their names. */
  readonly siblingsMax: number;
  /** Nothing in it went wrong or is open. */
  readonly isQuiet: (span: Span) => boolean;
}

export function siblingOf(span: Span): Sibling {
  const [child] = span.children;
  return span.kind === 'dispatch' && span.children.length === 1 && child !== undefined
    ? { span: child, attempt: span }
    : { span, attempt: undefined };
}

/** Siblings as lines, in the order in which the first of each began. */
export function foldSiblings(siblings: readonly Sibling[], rule: FoldRule): readonly Group[] {
  const lines = groupsOf(siblings, ({ span }) => span.name).flatMap((group) =>
    foldGroup(group, rule),
  );
  if (lines.length <= rule.siblingsMax) return lines;
  return groupsOf(siblings, () => '').flatMap((group) => foldKind(group, rule));
}

/** The spans below and among these in which everything completed. */
export function quietOf(roots: readonly Span[]): ReadonlySet<Span> {
  const quiet = new Set<Span>();
  for (const span of childrenFirst(roots)) {
    const isWell = span.kind === 'dispatch' || span.state === 'completed';
    if (isWell && span.children.every((child) => quiet.has(child))) quiet.add(span);
  }
  return quiet;
}

/** As the writer measured it, else between its records; `undefined` while there is no end. */
export function spanDurationMs(span: Span): number | undefined {
  if (span.kind === 'dispatch') return undefined;
  if (span.durationMs !== undefined) return span.durationMs;
  if (span.ended === undefined || span.started === undefined) return undefined;
  return Math.max(0, span.ended.microseconds - span.started.microseconds) / 1000;
}

/** By kind, state and what else they have in common, in the order in which the first of each began. */
function groupsOf(
  siblings: readonly Sibling[],
  common: (sibling: Sibling) => string,
): readonly Group[] {
  const groups = new Map<string, [Sibling, ...Sibling[]]>();
  for (const sibling of siblings) {
    const { kind, state, open } = sibling.span;
    const key = `${kind} ${state} ${open} ${common(sibling)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sibling]);
    else group.push(sibling);
  }
  return [...groups.values()];
}

function foldGroup(group: Group, { isQuiet }: FoldRule): readonly Group[] {
  const [first, second, ...rest] = group;
  if (second === undefined || group.every(({ span }) => isQuiet(span))) return [group];
  // Siblings of the same name and state may still differ below; each that hides something else is shown.
  return [[first], [second, ...rest]];
}

/** Too many names: what went well is one line, and of what went wrong the first few are shown whole. */
function foldKind(group: Group, { siblingsMax, isQuiet }: FoldRule): readonly Group[] {
  if (group.every(({ span }) => isQuiet(span))) return [group];
  const shown = Math.max(1, Math.min(3, siblingsMax - 1));
  const [first, ...rest] = group.slice(shown);
  const lines = group.slice(0, shown).map((sibling): Group => [sibling]);
  return first === undefined ? lines : [...lines, [first, ...rest]];
}
