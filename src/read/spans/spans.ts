/**
 * Spans from entries. Feed each stream's entries in its order; whatever is missing (a start, an end, a parent) stays missing and
 * is said so. Nothing here judges: states come from state.ts, once everything has been read.
 */
import type { CorrelationId, SpanId } from '../../context/index.js';
import { optional, text, type Entry, type JsonObject } from '../entry/entry.js';
import type { Imported } from '../sources/imported.js';
import type { ContentHash, Span, SpanDraft, SpanKind, State } from './span.js';

const runEnds: ReadonlyMap<string, State> = new Map([
  ['run.completed', 'completed'],
  ['run.failed', 'failed'],
  ['run.cancelled', 'cancelled'],
  ['run.rejected', 'rejected'],
]);
const handlerEnds: ReadonlyMap<string, State> = new Map([
  ['handler.completed', 'completed'],
  ['handler.failed', 'failed'],
]);
const starts: ReadonlySet<string> = new Set(['run.accepted', 'run.dispatched', 'handler.started']);

/** Where a span belongs. Span ids are 64 random bits; they are unique within a correlation id. */
export function spanKey(correlationId: CorrelationId, spanId: SpanId): string {
  return `${correlationId}-${spanId}`;
}

/** A span of which nothing is known but where its first record is. */
export function blankSpan(entry: Entry, correlationId: CorrelationId, spanId: SpanId): SpanDraft {
  return {
    correlationId,
    spanId,
    parentSpanId: undefined,
    kind: 'other',
    name: '',
    root: entry.root,
    writerId: entry.writerId,
    started: undefined,
    ended: undefined,
    first: entry.at,
    last: { ...entry.at, event: entry.event },
    durationMs: undefined,
    records: 0,
    terminals: 0,
    state: 'unknown',
    open: true,
    why: '',
    error: undefined,
    answered: undefined,
    isAnswerOfAttempt: false,
    cancelRequested: undefined,
    cancelRequestedAt: undefined,
    clientGone: false,
    clientGoneAt: undefined,
    attempt: undefined,
    runner: undefined,
    runId: undefined,
    trigger: undefined,
    env: undefined,
    origin: undefined,
    peer: undefined,
    links: [],
    isNewRoot: false,
    join: undefined,
    candidates: [],
    isEndInferred: false,
    resolution: undefined,
    effects: [],
    children: [],
  };
}

/**
 * Adds one entry. Those of one stream come in its order; another stream's may come when they should have come before,
 * and then what they say goes before what was said already.
 */
export function takeEntry(span: SpanDraft, entry: Entry): void {
  const { event, at } = entry;
  const isEarlier = at.hlc < span.first.hlc;
  if (isEarlier) takeFirst(span, entry);
  span.records += 1;
  span.parentSpanId ??= entry.parentSpanId;
  span.runId ??= entry.runId;
  span.trigger ??= entry.trigger;
  span.env ??= entry.env;
  span.origin ??= entry.origin;
  if (entry.imported !== undefined) takeImported(span, entry.imported);
  if (span.links.length === 0) span.links = entry.links;
  if (event !== 'run.resolved' && (at.hlc >= span.last.hlc || span.last.event === 'run.resolved')) {
    span.last = { ...at, event };
  }
  const kind = kindOf(entry);
  if (kind !== undefined && span.kind === 'other') span.kind = kind;
  if (span.name === '' && kind !== undefined) span.name = nameOf(entry, kind);
  if (starts.has(event) && (span.started === undefined || at.hlc < span.started.hlc)) {
    span.started = at;
  }
  takeDetails(span, entry);
  const end = runEnds.get(event) ?? handlerEnds.get(event);
  if (end !== undefined && entry.imported?.isPart !== true) takeEnd(span, entry, end);
}

function takeImported(span: SpanDraft, { join, candidates }: Imported): void {
  span.join ??= join;
  if (candidates !== undefined) span.candidates = candidates;
}

