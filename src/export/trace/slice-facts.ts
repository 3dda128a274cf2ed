/**
 * What is said of a slice beside its name and times, for formats that hang names and values on it. Only what differs
 * from what anybody would think is said: no `attempt` where nothing was tried again, no `links: []`.
 */
import { isoMicroseconds } from '../../read/entry/iso-time.js';
import type { Effect, Request } from '../../read/index.js';
import type { Slice } from './lanes.js';

export type Fact = string | number | boolean | readonly string[];

const titles = { run: 'run', dispatch: 'dispatch to', handler: 'handler', other: 'span' } as const;
/** So many effects and links are listed with a slice; `effects` says how many there are. */
const listedMax = 100;

/** `handler ruff_format`. What has no name is called by its id, and `unnamed` is said of it. */
export function titleOf({ span }: Slice): string {
  return `${titles[span.kind]} ${span.name === '' ? span.spanId : span.name}`;
}

/** Name and value, in the order in which they are of interest. */
export function* factsOf(slice: Slice, request: Request): Generator<readonly [string, Fact]> {
  const { span } = slice;
  yield ['state', span.state];
  yield ['correlation_id', span.correlationId];
  yield ['span_id', span.spanId];
  if (span.parentSpanId !== undefined) yield ['parent_span_id', span.parentSpanId];
  yield* failureFacts(slice);
  yield* timeFacts(slice);
  if (span.name === '') yield ['unnamed', true];
  if (span.attempt !== undefined) yield ['attempt', span.attempt];
  if (span.runner !== undefined) yield ['runner', span.runner];
  if (span.runId !== undefined) yield ['wal_run_id', span.runId];
  if (span.trigger !== undefined) yield ['trigger', span.trigger];
  if (span.env !== undefined) yield ['env_name', span.env];
  if (span.links.length > 0) {
    yield ['links', span.links.slice(0, listedMax).map((to) => `${to.traceId}-${to.spanId}`)];
  }
  if (span.join !== undefined) yield ['join_confidence', span.join];
  if (span.candidates.length > 0) {
    const candidates = span.candidates.slice(0, listedMax);
    yield ['candidates', candidates.map((to) => `${to.traceId}-${to.spanId}`)];
  }
  if (span.effects.length > 0) {
    yield ['effects', span.effects.length];
    yield ['files', span.effects.slice(0, listedMax).map((effect) => effectText(effect))];
  }
  yield ['records', span.records];
  if (slice.depth > 0) return;
  yield ['request', request.what];
  yield ['request_state', request.state];
  yield ['entry_span_id', request.entrySpanId];
  if (request.via !== undefined) yield ['via', request.via];
  if (request.client !== undefined) yield ['client', request.client];
}

function* failureFacts({ span }: Slice): Generator<readonly [string, Fact]> {
  const { error } = span;
  if (error?.code !== undefined) yield ['error_code', error.code];
  if (error?.class !== undefined) yield ['error_class', error.class];
  if (error?.message !== undefined) yield ['error_message', error.message];
  if (span.open) yield ['open', true];
  if (span.open || span.ended === undefined) yield ['why', span.why];
  if (span.answered === false) yield ['answered', false];
  if (span.cancelRequested !== undefined) yield ['cancel_requested', span.cancelRequested];
  if (span.clientGone) yield ['client_gone', true];
  if (span.resolution !== undefined) yield ['resolution', span.resolution];
  if (span.terminals > 1) yield ['ended_times', span.terminals];
}

/** What the writer's own clock said, where it is not what the merged clock says, and what is not recorded. */
function* timeFacts({ span, start, end }: Slice): Generator<readonly [string, Fact]> {
  const { started, ended, last } = span;
  if (started === undefined) yield ['start_recorded', false];
  else if (differs(started.microseconds, start)) yield ['started', iso(started.microseconds)];
  if (ended === undefined) {
    if (end !== undefined && span.kind === 'dispatch') yield ['ended_with', 'what it caused'];
    yield ['last_record', `${last.event} ${iso(last.microseconds)}`];
  } else if (end === undefined || differs(ended.microseconds, end)) {
    yield ['ended', iso(ended.microseconds)];
  }
  if (span.isEndInferred) yield ['end_inferred', true];
  if (span.durationMs !== undefined) yield ['duration_ms', span.durationMs];
}

function differs(microseconds: number, nanoseconds: bigint): boolean {
  return BigInt(microseconds) !== nanoseconds / 1000n;
}

function iso(microseconds: number): string {
  return isoMicroseconds(microseconds);
}

function effectText({ change, path, inferred }: Effect): string {
  return `${change} ${path}${inferred ? ' (inferred)' : ''}`;
}
