/**
 * Which siblings are told as one: equal ones that went well are one line, and of those that went wrong in the same way
 * the first is told whole. An attempt that led to one run is that run. Pure; what a line looks like is not known here.
 */
import type { Span } from '../spans/span.js';
import { childrenFirst, walk } from './tree.js';

/** A span as it is told: an attempt that led to one run is that run. */
export interface Sibling {
  readonly span: Span;
  readonly attempt: Span | undefined;
}

/** Siblings of which each has what the others have. */
type Group = readonly [Sibling, ...Sibling[]];

/** One line: a span, or several that are told as one. */
export interface Line {
  readonly members: Group;
  /** What several have in common besides kind and state; `kind`: nothing. */
  readonly by: 'name' | 'kind';
}

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
export function foldSiblings(siblings: readonly Sibling[], rule: FoldRule): readonly Line[] {
  const lines = groupsOf(siblings, ({ span }) => span.name).flatMap((group) => byName(group, rule));
  if (lines.length <= rule.siblingsMax) return lines;
  return groupsOf(siblings, () => '').flatMap((group) => byKind(group, rule));
}

/** Nothing in it went wrong or is open. */
export function isQuiet(span: Span): boolean {
  for (const { span: below } of walk([span])) if (!isWell(below)) return false;
  return true;
}

/** Those of these and of all below them that are: found together, in one walk. */
export function quietOf(roots: readonly Span[]): ReadonlySet<Span> {
  const quiet = new Set<Span>();
  for (const span of childrenFirst(roots)) {
    if (isWell(span) && span.children.every((child) => quiet.has(child))) quiet.add(span);
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

function byName(group: Group, rule: FoldRule): readonly Line[] {
  const [first, second, ...rest] = group;
  const isWhole = second === undefined || group.every(({ span }) => rule.isQuiet(span));
  if (isWhole) return [{ members: group, by: 'name' }];
  // Siblings of the same name and state may still differ below; each that hides something else is shown.
  return [
    { members: [first], by: 'name' },
    { members: [second, ...rest], by: 'name' },
  ];
}

/** Too many names: what went well is one line, and of what went wrong the first few are shown whole. */
function byKind(group: Group, rule: FoldRule): readonly Line[] {
  if (group.every(({ span }) => rule.isQuiet(span))) return [{ members: group, by: 'kind' }];
  const shown = Math.max(1, Math.min(3, rule.siblingsMax - 1));
  const [first, ...rest] = group.slice(shown);
  const lines = group.slice(0, shown).map((one): Line => ({ members: [one], by: 'kind' }));
  return first === undefined ? lines : [...lines, { members: [first, ...rest], by: 'kind' }];
}

function isWell(span: Span): boolean {
  return span.kind === 'dispatch' || span.state === 'completed';
}
