/**
 * What contradicts itself in the story, found from the shape of the trees alone: which spans are suspect, and of what.
 * The proof, the records, is somebody else's to fetch. Pure.
 */
import type { FindingName, Recovery } from './finding.js';
import type { Request } from '../requests/request.js';
import type { Span } from '../spans/span.js';
import { runnerStreams, type RunnerStreams } from './runners.js';
import type { Story } from '../requests/story.js';
import { walk } from '../requests/tree.js';
import { inTurns } from '../requests/turns.js';
import { isImportedWriter } from '../entry/writer-id.js';

/** Spans that something is wrong with, before the records that prove it are known. */
export interface Suspect {
  readonly name: FindingName;
  readonly request: Request;
  /** The span the finding is about comes first. */
  readonly spans: readonly Span[];
  readonly message: string;
  readonly recovery: Recovery;
  readonly because: string;
  /** Events that prove it; absent: every record of the spans. */
  readonly events?: ReadonlySet<string>;
  /** The recovery holds only if this stream, which nobody closed, has every run that its writer began. */
  readonly restsOn?: string;
  /** Runs under one parent, which their records tell apart. */
  readonly runs?: readonly Span[];
}

const starts: ReadonlySet<string> = new Set(['run.accepted', 'run.dispatched', 'handler.started']);
const ends: ReadonlySet<string> = new Set([
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.rejected',
  'handler.completed',
  'handler.failed',
]);

/** All suspects, request by request, newest first. */
export async function* suspectsOf(story: Story): AsyncGenerator<Suspect, void, undefined> {
  const runners = await runnerStreams(story);
  for await (const request of inTurns(story.requests)) {
    const parents = new Map<Span, Span | undefined>();
    for (const { span } of walk(request.roots)) {
      for (const child of span.children) parents.set(child, span);
      yield* suspectsAt(request, span, parents.get(span), runners);
    }
    const runs = request.roots.filter(isAccepted);
    if (runs.length > 1) yield repeatedIn(request, runs);
  }
}

function* suspectsAt(
  request: Request,
  span: Span,
  parent: Span | undefined,
  runners: RunnerStreams,
): Generator<Suspect, void, undefined> {
  if (span.terminals > 1) yield endedTwice(request, span);
  if (isBeforeItsCause(span, parent)) yield beforeCause(request, span, parent);
  if (parent === undefined && isOrphan(span, runners)) yield orphan(request, span);
  if (span.kind !== 'dispatch') return;
  const runs = span.children.filter(isAccepted);
  if (runs.length > 1) yield repeatedIn(request, runs);
  if (span.children.length === 0) {
    const unseen = dispatchedUnseen(request, span, runners);
    if (unseen !== undefined) yield unseen;
  }
  const waiting =
    parent !== undefined && parent.ended === undefined && parent.state !== 'in_flight';
  const ended = span.children.find((child) => child.kind === 'run' && child.ended !== undefined);
  if (waiting && ended !== undefined) yield endedUnrecorded(request, parent, ended);
}

/** One target of FineCode's may be run in several projects and envs: that is no repetition. */
function isAccepted(span: Span): boolean {
  if (isImportedWriter(span.writerId)) return false;
  return span.kind === 'run' && span.started !== undefined && span.state !== 'rejected';
}

function endedTwice(request: Request, span: Span): Suspect {
  return {
    name: 'ended_twice',
    request,
    spans: [span],
    events: ends,
    message: `${nameOf(span)} has ${span.terminals} terminal records; the first, ${span.state}, counts`,
    ...(span.state === 'completed'
      ? { recovery: 'already done', because: 'the first terminal record says completed' }
      : { recovery: 'unknown', because: 'which of them is true cannot be told' }),
  };
}

function isBeforeItsCause(span: Span, parent: Span | undefined): boolean {
  if (span.started !== undefined && span.first.hlc < span.started.hlc) return true;
  return parent !== undefined && span.first.hlc < parent.first.hlc;
}

