/**
 * What answers hold of a request and of a span: ids, states and numbers as they are, and what the streams say in their
 * own words beside them, marked. Times are made anew from the record's: a stream may write anything there.
 */
import { walk, type Moment, type Request, type Span } from '../../read/index.js';
import { states } from '../fields.js';
import { joinFields } from '../objects.js';
import { spanDurationMs } from '../render/outline.js';
import { errorText, spanName } from '../render/words.js';
import {
  count,
  data,
  list,
  number,
  object,
  oneOf,
  orNull,
  text,
  time,
  untrusted,
  yesNo,
  type Schema,
} from './schema.js';
import type { Untrusted } from './untrusted.js';

const filesMax = 20;

/** Of what another program recorded and somebody joined to the rest. */
const joinedMembers: Readonly<Record<string, Schema>> = {
  join: oneOf('exact', 'inferred', 'ambiguous'),
  candidates: list(object({ trace_id: text, span_id: text })),
  end_inferred: yesNo,
};

export const stateSchema: Schema = oneOf(...states);

/** One front's request: `run` is its correlation id, which others may share; `request` is its alone. */
export const runSchema: Schema = object(
  {
    run: text,
    request: text,
    state: stateSchema,
    started: orNull(time),
    ended: orNull(time),
    duration_ms: orNull(number),
    spans: count,
    open: count,
    lost: count,
    records: count,
    effects: count,
    answered: orNull(yesNo),
    untrusted,
    data: data({ via: text, client: text, what: text, why: text, resolution: text }),
  },
  joinedMembers,
);

export function runItem(request: Request, words: Untrusted): object {
  return {
    run: request.correlationId,
    request: request.entrySpanId,
    state: request.state,
    started: isoTime(request.started),
    ended: isoTime(request.ended),
    duration_ms: request.durationMs ?? null,
    spans: request.spans,
    open: request.open,
    lost: request.lost,
    records: request.records,
    effects: request.effects,
    answered: request.answered ?? null,
    ...joinFields(request),
    ...words.mark({
      via: request.via,
      client: request.client,
      what: request.what === '' ? undefined : request.what,
      why: request.why === '' ? undefined : request.why,
      resolution: request.resolution,
    }),
  };
}

export const spanSchema: Schema = object(
  {
    span: text,
    kind: oneOf('run', 'dispatch', 'handler', 'other'),
    state: stateSchema,
    open: yesNo,
    started: orNull(time),
    duration_ms: orNull(number),
    records: count,
    below: { ...count, description: 'spans below it' },
    untrusted,
    data: data({
      name: text,
      error: text,
      why: text,
      writer: text,
      runner: text,
      cancel_requested: text,
      resolution: text,
      files: list(text),
      path: { ...list(text), description: 'from the request down to the span' },
    }),
  },
  joinedMembers,
);

/** `path`: the spans above, where they are worth saying. */
export function spanItem(span: Span, words: Untrusted, path?: readonly Span[]): object {
  const files = span.effects.slice(0, filesMax).map((effect) => `${effect.change} ${effect.path}`);
  if (span.effects.length > filesMax) words.cuts += 1;
  return {
    span: span.spanId,
    kind: span.kind,
    state: span.state,
    open: span.open,
    started: isoTime(span.started),
    duration_ms: spanDurationMs(span) ?? null,
    records: span.records,
    below: countBelow(span),
    ...joinFields(span),
    ...words.mark({
      name: spanName(span),
      error: errorText(span),
      why: span.why === '' || span.state === 'completed' ? undefined : span.why,
      writer: span.writerId,
      runner: span.runner,
      cancel_requested: span.cancelRequested,
      resolution: span.resolution,
      files: files.length === 0 ? undefined : files,
      path: path?.map((one) => spanName(one)),
    }),
  };
}

function countBelow(span: Span): number {
  let below = -1;
  for (const _ of walk([span])) below += 1;
  return below;
}

/** `2026-11-21T14:02:11.480Z`; `null` for a time that there is not. */
export function isoTime(moment: Moment | undefined): string | null {
  if (moment === undefined) return null;
  const date = new Date(moment.microseconds / 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
