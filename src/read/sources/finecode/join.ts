/**
 * Which request caused which run. Certain where an id says so (a hook's, a token); concluded where the params hash leaves
 * one candidate in the request's time; where it leaves several, nothing is joined and all of them are named. Pure.
 */
import type { CorrelationId, SpanId } from '../../../context/index.js';
import type { JoinConfidence } from '../../spans/span.js';
import { RunFacts, saw } from './run-facts.js';
import type { NativeFacts, Target, WireRequest } from './targets.js';
import type { Tokens } from './tokens.js';

/** Where a run belongs. */
export interface Join {
  readonly correlationId: CorrelationId;
  readonly parentSpanId: SpanId | undefined;
  readonly confidence: Exclude<JoinConfidence, 'ambiguous'>;
  /** Our recorder saw the request, and so whether it was answered. */
  readonly isSeen: boolean;
}

export interface Joins {
  of(row: number): Join | undefined;
  /** Of a run that is not joined: what may have caused it. */
  candidates(row: number): readonly Target[];
}

interface Found {
  readonly target: Target;
  readonly confidence: Join['confidence'];
}

/** Of a request whose answer is not recorded, FineCode had begun the runs by then. */
const unansweredUsMax = 60_000_000;
/** Two processes read the same clock a little apart, and a proxy notes the request before it sends it. */
const slackUs = 5000;
const candidatesMax = 8;

export function joinRuns(facts: { runs: RunFacts; tokens: Tokens; native: NativeFacts }): Joins {
  const { runs, tokens, native } = facts;
  const found = new Map<number, Found>();
  const doubtful = new Map<number, readonly Target[]>();
  /** By the spans that the wire was given. */
  const requests = new Set(
    native.requests.flatMap(({ correlationId, targets }) =>
      targets.map(({ spanId }) => `${correlationId} ${spanId}`),
    ),
  );
  const sweep = new Sweep(native.requests);
  const open: { readonly row: number; readonly candidates: readonly Target[] }[] = [];
  for (const row of inOrder(runs)) {
    if (runs.embeddedId(row) !== undefined) continue;
    const live = sweep.at(runs.startedAt(row)).filter((target) => isLike(runs, row, target));
    const own = tokens.of(row);
    const byToken = live.filter(({ request }) => request.tokens.some((one) => own.includes(one)));
    const [only] = byToken;
    if (only !== undefined && byToken.length === 1) {
      found.set(row, { target: only, confidence: 'exact' });
      continue;
    }
    const candidates =
      byToken.length > 0 ? byToken : live.filter((target) => isPossible(facts, row, target));
    if (candidates.length > 0) open.push({ row, candidates });
  }
  conclude(runs, open, { found, doubtful });
  return {
    of(row) {
      const id = runs.embeddedId(row);
      if (id !== undefined) return embeddedJoin(runs.embeddedParent(row), id, requests);
      const join = found.get(row);
      if (join === undefined) return undefined;
      const { target, confidence } = join;
      const { correlationId } = target.request;
      return { correlationId, parentSpanId: target.spanId, confidence, isSeen: true };
    },
    candidates: (row) => doubtful.get(row) ?? [],
  };
}

function embeddedJoin(
  parentSpanId: SpanId | undefined,
  correlationId: CorrelationId,
  requests: ReadonlySet<string>,
): Join {
  const isSeen = requests.has(`${correlationId} ${parentSpanId ?? ''}`);
  return { correlationId, parentSpanId, confidence: 'exact', isSeen };
}