function beforeCause(request: Request, span: Span, parent: Span | undefined): Suspect {
  const isOwn = span.started !== undefined && span.first.hlc < span.started.hlc;
  return {
    name: 'effect_before_cause',
    request,
    spans: isOwn || parent === undefined ? [span] : [span, parent],
    message: isOwn
      ? `a record of ${nameOf(span)} sorts before its start`
      : `${nameOf(span)} sorts before ${nameOf(parent)}, which caused it`,
    recovery: 'unknown',
    because: 'the order of what was done cannot be relied on',
  };
}

/** A front's span is in no stream. A handler's run, an attempt's run and a runner's cause should be. */
function isOrphan(span: Span, runners: RunnerStreams): boolean {
  if (span.parentSpanId === undefined) return false;
  if (span.kind === 'handler' || span.kind === 'dispatch') return true;
  // FineCode's WM records nothing of what it streams: that is a finding of its own.
  return span.kind === 'run' && !isImportedWriter(span.writerId) && runners.isCaused(span);
}

function orphan(request: Request, span: Span): Suspect {
  const cause = span.kind === 'run' ? 'the attempt' : 'the run';
  return {
    name: 'orphan_parent',
    request,
    spans: [span],
    events: starts,
    message: `${nameOf(span)} names span ${span.parentSpanId ?? ''} as its cause; ${cause} is in no stream that was read`,
    recovery: 'unknown',
    because: 'the stream that holds its cause is not here, or lost it',
  };
}

function dispatchedUnseen(
  request: Request,
  span: Span,
  runners: RunnerStreams,
): Suspect | undefined {
  // In flight, or answered.
  if (span.state !== 'unknown') return undefined;
  const found = runners.of(span);
  if (found === undefined) return undefined;
  // That FineCode recorded nothing says nothing: it does not of what it streams, refuses or could not be joined.
  if (isImportedWriter(found.writerId) && !isImportedWriter(span.writerId)) return undefined;
  const base = {
    name: 'dispatched_unseen',
    request,
    spans: [span],
    message: `attempt ${span.attempt ?? 1} at ${span.runner ?? (span.name || 'a runner')} was recorded, and ${found.writerId} has nothing of it`,
  } as const;
  if (!found.isEnded) {
    const because = 'its stream goes on, or may: the run could still be accepted';
    return { ...base, recovery: 'unknown', because };
  }
  if (found.isClosedBefore) {
    const because = 'its stream was closed before: another one of it may have got the attempt';
    return { ...base, recovery: 'unknown', because };
  }
  return {
    ...base,
    ...(found.isSealed ? {} : { restsOn: found.writerId }),
    recovery: 'safe to re-run',
    because: 'a run is recorded before it is begun, and that stream is whole up to its end',
  };
}

function endedUnrecorded(request: Request, waiting: Span, ended: Span): Suspect {
  const message = `${nameOf(ended)} ended as ${ended.state}; ${nameOf(waiting)}, which had asked for it, never recorded an end (${waiting.why})`;
  const base = { name: 'ended_unrecorded', request, spans: [waiting, ended], message } as const;
  switch (ended.state) {
    case 'completed':
      return {
        ...base,
        recovery: 'already done',
        because: 'the runner recorded that it completed',
      };
    case 'rejected':
      return { ...base, recovery: 'safe to re-run', because: 'the runner refused to begin' };
    default:
      return {
        ...base,
        recovery: 'unknown',
        because: `the runner recorded ${ended.state}: what it did before is not undone`,
      };
  }
}

/** Whether two runs under one parent are a repetition, and of what kind, only their records say. */
function repeatedIn(request: Request, runs: readonly Span[]): Suspect {
  const isDone = runs.some((run) => run.state === 'completed');
  return {
    name: 'repeated',
    request,
    spans: runs,
    runs,
    events: starts,
    message: '',
    recovery: isDone ? 'already done' : 'unknown',
    because: isDone ? 'one of them completed' : 'none of them is known to have completed',
  };
}

function nameOf(span: Span | undefined): string {
  if (span === undefined) return 'a span';
  const name = span.name === '' ? span.spanId : span.name;
  return `${span.kind === 'other' ? 'span' : span.kind} ${name}`;
}
