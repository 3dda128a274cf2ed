/** Which lines there are: spans below what caused them, equal siblings as one until somebody looks inside. Pure. */
import { spanAt, type PageRequest, type PageSpan } from './model.js';

/** A line: one span, or several that are folded. */
export interface Line {
  readonly key: string;
  readonly level: number;
  /** From 1, among those of the same parent. */
  readonly place: number;
  readonly siblings: number;
  readonly members: readonly PageSpan[];
  /** The attempts that led to them, and that the line stands for, too. */
  readonly attempts: readonly PageSpan[];
  readonly isFold: boolean;
  /** `undefined`: there is nothing below it. */
  readonly isExpanded: boolean | undefined;
}

export interface View {
  /** Lines that are the other way than they are at first: folds open, spans closed. */
  readonly turned: ReadonlySet<string>;
  /** The spans that are shown, when not all are; then nothing is folded. */
  readonly only: ReadonlySet<number> | undefined;
}

type Below = Omit<Line, 'isExpanded' | 'place' | 'siblings'>;

export function linesOf(request: PageRequest, view: View): readonly Line[] {
  const lines: Line[] = [];
  const stack: Line[] = [];
  const push = (below: readonly Below[]): void => {
    for (let index = below.length - 1; index >= 0; index -= 1) {
      const one = below[index];
      if (one === undefined) continue;
      const place = { place: index + 1, siblings: below.length };
      stack.push({ ...one, ...place, isExpanded: isExpanded(one, view) });
    }
  };
  push(belowOf(request, request.roots, 1, view));
  for (let line = stack.pop(); line !== undefined; line = stack.pop()) {
    lines.push(line);
    if (line.isExpanded === true) push(insideOf(request, line, view));
  }
  return lines;
}

/** Every span that is to be shown for these: themselves and all above them. */
export function withCauses(request: PageRequest, wanted: Iterable<number>): ReadonlySet<number> {
  const shown = new Set<number>();
  for (const index of wanted) {
    for (let at = index; at !== -1 && !shown.has(at); at = spanAt(request, at).parent)
      shown.add(at);
  }
  return shown;
}

function isExpanded(line: Below, view: View): boolean | undefined {
  const isTurned = view.turned.has(line.key);
  if (line.isFold) return isTurned;
  const [span] = line.members;
  const children = span?.children ?? [];
  const hasSome =
    view.only === undefined ? children.length > 0 : children.some((child) => view.only?.has(child));
  return hasSome ? !isTurned : undefined;
}

function insideOf(request: PageRequest, line: Line, view: View): readonly Below[] {
  const [first] = line.members;
  if (!line.isFold) return belowOf(request, first?.children ?? [], line.level + 1, view);
  return line.members.map((span) => single(request, causeOf(request, span), line.level + 1));
}

/** The span whose line stands for this one: an attempt that led to one run is that run. */
export function shownAs(request: PageRequest, index: number): number {
  const [only] = spanAt(request, index).children;
  return leadsToOne(spanAt(request, index)) && only !== undefined ? only : index;
}

/** What the line of a span is about: itself, or the attempt that it stands for. */
function causeOf(request: PageRequest, span: PageSpan): PageSpan {
  const parent = span.parent === -1 ? undefined : spanAt(request, span.parent);
  return parent !== undefined && leadsToOne(parent) ? parent : span;
}

function leadsToOne(span: PageSpan): boolean {
  return span.kind === 'dispatch' && span.children.length === 1;
}

function single(request: PageRequest, span: PageSpan, level: number): Below {
  const [only] = span.children;
  const isMerged = leadsToOne(span) && only !== undefined;
  const shown = isMerged ? spanAt(request, only) : span;
  const attempts = isMerged ? [span] : [];
  return { key: `s${shown.index}`, level, members: [shown], attempts, isFold: false };
}

function belowOf(
  request: PageRequest,
  children: readonly number[],
  level: number,
  view: View,
): readonly Below[] {
  const below: Below[] = [];
  const folds = new Map<number, { members: PageSpan[]; attempts: PageSpan[] }>();
  for (const child of children) {
    if (view.only !== undefined && !view.only.has(child)) continue;
    const span = spanAt(request, child);
    const one = single(request, span, level);
    if (span.fold === 0 || view.only !== undefined) {
      below.push(one);
      continue;
    }
    const others = folds.get(span.fold);
    if (others !== undefined) {
      others.members.push(...one.members);
      others.attempts.push(...one.attempts);
      continue;
    }
    const first = { members: [...one.members], attempts: [...one.attempts] };
    folds.set(span.fold, first);
    below.push({ key: `f${span.fold}`, level, ...first, isFold: true });
  }
  return below;
}