/** One run, one target, in one project: everything else is a doubt. */
function conclude(
  runs: RunFacts,
  open: readonly { readonly row: number; readonly candidates: readonly Target[] }[],
  into: {
    readonly found: Map<number, Found>;
    readonly doubtful: Map<number, readonly Target[]>;
  },
): void {
  const taken = new Set<string>();
  for (const [row, { target }] of into.found) taken.add(slot(runs, row, target));
  const wanted = new Map<string, number>();
  const left = open.map(({ row, candidates }) => ({
    row,
    // A target leads to one run in a project, and that one is known.
    candidates: candidates.filter((target) => !taken.has(slot(runs, row, target))),
  }));
  for (const { row, candidates } of left) {
    for (const target of candidates) {
      const key = slot(runs, row, target);
      wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
  }
  for (const { row, candidates } of left) {
    const [only] = candidates;
    if (only === undefined) continue;
    const isOnly = candidates.length === 1 && wanted.get(slot(runs, row, only)) === 1;
    if (isOnly && isConclusive(only)) {
      into.found.set(row, { target: only, confidence: 'inferred' });
    } else {
      into.doubtful.set(row, candidates.slice(0, candidatesMax));
    }
  }
}

/** Of several targets some may have been refused, and then their runs are not there to be confused with. */
function isConclusive({ request }: Target): boolean {
  return request.outcome !== 'failed' || request.targets.length === 1;
}

function slot(runs: RunFacts, row: number, { request, spanId, action }: Target): string {
  return `${request.correlationId} ${spanId} ${action} ${runs.text(row, 'project')}`;
}

/** The same action, asked for in the same way, in a project that the request may mean. */
function isLike(runs: RunFacts, row: number, target: Target): boolean {
  const { request } = target;
  return (
    target.action === runs.text(row, 'action') &&
    isOption(request.trigger, runs.text(row, 'trigger')) &&
    isOption(request.devEnv, runs.text(row, 'devEnv')) &&
    isProject(request, target, runs.text(row, 'project'))
  );
}

/** What a request leaves out, the WM fills in. */
function isOption(asked: string, recorded: string): boolean {
  return asked === '' || asked === recorded;
}

function isProject(request: WireRequest, target: Target, project: string): boolean {
  if (target.project !== undefined) return target.project === project;
  // The same action in this project is a target of its own.
  const isNamed = request.targets.some(
    (other) => other.project === project && other.action === target.action,
  );
  if (isNamed) return false;
  // An error leaves out the projects that it is about.
  const isToldAll = request.outcome === 'completed' && request.answered.size > 0;
  return !isToldAll || request.answered.has(project);
}

/** Without an id: what the WM wrote has a hash, and what it streamed has a token that it minted itself. */
function isPossible(
  { runs, tokens }: { runs: RunFacts; tokens: Tokens },
  row: number,
  { request, hash }: Target,
): boolean {
  if (runs.has(row, saw.wm)) {
    return (
      !request.isStreamed &&
      hash !== undefined &&
      hash === runs.hash(row) &&
      isEqual(request, runs.count(row, 'failed') > 0, runs.count(row, 'completed') > 0)
    );
  }
  const isFailed = runs.has(row, saw.erFailed);
  const isEnded = runs.count(row, 'erEnded') > 0;
  return (
    request.isStreamed &&
    request.isBatch &&
    tokens.isMinted(row) &&
    isEqual(request, isFailed, isEnded && !isFailed)
  );
}

/** An answer and an end that contradict each other are not of one run. */
function isEqual(
  { outcome, targets }: WireRequest,
  isFailed: boolean,
  isCompleted: boolean,
): boolean {
  if (outcome === 'completed') return !isFailed;
  return outcome === undefined || targets.length > 1 || !isCompleted;
}

/** Rows by the time at which the run began; what has none is never joined. */
function inOrder(runs: RunFacts): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < runs.length; row += 1) {
    if (!Number.isNaN(runs.startedAt(row))) rows.push(row);
  }
  return rows.toSorted((a, b) => runs.startedAt(a) - runs.startedAt(b));
}

function lastUs({ startUs, endUs }: WireRequest): number {
  return endUs === Infinity ? startUs + unansweredUsMax : endUs;
}

/** The requests that are under way at a time; asked in the order of time. */
class Sweep {
  readonly #requests: readonly WireRequest[];
  #next = 0;
  #live: WireRequest[] = [];

  /** By their start. */
  constructor(requests: readonly WireRequest[]) {
    this.#requests = requests;
  }

  at(us: number): readonly Target[] {
    for (
      let request = this.#requests[this.#next];
      request !== undefined && request.startUs <= us + slackUs;
      request = this.#requests[this.#next]
    ) {
      this.#live.push(request);
      this.#next += 1;
    }
    this.#live = this.#live.filter((request) => lastUs(request) >= us - slackUs);
    return this.#live.flatMap(({ targets }) => targets);
  }
}
