/**
 * Which spans a request's time went to: from its end backwards, always the child that ended last. Times are of the
 * merged clock, in which a child never starts before its cause. Pure.
 */
import { walk, type Request, type Span } from '../../read/index.js';
import { hlcMicroseconds } from '../../context/index.js';

/** One span of the path, or several of one name below the same span. All times in microseconds. */
export interface Step {
  readonly span: Span;
  readonly depth: number;
  readonly count: number;
  /** After the beginning of the request. */
  readonly startUs: number;
  readonly totalUs: number;
  /** Of the total, what nothing below it accounts for. */
  readonly selfUs: number;
  /** Between being sent and being taken up, if an attempt led here. */
  readonly waitUs: number;
  /** How much sooner the request would have ended at most, had this taken no time. */
  readonly gainUs: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The node that a span is on the path. */
interface Part {
  readonly span: Span;
  readonly from: number;
  readonly to: number;
  self: number;
  readonly wait: number;
  gain: number;
  readonly below: Part[];
}

/** The steps, a span before what is below it, in the order of time. */
export function criticalPath(request: Request): readonly Step[] {
  const intervals = intervalsOf(request.roots);
  const start = Math.min(...request.roots.map((root) => intervals.get(root)?.from ?? 0));
  const end = Math.max(...request.roots.map((root) => intervals.get(root)?.to ?? 0));
  const tops = chain(request.roots, { from: start, to: end }, intervals).parts;
  const stack = [...tops];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    const { parts, self } = chain(part.span.children, part, intervals);
    part.self = self;
    for (const below of parts) below.gain = Math.min(below.gain, part.gain);
    part.below.push(...parts);
    stack.push(...parts);
  }
  return flatten(tops, start);
}

/** When each span was: until its end, or until the last that is recorded below it. */
function intervalsOf(roots: readonly Span[]): ReadonlyMap<Span, Interval> {
  const intervals = new Map<Span, Interval>();
  for (const { span } of [...walk(roots)].toReversed()) {
    const from = hlcMicroseconds(span.first.hlc);
    let to = hlcMicroseconds((span.ended ?? span.last).hlc);
    if (span.ended === undefined) {
      for (const child of span.children) to = Math.max(to, intervals.get(child)?.to ?? 0);
    }
    intervals.set(span, { from, to: Math.max(from, to) });
  }
  return intervals;
}

/** Of siblings those that the time between `from` and `to` waited for, and the time that waited for none. */
function chain(
  siblings: readonly Span[],
  { from, to }: Interval,
  intervals: ReadonlyMap<Span, Interval>,
): { readonly parts: Part[]; readonly self: number } {
  const timed = siblings
    .map((span) => ({ span, ...(intervals.get(span) ?? { from: to, to }) }))
    .sort((a, b) => b.to - a.to || a.from - b.from);
  const alone = timeAlone(timed, { from, to });
  const parts: Part[] = [];
  let [at, self] = [to, 0];
  for (const one of timed) {
    const ends = Math.min(one.to, at);
    const starts = Math.max(one.from, from);
    // What took no time is on no path, unless it is what everything still waits for.
    if (starts > at || ends < from || (starts === ends && !one.span.open)) continue;
    self += at - ends;
    const gain = alone.get(one.span) ?? 0;
    const { span } = one;
    parts.push({ span, from: starts, to: ends, self: 0, wait: 0, gain, below: [] });
    at = starts;
  }
  return { parts: parts.toReversed(), self: self + Math.max(0, at - from) };
}

/** How long each of the siblings was the only one that ran. */
function timeAlone(
  timed: readonly (Interval & { readonly span: Span })[],
  within: Interval,
): ReadonlyMap<Span, number> {
  const edges = timed.flatMap(({ span, from, to }) => {
    const [starts, ends] = [Math.max(from, within.from), Math.min(to, within.to)];
    return starts < ends
      ? [
          { at: starts, span, isStart: true },
          { at: ends, span, isStart: false },
        ]
      : [];
  });
  edges.sort((a, b) => a.at - b.at || Number(a.isStart) - Number(b.isStart));
  const alone = new Map<Span, number>();
  const running = new Set<Span>();
  let since = within.from;
  for (const { at, span, isStart } of edges) {
    const [only] = running;
    if (running.size === 1 && only !== undefined) {
      alone.set(only, (alone.get(only) ?? 0) + at - since);
    }
    if (isStart) running.add(span);
    else running.delete(span);
    since = at;
  }
  return alone;
}

/** An attempt that led on is the wait of what it led to; siblings of one name are one step. */
function flatten(tops: readonly Part[], start: number): readonly Step[] {
  const steps: Step[] = [];
  const stack = levelOf(tops, 0);
  for (let level = stack.pop(); level !== undefined; level = stack.pop()) {
    const { group, depth } = level;
    steps.push(stepOf(group, depth, start));
    stack.push(
      ...levelOf(
        group.flatMap(({ below }) => below),
        depth + 1,
      ),
    );
  }
  return steps;
}

/** The groups of siblings, the last one first, as a stack wants them. */
function levelOf(parts: readonly Part[], depth: number): Level[] {
  return groups(parts)
    .map((group) => ({ group, depth }))
    .toReversed();
}

interface Level {
  readonly group: readonly Part[];
  readonly depth: number;
}

function groups(parts: readonly Part[]): readonly (readonly Part[])[] {
  const byName = new Map<string, Part[]>();
  for (const part of parts.map((one) => throughAttempt(one))) {
    const { kind, name, state } = part.span;
    const key = `${kind} ${state} ${name}`;
    const group = byName.get(key);
    if (group === undefined) byName.set(key, [part]);
    else group.push(part);
  }
  return [...byName.values()];
}

function throughAttempt(part: Part): Part {
  const [child, ...more] = part.below;
  if (part.span.kind !== 'dispatch' || child === undefined || more.length > 0) return part;
  return { ...child, wait: part.self, gain: part.gain };
}

function stepOf(group: readonly Part[], depth: number, start: number): Step {
  const [first] = group as readonly [Part, ...Part[]];
  const sum = (of: (part: Part) => number): number =>
    group.reduce((total, part) => total + of(part), 0);
  return {
    span: first.span,
    depth,
    count: group.length,
    startUs: first.from - start,
    totalUs: sum((part) => part.to - part.from),
    selfUs: sum((part) => part.self),
    waitUs: sum((part) => part.wait),
    gainUs: sum((part) => part.gain),
  };
}
