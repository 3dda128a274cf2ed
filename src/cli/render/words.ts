/** A request's and a span's words: glyph and word for a state, short ids, and the result in one phrase. */
import {
  lastRecord,
  roleOfWriter,
  type Request,
  type SourceFault,
  type Span,
  type State,
  type StreamReport,
} from '../../read/index.js';
import type { Piece, Style } from '../text.js';

const glyphs: Readonly<Record<State, readonly [string, Style]>> = {
  completed: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['■', 'yellow'],
  rejected: ['⊘', 'red'],
  in_flight: ['▶', 'blue'],
  lost: ['!', 'red'],
  unknown: ['?', 'yellow'],
};
const resultCharsMax = 160;

/** The state's sign. A word always stands beside it: colour and sign alone say nothing to some readers. */
export function glyph(state: State): Piece {
  const [text, style] = glyphs[state];
  return { text, style };
}

export function word(state: State): string {
  return state === 'in_flight' ? 'in flight' : state;
}

/** The last characters of a ULID: the first ones are time and shared by neighbours. */
export function shortId(correlationId: string): string {
  return `…${correlationId.slice(-7)}`;
}

/** `er…R8Y2XEW` for `er-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW`. */
export function shortWriter(writerId: string): string {
  const dash = writerId.lastIndexOf('-');
  return dash === -1 || writerId.length - dash < 12
    ? writerId
    : `${writerId.slice(0, dash)}…${writerId.slice(-7)}`;
}

/** `wm er×3`. */
export function roles(streams: readonly StreamReport[]): string {
  const counts = new Map<string, number>();
  for (const { role } of streams) counts.set(role, (counts.get(role) ?? 0) + 1);
  return [...counts].map(([role, count]) => (count === 1 ? role : `${role}×${count}`)).join(' ');
}

/** `mcp claude-code`. */
export function viaOf(request: Request): string {
  return [request.via ?? '—', request.client].filter((part) => part !== undefined).join(' ');
}

/** `handler ruff_format`. */
export function spanName(span: Span): string {
  const name = span.name === '' ? span.spanId : span.name;
  return span.kind === 'dispatch'
    ? `dispatch to ${name}`
    : `${span.kind === 'other' ? 'span' : span.kind} ${name}`;
}

/** `ExitError exit 1`, as recorded. */
export function errorText(span: Span): string | undefined {
  if (span.error === undefined) return undefined;
  const { code, class: name, message } = span.error;
  return [code ?? name, message].filter((part) => part !== undefined).join(' ');
}

/** `wm` for a span of `wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW`. */
export function roleOf(span: Span): string {
  return roleOfWriter(span.writerId);
}

/** ` (inferred)`, or ` (2 inferred)` of more. */
export function inferredOf(count: number, inferred: number): string {
  if (inferred === 0) return '';
  return inferred === count ? ' (inferred)' : ` (${inferred} inferred)`;
}

/** How the request ended, or stands, in one phrase. */
export function result(request: Request, time: (microseconds: number) => string): string {
  const phrase = phraseOf(request, time);
  const text = phrase.length > resultCharsMax ? `${phrase.slice(0, resultCharsMax)}…` : phrase;
  return request.resolution === undefined ? text : `${text} (resolved: ${request.resolution})`;
}

function phraseOf(request: Request, time: (microseconds: number) => string): string {
  const { decidedBy } = request;
  switch (request.state) {
    case 'in_flight':
      return `in flight (${openCounts(request)})`;
    case 'lost':
      return `lost: ${decidedBy === undefined ? request.why : `${lostPhrase(decidedBy, time)}${answer(request)}`}`;
    case 'unknown':
      return `unknown: ${request.why}${joined(request)}`;
    case 'completed':
      return `ok${request.lost > 0 ? ` (${request.lost} lost below)` : ''}${byParts(request)}${unheard(request)}${joined(request)}`;
    case 'failed':
    case 'cancelled':
    case 'rejected': {
      const where =
        decidedBy === undefined || request.roots.includes(decidedBy) ? '' : spanName(decidedBy);
      const parts = [where, request.why].filter((part) => part !== '');
      return `${[request.state, parts.join(', ')].filter((part) => part !== '').join(': ')}${unheard(request)}${joined(request)}`;
    }
  }
}

/** `2 open, 1 lost`. */
export function openCounts(request: Request): string {
  const parts = [`${request.open} open`];
  if (request.lost > 0) parts.push(`${request.lost} lost`);
  if (request.unknown > 0) parts.push(`${request.unknown} unknown`);
  return parts.join(', ');
}

function lostPhrase(span: Span, time: (microseconds: number) => string): string {
  const last = lastRecord(span);
  return `${shortWriter(span.writerId)} ends in ${spanName(span)}, last record ${last.event} ${time(last.microseconds)}`;
}

/** A workspace manager that saw its runner die has answered something; that is not how the work ended. */
function answer(request: Request): string {
  const ended = request.roots.find((root) => root.ended !== undefined);
  return ended === undefined ? '' : `; answered ${word(ended.state)}`;
}

/** All that is recorded of it ended; that there is no more of it nobody wrote. */
function byParts(request: Request): string {
  return request.isEndInferred ? ' (by its parts)' : '';
}

/** How sure it is that another program's runs belong to it, where it is not certain. */
function joined({ join, candidates }: Request): string {
  if (join === 'inferred') return ' (join inferred)';
  if (join !== 'ambiguous') return '';
  return candidates.length === 1
    ? ' (a request may have asked for it)'
    : ` (one of ${candidates.length} requests asked for it)`;
}

function unheard(request: Request): string {
  return request.answered === false ? ' (nobody heard the answer)' : '';
}

/** Where a fault is: the file, the place in it, and the records that it is about. */
export function faultPlace(
  fault: Pick<SourceFault, 'file' | 'offset' | 'sequenceFrom' | 'sequenceTo'>,
): string {
  const { file, offset, sequenceFrom, sequenceTo } = fault;
  if (sequenceFrom === undefined) return `${file}:${offset}`;
  // What is torn may have been any number of records.
  if (sequenceTo === undefined) return `${file}:${offset} (from sequence ${sequenceFrom} on)`;
  const range = sequenceFrom === sequenceTo ? sequenceFrom : `${sequenceFrom}–${sequenceTo}`;
  return `${file}:${offset} (sequence ${range})`;
}