/** The span began in another stream than was thought. */
function takeFirst(span: SpanDraft, entry: Entry): void {
  span.first = entry.at;
  span.root = entry.root;
  span.writerId = entry.writerId;
  span.parentSpanId = entry.parentSpanId ?? span.parentSpanId;
  span.runId = entry.runId ?? span.runId;
  span.trigger = entry.trigger ?? span.trigger;
  span.env = entry.env ?? span.env;
  span.origin = entry.origin ?? span.origin;
  const kind = kindOf(entry);
  if (kind === undefined) return;
  span.kind = kind;
  span.name = nameOf(entry, kind) || span.name;
}

/** The first terminal record counts; a second one is counted and changes nothing. */
function takeEnd(span: SpanDraft, entry: Entry, state: State): void {
  span.terminals += 1;
  if (span.ended !== undefined && span.ended.hlc <= entry.at.hlc) return;
  span.ended = entry.at;
  span.state = state;
  span.open = false;
  span.isEndInferred = entry.imported?.isEndInferred === true;
  if (entry.event === 'run.rejected') span.started ??= entry.at;
  const { payload } = entry;
  const duration = payload['duration_ms'];
  span.durationMs = typeof duration === 'number' ? duration : undefined;
  span.answered = typeof payload['answered'] === 'boolean' ? payload['answered'] : undefined;
  span.isAnswerOfAttempt = payload['execution'] === 'answered';
  span.error = errorOf(payload);
}

function takeDetails(span: SpanDraft, entry: Entry): void {
  const { payload } = entry;
  switch (entry.event) {
    case 'run.accepted':
      span.isNewRoot = payload['root'] === true;
      span.peer ??= peerOf(entry.record['peer']);
      break;
    case 'runner.selected':
    case 'run.dispatched':
      span.runner ??= text(payload['runner']) ?? text(payload['runner_id']);
      if (typeof payload['attempt'] === 'number') span.attempt ??= payload['attempt'];
      break;
    case 'run.cancel_requested':
      span.cancelRequested ??= text(payload['reason']) ?? 'cancel requested';
      span.cancelRequestedAt ??= entry.at;
      break;
    case 'run.client_gone':
      span.clientGone = true;
      span.clientGoneAt ??= entry.at;
      break;
    case 'run.resolved':
      span.resolution = text(payload['resolution']) ?? 'resolved';
      break;
    case 'effect.applied':
      addEffect(span, entry);
      break;
    default:
  }
}

function addEffect(span: SpanDraft, entry: Entry): void {
  const path = text(entry.payload['path']);
  if (path === undefined) return;
  span.effects.push({
    path,
    change: text(entry.payload['change']) ?? 'unknown',
    ...optional('before', hashOf(entry.payload['before'])),
    ...optional('after', hashOf(entry.payload['after'])),
    inferred: entry.payload['inferred'] === true,
    at: entry.at,
    writerId: entry.writerId,
  });
}

function kindOf({ event, imported }: Entry): SpanKind | undefined {
  if (imported?.kind !== undefined) return imported.kind;
  if (event === 'run.dispatched') return 'dispatch';
  if (event.startsWith('run.') || event === 'runner.selected') return 'run';
  return event.startsWith('handler.') ? 'handler' : undefined;
}

function nameOf(entry: Entry, kind: SpanKind): string {
  if (kind === 'handler') return text(entry.payload['handler']) ?? '';
  if (kind === 'dispatch') {
    const { runner, runner_id: runnerId } = entry.payload;
    return text(runner) ?? text(runnerId) ?? entry.action ?? '';
  }
  return entry.action ?? '';
}

function errorOf(payload: JsonObject): Span['error'] {
  const error = payload['error'];
  if (typeof error === 'string') return { message: error };
  // A rejection has its code and reason in the payload itself; a cancel has a reason.
  const from = typeof error === 'object' && error !== null ? (error as JsonObject) : payload;
  const message = text(from['message']) ?? text(from['reason']);
  const code = typeof from['code'] === 'number' ? String(from['code']) : text(from['code']);
  const name = text(from['class']);
  if (message === undefined && code === undefined && name === undefined) return undefined;
  return { ...optional('code', code), ...optional('class', name), ...optional('message', message) };
}

function hashOf(value: unknown): ContentHash | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { sha256, bytes } = value as JsonObject;
  if (typeof sha256 !== 'string') return undefined;
  return { sha256, ...optional('bytes', typeof bytes === 'number' ? bytes : undefined) };
}

function peerOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
}
