/** One request, described: its state from all its spans, what was asked for and by whom, and how much there is of it. */
import {
  traceIdOf,
  type CorrelationId,
  type Link,
  type Origin,
  type SpanId,
  type TraceId,
} from '../../context/index.js';
import type { Moment } from '../entry/entry.js';
import type { JoinConfidence, Span, SpanDraft, State } from '../spans/span.js';
import type { Evidence } from '../spans/state.js';
import type { StreamReport } from '../merge/streams.js';
import { walk } from './tree.js';

/** One front's request with everything it caused. */
export interface Request {
  readonly correlationId: CorrelationId;
  readonly traceId: TraceId;
  readonly entrySpanId: SpanId;
  readonly state: State;
  /** The evidence for the state, in words; for a failure the first error. */
  readonly why: string;
  /** The span that decided the state. */
  readonly decidedBy: Span | undefined;
  readonly started: Moment;
  /** Absent while anything is open. */
  readonly ended: Moment | undefined;
  readonly durationMs: number | undefined;
  readonly last: Moment & { readonly event: string };
  readonly origin: Origin | undefined;
  /** The kind of front, as it says itself. */
  readonly via: string | undefined;
  readonly client: string | undefined;
  /** What was asked for. */
  readonly what: string;
  readonly links: readonly Link[];
  readonly spans: number;
  readonly open: number;
  readonly lost: number;
  readonly unknown: number;
  readonly records: number;
  readonly effects: number;
  /** How many of them were inferred. */
  readonly effectsInferred: number;
  readonly answered: boolean | undefined;
  readonly resolution: string | undefined;
  /** How sure it is that what another program recorded belongs here: the least sure of it. Absent: nothing was joined. */
  readonly join: JoinConfidence | undefined;
  /** Of an ambiguous join: the spans that may be its cause. */
  readonly candidates: readonly Link[];
  /** That it ended is concluded from its parts. */
  readonly isEndInferred: boolean;
  readonly streams: readonly StreamReport[];
  readonly roots: readonly Span[];
}

/**
 * Requests, newest first. Each is put together when it is asked for and not kept: iterate once and hold what you need.
 * A plain array is one, too.
 */
export interface RequestList extends Iterable<Request> {
  readonly length: number;
  at(index: number): Request | undefined;
}

/** Describes the request that these judged roots are. */
export function requestOf(roots: readonly SpanDraft[], streamOf: Evidence): Request | undefined {
  const [top] = roots;
  if (top === undefined) return undefined;
  const all = [...walk<Span>(roots)].map((visit) => visit.span);
  const open = all.filter((span) => span.open);
  const lost = all.filter((span) => span.state === 'lost' && span.kind !== 'dispatch');
  const decided = decide(roots, all);
  const last = all.reduce((a, b) => (b.last.hlc > a.last.hlc ? b : a)).last;
  const ended = open.length > 0 ? undefined : lastEnd(all);
  const origin = roots.find((root) => root.origin !== undefined)?.origin;
  const streams = new Set<StreamReport>();
  for (const span of all) {
    const stream = streamOf(span as SpanDraft);
    if (stream !== undefined) streams.add(stream);
  }
  return {
    correlationId: top.correlationId,
    traceId: traceIdOf(top.correlationId),
    entrySpanId: top.parentSpanId ?? top.spanId,
    ...decided,
    started: top.first,
    ended,
    durationMs: ended === undefined ? undefined : durationOf(roots, ended),
    last,
    origin,
    via: origin?.front,
    client: origin?.client,
    what: whatOf(roots, origin),
    links: roots.flatMap((root) => root.links),
    spans: all.length,
    open: open.length,
    lost: lost.length,
    unknown: open.filter((span) => span.state === 'unknown').length,
    records: sum(all, (span) => span.records),
    effects: sum(all, (span) => span.effects.length),
    effectsInferred: sum(all, (span) => span.effects.filter((effect) => effect.inferred).length),
    answered: answeredBy(roots),
    resolution: roots.find((root) => root.resolution !== undefined)?.resolution,
    join: leastSure(all),
    candidates: all.find((span) => span.candidates.length > 0)?.candidates ?? [],
    isEndInferred: decided.state === 'completed' && roots.some((root) => root.isEndInferred),
    streams: [...streams],
    roots,
  };
}

const confidences = ['ambiguous', 'inferred', 'exact'] as const;

function leastSure(all: readonly Span[]): JoinConfidence | undefined {
  return confidences.find((confidence) => all.some((span) => span.join === confidence));
}

const severity: readonly State[] = ['failed', 'cancelled', 'rejected', 'completed'];

const endedByParts =
  'every part that is recorded ended; that there was no other one is recorded nowhere';

