/**
 * How two requests differ: their trees laid over each other by the names and places of spans, never by id, and the
 * files that each of them changed. Attempts that led on stand for what they led to. Pure.
 */
import { walk, type Effect, type Request, type Span } from '../../read/index.js';
import { spanDurationMs } from '../render/outline.js';

/** What one request has at one place of the tree. */
export interface Side {
  readonly count: number;
  /** How many in each state, in the order in which states were met. */
  readonly states: ReadonlyMap<string, number>;
  readonly durationsMs: readonly number[];
  readonly errors: readonly string[];
}

export type Change = 'same' | 'slower' | 'faster' | 'added' | 'removed' | 'count' | 'outcome';

export interface SpanDifference {
  readonly depth: number;
  readonly kind: Span['kind'];
  readonly name: string;
  readonly change: Change;
  /** Absent where the request has no such span. */
  readonly a: Side | undefined;
  readonly b: Side | undefined;
  /** Spans of this place and below it, in the request that has more of them. */
  readonly spans: number;
}

export interface FileDifference {
  readonly path: string;
  readonly change: 'same' | 'added' | 'removed' | 'content';
  readonly a: Effect | undefined;
  readonly b: Effect | undefined;
}

export interface Difference {
  /** A place before what is below it. */
  readonly spans: readonly SpanDifference[];
  readonly files: readonly FileDifference[];
}

interface Draft {
  count: number;
  readonly states: Map<string, number>;
  readonly durationsMs: number[];
  readonly errors: Set<string>;
}

interface Place {
  readonly kind: Span['kind'];
  readonly name: string;
  readonly sides: [Draft | undefined, Draft | undefined];
  readonly below: Map<string, Place>;
}

/** Slower and faster are said from this share and this time on: below it is noise. */
const shareMin = 0.2;
const changeMsMin = 5;

export function difference(a: Request, b: Request): Difference {
  const top: Place = { kind: 'other', name: '', sides: [undefined, undefined], below: new Map() };
  overlay(top, a, 0);
  overlay(top, b, 1);
  return { spans: compareSpans(top), files: compareFiles(a, b) };
}

/** True for what is more than a matter of time. */
export function isSubstantial({ spans, files }: Difference): boolean {
  const timeOnly: ReadonlySet<Change> = new Set(['same', 'slower', 'faster']);
  return (
    spans.some(({ change }) => !timeOnly.has(change)) ||
    files.some(({ change }) => change !== 'same')
  );
}

function overlay(top: Place, request: Request, side: 0 | 1): void {
  const above: Place[] = [];
  for (const { span, depth } of walk(request.roots)) {
    above.length = depth;
    const parent = above.at(-1) ?? top;
    if (span.kind === 'dispatch' && span.children.length > 0) {
      above.push(parent);
      continue;
    }
    const place = placeIn(parent, span);
    take((place.sides[side] ??= emptyDraft()), span);
    above.push(place);
  }
}

function placeIn(parent: Place, span: Span): Place {
  const key = `${span.kind} ${span.name}`;
  let place = parent.below.get(key);
  if (place === undefined) {
    const { kind, name } = span;
    place = { kind, name, sides: [undefined, undefined], below: new Map() };
    parent.below.set(key, place);
  }
  return place;
}

function emptyDraft(): Draft {
  return { count: 0, states: new Map(), durationsMs: [], errors: new Set() };
}

function take(draft: Draft, span: Span): void {
  draft.count += 1;
  draft.states.set(span.state, (draft.states.get(span.state) ?? 0) + 1);
  const ms = spanDurationMs(span);
  if (ms !== undefined) draft.durationsMs.push(ms);
  const { error } = span;
  if (error === undefined) return;
  const text = [error.code ?? error.class, error.message].filter((part) => part !== undefined);
  draft.errors.add(text.join(' '));
}

function compareSpans(top: Place): readonly SpanDifference[] {
  const found: SpanDifference[] = [];
  const stack = [...top.below.values()].toReversed().map((place) => ({ place, depth: 0 }));
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { place, depth } = at;
    const [a, b] = place.sides.map((side) => sideOf(side));
    const { kind, name } = place;
    found.push({ depth, kind, name, change: changeOf(a, b), a, b, spans: spansIn(place) });
    // Below a place that only one of them has there is nothing to compare.
    if (a === undefined || b === undefined) continue;
    for (const below of [...place.below.values()].toReversed()) {
      stack.push({ place: below, depth: depth + 1 });
    }
  }
  return found;
}

function sideOf(draft: Draft | undefined): Side | undefined {
  if (draft === undefined) return undefined;
  const durationsMs = draft.durationsMs.toSorted((one, other) => one - other);
  return { ...draft, durationsMs, errors: [...draft.errors] };
}

function spansIn(place: Place): number {
  let [ofA, ofB] = [0, 0];
  const stack = [place];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    ofA += at.sides[0]?.count ?? 0;
    ofB += at.sides[1]?.count ?? 0;
    stack.push(...at.below.values());
  }
  return Math.max(ofA, ofB);
}

function changeOf(a: Side | undefined, b: Side | undefined): Change {
  if (a === undefined) return 'added';
  if (b === undefined) return 'removed';
  const states = new Set([...a.states.keys(), ...b.states.keys()]);
  if (states.size > a.states.size || states.size > b.states.size) return 'outcome';
  if (a.errors.toSorted().join('\n') !== b.errors.toSorted().join('\n')) return 'outcome';
  if (a.count !== b.count) return 'count';
  if ([...states].some((state) => a.states.get(state) !== b.states.get(state))) return 'outcome';
  const [before, after] = [sum(a.durationsMs), sum(b.durationsMs)];
  const ms = Math.abs(after - before);
  if (ms < changeMsMin || ms < before * shareMin) return 'same';
  return after > before ? 'slower' : 'faster';
}

/** The last that was recorded of each file counts. */
function compareFiles(a: Request, b: Request): readonly FileDifference[] {
  const [ofA, ofB] = [filesOf(a), filesOf(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])].sort().map((path) => {
    const [one, other] = [ofA.get(path), ofB.get(path)];
    return { path, change: fileChange(one, other), a: one, b: other };
  });
}

function fileChange(a: Effect | undefined, b: Effect | undefined): FileDifference['change'] {
  if (a === undefined) return 'added';
  if (b === undefined) return 'removed';
  return a.change === b.change && a.after?.sha256 === b.after?.sha256 ? 'same' : 'content';
}

function filesOf(request: Request): ReadonlyMap<string, Effect> {
  const files = new Map<string, Effect>();
  for (const { span } of walk(request.roots)) {
    for (const effect of span.effects) {
      const before = files.get(effect.path);
      if (before === undefined || before.at.hlc <= effect.at.hlc) files.set(effect.path, effect);
    }
  }
  return files;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
