/**
 * The state of each span, from the evidence of all streams: its own records, how its stream ends, whether the writer
 * lives, and what the spans below it say. Pure: no stream is looked at but through `Evidence`.
 */
import type { SpanDraft, State } from './span.js';
import { mayMissAfter, type StreamDraft } from '../merge/streams.js';
import { childrenFirst, walk } from '../requests/tree.js';

/** The stream that a span's first record is in. */
export type Evidence = (span: SpanDraft) => StreamDraft | undefined;

const gaveUp: ReadonlySet<State> = new Set(['failed', 'cancelled']);

/** Sets `state`, `open` and `why` of every span of one tree. */
export function judgeSpans(roots: readonly SpanDraft[], evidence: Evidence): void {
  // From the leaves up: an attempt is what its child is, and who waits for the unknown is unknown.
  for (const span of childrenFirst(roots)) {
    if (span.kind === 'dispatch') {
      judgeDispatch(span);
    } else {
      judgeOpen(span, evidence(span));
      if (span.open) judgeWaiting(span);
    }
  }
  judgeUnseen(roots);
  resolve(roots);
}

function judgeOpen(span: SpanDraft, stream: StreamDraft | undefined): void {
  if (span.ended !== undefined) {
    span.why = span.last.event;
    return;
  }
  const verdict = verdictOf(span, stream);
  span.state = verdict.state;
  span.why = verdict.why;
  span.open = span.kind !== 'other';
}

function verdictOf(
  span: SpanDraft,
  stream: StreamDraft | undefined,
): { state: 'in_flight' | 'lost' | 'unknown'; why: string } {
  if (stream === undefined) return { state: 'unknown', why: 'its stream was not read' };
  if (span.kind === 'other') return { state: 'unknown', why: 'its start and end are not recorded' };
  if (mayMissAfter(stream, span.first.hlc)) {
    return { state: 'unknown', why: 'its stream has records missing after it began' };
  }
  if (stream.sealed) return { state: 'lost', why: 'its stream was closed with it open' };
  switch (stream.writer.state) {
    case 'alive':
      return { state: 'in_flight', why: stream.writer.evidence };
    case 'gone':
      return { state: 'lost', why: stream.writer.evidence };
    case 'unknown':
      return { state: 'unknown', why: stream.writer.evidence };
  }
}

function judgeDispatch(span: SpanDraft): void {
  // Where a workspace manager picks the projects there are several: the attempt is not over before all are.
  const child = span.children.find(({ open }) => open) ?? span.children.at(-1);
  span.open = false;
  if (child === undefined) {
    span.state = 'unknown';
    span.why = 'no stream that was read has what it caused';
  } else {
    span.state = child.state;
    span.why = child.why;
  }
}

/**
 * An open run whose writer is gone, but which had handed its work to a runner that no stream tells of: the work may
 * have been done. That is unknown, never lost. With a living writer it is in flight, and so is the attempt.
 */
function judgeWaiting(span: SpanDraft): void {
  for (const child of span.children) {
    if (isUnseen(child)) {
      if (span.state === 'in_flight') {
        child.state = 'in_flight';
        child.why = 'nothing it caused is recorded yet';
        child.open = true;
      } else if (span.state === 'lost') {
        span.state = 'unknown';
        span.why += `; what it sent to ${child.name || 'a runner'} is in no stream that was read`;
      }
    } else if (isWork(child) && child.open && child.state === 'unknown') {
      if (span.state !== 'lost' || child.writerId !== span.writerId) continue;
      span.state = 'unknown';
      span.why = child.why;
    }
  }
}

/** In one stream nothing else makes a span unknown and the one that waits for it lost. */
function isWork({ kind }: SpanDraft): boolean {
  return kind === 'handler' || kind === 'run';
}

/**
 * What failed or was cancelled over an attempt that no stream tells of says nothing about the attempt: its runner may
 * have done the work, or do it still. What completed had the answer, and so had a run whose end says that it is one.
 */
function judgeUnseen(roots: readonly SpanDraft[]): void {
  const stack = [...roots];
  for (let span = stack.pop(); span !== undefined; span = stack.pop()) {
    if (isUnseen(span)) {
      span.open = true;
    } else if (span.kind === 'dispatch' || gaveUp.has(span.state)) {
      const answered = span.isAnswerOfAttempt ? span.children.filter(isUnseen) : [];
      for (const attempt of answered) {
        attempt.state = span.state;
        attempt.why = 'so it was answered; no stream that was read has what it caused';
      }
      stack.push(...span.children.filter((child) => !answered.includes(child)));
    }
  }
}

function isUnseen({ kind, children }: SpanDraft): boolean {
  return kind === 'dispatch' && children.length === 0;
}

/** A resolved run closes everything below it that nobody works on any more. */
function resolve(roots: readonly SpanDraft[]): void {
  for (const { span } of walk(roots)) {
    if (span.resolution === undefined || span.state === 'in_flight') continue;
    for (const { span: below } of walk([span])) {
      if (!below.open || below.state === 'in_flight') continue;
      below.open = false;
      below.resolution ??= span.resolution;
    }
  }
}
