/** One line of a waterfall: what is said of a span, or of several that were folded. */
import { lastRecord, type Request, type Span } from '../../read/index.js';
import { correlationIdOf, hlcMicroseconds } from '../../context/index.js';
import type { Piece, Style } from '../text.js';
import { duration } from '../times.js';
import { spanDurationMs, type OutlineItem } from './outline.js';
import { plural } from './truth-line.js';
import { errorText, glyph, inferredOf, roleOf, shortId, spanName, word } from './words.js';

export const barColumnsMax = 28;

export interface Row {
  readonly prefix: string;
  readonly sign: Piece;
  readonly label: string;
  readonly offset: string;
  readonly took: string;
  readonly bar: Piece;
  readonly notes: string;
  readonly notesStyle: Style | undefined;
}

/** What bars are drawn to. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** Bars follow the merged clock, so a child never starts before its cause; durations are each writer's own. */
export function scaleOf(request: Request, columns: number): Scale {
  return {
    from: hlcMicroseconds(request.started.hlc),
    to: hlcMicroseconds(request.last.hlc),
    columns,
  };
}

/** The line; without a scale only its label is of use. `role` is that of the span above. */
export function rowOf(
  item: OutlineItem,
  prefix: string,
  role: string,
  scale: Scale | undefined,
): Row {
  const { span } = item;
  if (item.kind === 'fold') return foldRow(item, prefix);
  const tookMs = spanDurationMs(span);
  const own = roleOf(span);
  const hasOwnRole = own !== role && own !== '';
  return {
    prefix,
    sign: glyph(span.state),
    label: hasOwnRole ? `${spanName(span)} [${own}]` : spanName(span),
    offset: scale === undefined ? '' : offsetText(span, scale),
    took: tookMs === undefined ? (span.open ? '…' : '—') : duration(tookMs),
    bar: {
      text: scale === undefined ? '' : bar(span, tookMs, scale),
      style: glyph(span.state).style,
    },
    notes: notes(span, item.attempt),
    notesStyle: undefined,
  };
}

function foldRow(item: Extract<OutlineItem, { kind: 'fold' }>, prefix: string): Row {
  const { span, count, names, durationsMs, spans } = item;
  const p50 = durationsMs[Math.floor((durationsMs.length - 1) / 2)];
  const max = durationsMs.at(-1);
  const times =
    p50 === undefined || max === undefined ? '' : `p50 ${duration(p50)} max ${duration(max)}  `;
  const name = names === 1 ? spanName(span) : `${names} ${span.kind}s`;
  return {
    prefix,
    sign: glyph(span.state),
    label: count === names && names > 1 ? name : `${name} ×${count}`,
    offset: '',
    took: '',
    bar: { text: '' },
    notes: `${times}${plural(spans, 'span')} folded`,
    notesStyle: 'dim',
  };
}

function offsetText(span: Span, scale: Scale): string {
  const us = hlcMicroseconds(span.first.hlc) - scale.from;
  return us <= 0 ? '+0' : `+${duration(us / 1000)}`;
}

function bar(span: Span, tookMs: number | undefined, { from, to, columns }: Scale): string {
  if (columns === 0) return '';
  const total = Math.max(1, to - from);
  const at = hlcMicroseconds(span.first.hlc) - from;
  const isOpen = span.open && span.kind !== 'dispatch';
  const length = isOpen
    ? total - at
    : tookMs === undefined
      ? hlcMicroseconds(span.last.hlc) - from - at
      : tookMs * 1000;
  const start = Math.min(columns - 1, Math.max(0, Math.floor((at / total) * columns)));
  const cells = Math.min(columns - start, Math.round((length / total) * columns));
  // What has no end is drawn to the end of what is recorded, and not as if it had ended there.
  const drawn = cells < 1 ? '▏' : (isOpen ? '░' : '█').repeat(cells);
  return `${' '.repeat(start)}${drawn}`.padEnd(columns);
}

function notes(span: Span, attempt: Span | undefined): string {
  const found: string[] = [];
  if (span.state !== 'completed' && span.state !== 'failed') found.push(word(span.state));
  // Said once, where it is deepest.
  const isSaidBelow = span.children.some((child) => child.open && child.why === span.why);
  if ((span.open || span.state === 'unknown') && !isSaidBelow) found.push(span.why);
  if (span.state === 'lost') found.push(`last record ${lastRecord(span).event}`);
  const error = errorText(span);
  if (error !== undefined) found.push(error);
  if (attempt?.attempt !== undefined && attempt.attempt > 1)
    found.push(`attempt ${attempt.attempt}`);
  if (span.started === undefined && span.kind !== 'other') found.push('its start is not recorded');
  if (span.cancelRequested !== undefined) found.push(`cancel asked: ${span.cancelRequested}`);
  if (span.clientGone) found.push('client gone');
  if (span.terminals > 1) found.push(`ended ${span.terminals} times`);
  const { length: effects } = span.effects;
  const inferred = span.effects.filter((effect) => effect.inferred).length;
  if (effects > 0) found.push(`${plural(effects, 'file')} touched${inferredOf(effects, inferred)}`);
  if (span.resolution !== undefined) found.push(`resolved: ${span.resolution}`);
  if (span.isEndInferred) found.push('ended by its parts');
  if (span.join === 'inferred') found.push('join inferred');
  if (span.candidates.length > 0) {
    const ids = span.candidates.map(({ traceId }) => shortId(correlationIdOf(traceId)));
    found.push(`asked for by ${ids.length === 1 ? 'perhaps' : 'one of'} ${ids.join(', ')}`);
  }
  return found.length === 0 ? '' : `  ${found.join(' · ')}`;
}
