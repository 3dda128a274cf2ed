/**
 * Spans from entries. Feed entries in merge order; whatever is missing (a start, an end, a parent) stays missing and
 * is said so. Nothing here judges: states come from state.ts, once everything has been read.
 */
import type { CorrelationId, Link, Origin, SpanId } from '../context/index.js';
import { optional, text, type Entry, type JsonObject, type Moment } from './entry.js';

/**
 * `completed`, `failed`, `cancelled`, `rejected`: as recorded. `in_flight`: open, and its writer lives. `lost`: open,
 * and its writer is provably gone. `unknown`: open, and nothing can be proved.
 */
export type State =
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'rejected'
  | 'in_flight'
  | 'lost'
  | 'unknown';

/** `run`: one execution of an action. `dispatch`: one attempt at a runner. `handler`: part of a run. */
export type SpanKind = 'run' | 'dispatch' | 'handler' | 'other';

/** A file that was written, as recorded by the process that wrote it. */
export interface Effect {
  readonly path: string;
  readonly change: string;
  readonly before?: ContentHash;
  readonly after?: ContentHash;
  readonly at: Moment;
  readonly writerId: string;
}

export interface ContentHash {
  readonly sha256: string;
  readonly bytes?: number;
}

/** One span. Filled while entries are read, then judged once; callers get it read-only. */
export interface Span {
  readonly correlationId: CorrelationId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
  readonly kind: SpanKind;
  /** The action, handler or runner. */
  readonly name: string;
  /** The stream of its first record. */
  readonly root: string;
  readonly writerId: string;
  /** Absent: its start was recorded in no stream. */
  readonly started: Moment | undefined;
  /** Absent: no terminal record. */
  readonly ended: Moment | undefined;
  readonly first: Moment;
  readonly last: Moment & { readonly event: string };
  readonly durationMs: number | undefined;
  readonly records: number;
  /** How many terminal records there were; more than one is contradictory. */
  readonly terminals: number;
  readonly state: State;
  readonly open: boolean;
  /** Why it is so, in words. */
  readonly why: string;
  readonly error:
    | { readonly code?: string; readonly class?: string; readonly message?: string }
    | undefined;
  readonly answered: boolean | undefined;
  /** A cancel was asked for, or the client went away; handlers may run on. */
  readonly cancelRequested: string | undefined;
  readonly clientGone: boolean;
  readonly attempt: number | undefined;
  readonly runner: string | undefined;
  readonly runId: string | undefined;
  readonly trigger: string | undefined;
  readonly env: string | undefined;
  readonly origin: Origin | undefined;
  readonly peer: JsonObject | undefined;
  readonly links: readonly Link[];
  readonly isNewRoot: boolean;
  /** A later incarnation closed this lost run. */
  readonly resolution: string | undefined;
  readonly effects: readonly Effect[];
  readonly children: readonly Span[];
}

/** The same, while it is being filled. */
export type SpanDraft = {
  -readonly [Key in Exclude<keyof Span, 'effects' | 'children'>]: Span[Key];
} & { effects: Effect[]; children: SpanDraft[] };

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

/** The spans read so far, in the order of their first record. */
export class SpanFold {
  readonly spans: Map<string, SpanDraft> = new Map();

  /** Adds one entry; entries without a span are somebody else's. */
  add(entry: Entry): void {
    const { correlationId, spanId } = entry;
    if (correlationId === undefined || spanId === undefined) return;
    const key = spanKey(correlationId, spanId);
    let span = this.spans.get(key);
    if (span === undefined) {
      span = draftOf(entry, correlationId, spanId);
      this.spans.set(key, span);
    }
    take(span, entry);
  }
}

function draftOf(entry: Entry, correlationId: CorrelationId, spanId: SpanId): SpanDraft {
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
    cancelRequested: undefined,
    clientGone: false,
    attempt: undefined,
    runner: undefined,
    runId: undefined,
    trigger: undefined,
    env: undefined,
    origin: undefined,
    peer: undefined,
    links: [],
    isNewRoot: false,
    resolution: undefined,
    effects: [],
    children: [],
  };
}

function take(span: SpanDraft, entry: Entry): void {
  span.records += 1;
  span.parentSpanId ??= entry.parentSpanId;
  span.runId ??= entry.runId;
  span.trigger ??= entry.trigger;
  span.env ??= entry.env;
  span.origin ??= entry.origin;
  if (span.links.length === 0) span.links = entry.links;
  if (entry.event !== 'run.resolved') span.last = { ...entry.at, event: entry.event };
  const kind = kindOf(entry.event);
  if (kind !== undefined && span.kind === 'other') span.kind = kind;
  if (span.name === '' && kind !== undefined) span.name = nameOf(entry, kind);
  if (starts.has(entry.event)) span.started ??= entry.at;
  takeDetails(span, entry);
  const end = runEnds.get(entry.event) ?? handlerEnds.get(entry.event);
  if (end !== undefined) takeEnd(span, entry, end);
}

/** The first terminal record counts; a second one is counted and changes nothing. */
function takeEnd(span: SpanDraft, entry: Entry, state: State): void {
  span.terminals += 1;
  if (span.ended !== undefined) return;
  span.ended = entry.at;
  span.state = state;
  span.open = false;
  if (entry.event === 'run.rejected') span.started ??= entry.at;
  const { payload } = entry;
  if (typeof payload['duration_ms'] === 'number') span.durationMs = payload['duration_ms'];
  if (typeof payload['answered'] === 'boolean') span.answered = payload['answered'];
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
      span.runner ??= text(payload['runner']);
      if (typeof payload['attempt'] === 'number') span.attempt ??= payload['attempt'];
      break;
    case 'run.cancel_requested':
      span.cancelRequested ??= text(payload['reason']) ?? 'cancel requested';
      break;
    case 'run.client_gone':
      span.clientGone = true;
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
    at: entry.at,
    writerId: entry.writerId,
  });
}

function kindOf(event: string): SpanKind | undefined {
  if (event === 'run.dispatched') return 'dispatch';
  if (event.startsWith('run.') || event === 'runner.selected') return 'run';
  return event.startsWith('handler.') ? 'handler' : undefined;
}

function nameOf(entry: Entry, kind: SpanKind): string {
  if (kind === 'handler') return text(entry.payload['handler']) ?? '';
  if (kind === 'dispatch') return text(entry.payload['runner']) ?? entry.action ?? '';
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