/**
 * Alive work first: while anything is in flight, so is the request. Then what the answer says: a request whose every
 * run completed is completed, since whoever ran it had the answers of what it waited for. Without such an answer, a
 * span that was lost makes it lost, and one that nobody can tell of makes it unknown: also an attempt that is in no stream.
 */
function decide(
  roots: readonly Span[],
  all: readonly Span[],
): Pick<Request, 'state' | 'why' | 'decidedBy'> {
  const living = all.find((span) => span.state === 'in_flight' && span.open);
  if (living !== undefined) return { state: 'in_flight', why: living.why, decidedBy: living };
  const isAnswered = roots.every((root) => root.ended !== undefined && root.state === 'completed');
  if (!isAnswered) {
    for (const state of ['lost', 'unknown'] as const) {
      // Of attempts, only those that are open say more than what they led to.
      const isLeft = (span: Span): boolean =>
        span.open || (state === 'lost' && span.kind !== 'dispatch');
      const found = latest(all.filter((span) => span.state === state && isLeft(span)));
      if (found !== undefined) return { state, why: whyOf(found, roots), decidedBy: found };
    }
  }
  for (const state of severity) {
    const root = roots.find((span) => span.state === state);
    if (root === undefined) continue;
    const decidedBy = latest(descent(root, state)) ?? root;
    const parts = root.isEndInferred ? endedByParts : '';
    const why = errorText(decidedBy) ?? errorText(root) ?? root.cancelRequested ?? parts;
    return { state, why, decidedBy };
  }
  return { state: 'unknown', why: roots[0]?.why ?? '', decidedBy: roots[0] };
}

function whyOf(found: Span, roots: readonly Span[]): string {
  if (found.kind !== 'dispatch') return found.why;
  const sent = `what was sent to ${found.name || 'a runner'} is in no stream that was read`;
  const answer = roots.find((root) => root.ended !== undefined);
  if (answer === undefined) return sent;
  const said = [answer.state, errorText(answer)].filter((part) => part !== undefined).join(': ');
  return `${sent}; answered ${said}`;
}

/** The spans in a state that a root reaches through spans in that state: the path of a failure. */
function descent(root: Span, state: State): readonly Span[] {
  const path: Span[] = [root];
  for (let at: Span | undefined = root; at !== undefined;) {
    at = at.children.find((child) => child.state === state);
    if (at !== undefined && at.kind !== 'dispatch') path.push(at);
  }
  return path;
}

/** The one that began last: what lies below others began after them. */
function latest(spans: readonly Span[]): Span | undefined {
  let found: Span | undefined;
  for (const span of spans)
    if (found === undefined || span.first.hlc >= found.first.hlc) found = span;
  return found;
}

function errorText(span: Span): string | undefined {
  const { error } = span;
  if (error === undefined) return undefined;
  return [error.code ?? error.class, error.message].filter((part) => part !== undefined).join(' ');
}

function lastEnd(all: readonly Span[]): Moment | undefined {
  let last: Moment | undefined;
  for (const { ended } of all) {
    if (ended !== undefined && (last === undefined || ended.hlc > last.hlc)) last = ended;
  }
  return last;
}

/** One root that ends last was timed by one clock; otherwise the clocks of several writers have to do. */
function durationOf(roots: readonly Span[], ended: Moment): number | undefined {
  const [top] = roots;
  if (top === undefined) return undefined;
  if (roots.length === 1 && top.ended === ended && top.durationMs !== undefined) {
    return top.durationMs;
  }
  return Math.max(0, ended.microseconds - top.first.microseconds) / 1000;
}

function answeredBy(roots: readonly Span[]): boolean | undefined {
  const answers = roots.map((root) => root.answered).filter((answer) => answer !== undefined);
  return answers.length === 0 ? undefined : answers.some(Boolean);
}

/** What was asked for, in the front's words and, where they do not say it, in the workspace manager's. */
function whatOf(roots: readonly Span[], origin: Origin | undefined): string {
  const actions = [...new Set(roots.map((root) => root.name).filter((name) => name !== ''))];
  const action = actions.length > 1 ? `${actions[0]} +${actions.length - 1}` : (actions[0] ?? '');
  const method = origin?.method;
  if (method === undefined) {
    const name = origin?.name;
    return name === undefined || name === action ? action : `${name} ${action}`.trimEnd();
  }
  const verb = method === 'tools/call' ? 'tool' : (method.split('/').at(-1) ?? method);
  return `${verb} ${origin?.name ?? action}`.trimEnd();
}

function sum(spans: readonly Span[], of: (span: Span) => number): number {
  return spans.reduce((total, span) => total + of(span), 0);
}
