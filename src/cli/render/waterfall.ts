/** A request as an outline with bars: who ran what, when, for how long, and how it ended. */
import { lastRecord, type Request, type Span, type StreamReport } from '../../read/index.js';
import { correlationIdOf, hlcMicroseconds } from '../../context/index.js';
import { line, widthOf, type Cell, type Piece } from '../text.js';
import { clockTime, duration, type TimeStyle } from '../times.js';
import { outline, spanDurationMs, type OutlineItem } from './outline.js';
import { plural } from './truth-line.js';
import {
  errorText,
  glyph,
  inferredOf,
  roleOf,
  shortWriter,
  spanName,
  viaOf,
  word,
} from './words.js';

const barColumns = 28;
const labelColumnsMax = 60;
/** In the header; more of one role are counted. */
const writersMax = 4;

interface Row {
  readonly prefix: string;
  readonly sign: Piece;
  readonly label: string;
  readonly offset: string;
  readonly took: string;
  readonly tail: readonly Cell[];
}

/** The header and tree of one request. */
export function waterfall(
  request: Request,
  options: { readonly full: boolean; readonly style: TimeStyle },
): readonly string[] {
  const scale = scaleOf(request);
  const rows: Row[] = [];
  const add = (items: readonly OutlineItem[], indent: string, role: string): void => {
    for (const [index, item] of items.entries()) {
      const isLast = index === items.length - 1;
      const isTop = rows.length === 0 || (indent === '' && role === '');
      const prefix = isTop ? '' : `${indent}${isLast ? '└' : '├'} `;
      rows.push(rowOf(item, prefix, role, scale));
      if (item.kind === 'span') {
        add(item.children, isTop ? '' : `${indent}${isLast ? '  ' : '│ '}`, roleOf(item.span));
      }
    }
  };
  add(outline(request.roots, options.full), '', '');
  const width = Math.min(
    labelColumnsMax,
    Math.max(...rows.map((row) => widthOf(row.prefix) + 2 + widthOf(row.label))),
  );
  return [
    requestLine(request, options.style),
    ...linkLines(request),
    ...rows.map((row) => rowLine(row, width)),
  ];
}

/** The id, how it stands, who asked for what, who took part, when and for how long: one line. */
export function requestLine(request: Request, style: TimeStyle): string {
  const asked = [viaOf(request), request.what].filter((part) => part !== '').join(' · ');
  const path = [asked, ...writersByRole(request.streams)].join(' → ');
  const took = request.durationMs === undefined ? '' : `  ${duration(request.durationMs)}`;
  return line(
    { text: request.correlationId, style: 'bold' },
    '  ',
    glyph(request.state),
    ` ${word(request.state)}  ${path}  ${clockTime(request.started.microseconds, style)}${took}`,
  );
}

/** Causes that are not the parent: the shell that started the editor, the edits behind a debounce. */
function linkLines(request: Request): readonly string[] {
  return request.links.map((link) =>
    line({ text: `linked to ${correlationIdOf(link.traceId)} span ${link.spanId}`, style: 'dim' }),
  );
}

/** `wm…4KGBGWB`, then `er…C3SZ7K3 er…S9PXDXQ`; of more than a few only the number. */
function writersByRole(streams: readonly StreamReport[]): readonly string[] {
  const byRole = new Map<string, string[]>();
  for (const { role, writerId } of streams) {
    byRole.set(role, [...(byRole.get(role) ?? []), shortWriter(writerId)]);
  }
  return [...byRole].map(([role, writers]) =>
    writers.length > writersMax ? `${role}×${writers.length}` : writers.join(' '),
  );
}

function rowLine(row: Row, width: number): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(row.prefix) - 2 - widthOf(row.label)));
  return line(
    row.prefix,
    row.sign,
    ` ${row.label}${gap}  ${row.offset.padEnd(8)} ${row.took.padStart(7)}  `,
    ...row.tail,
  ).trimEnd();
}

function rowOf(item: OutlineItem, prefix: string, role: string, scale: Scale): Row {
  const { span } = item;
  if (item.kind === 'fold') {
    const p50 = item.durationsMs[Math.floor((item.durationsMs.length - 1) / 2)];
    const max = item.durationsMs.at(-1);
    const times =
      p50 === undefined || max === undefined ? '' : `p50 ${duration(p50)} max ${duration(max)}  `;
    return {
      prefix,
      sign: glyph(span.state),
      label: `${spanName(span)} ×${item.count}`,
      offset: '',
      took: '',
      tail: [{ text: `${times}${plural(item.spans, 'span')} folded`, style: 'dim' }],
    };
  }
  const tookMs = spanDurationMs(span);
  const own = roleOf(span);
  return {
    prefix,
    sign: glyph(span.state),
    label: own === role || own === '' ? spanName(span) : `${spanName(span)} [${own}]`,
    offset: offsetText(span, scale),
    took: tookMs === undefined ? (span.open ? '…' : '—') : duration(tookMs),
    tail: [
      { text: bar(span, tookMs, scale), style: glyph(span.state).style },
      notes(span, item.attempt),
    ],
  };
}

interface Scale {
  readonly from: number;
  readonly to: number;
}

/** Bars follow the merged clock, so a child never starts before its cause; durations are each writer's own. */
function scaleOf(request: Request): Scale {
  return {
    from: hlcMicroseconds(request.started.hlc),
    to: hlcMicroseconds(request.last.hlc),
  };
}

function offsetText(span: Span, scale: Scale): string {
  const us = hlcMicroseconds(span.first.hlc) - scale.from;
  return us <= 0 ? '+0' : `+${duration(us / 1000)}`;
}

function bar(span: Span, tookMs: number | undefined, scale: Scale): string {
  const total = Math.max(1, scale.to - scale.from);
  const at = hlcMicroseconds(span.first.hlc) - scale.from;
  const isOpen = span.open && span.kind !== 'dispatch';
  const length = isOpen
    ? total - at
    : tookMs === undefined
      ? hlcMicroseconds(span.last.hlc) - scale.from - at
      : tookMs * 1000;
  const start = Math.min(barColumns - 1, Math.max(0, Math.floor((at / total) * barColumns)));
  const cells = Math.min(barColumns - start, Math.round((length / total) * barColumns));
  // What has no end is drawn to the end of what is recorded, and not as if it had ended there.
  const drawn = cells < 1 ? '▏' : (isOpen ? '░' : '█').repeat(cells);
  return `${' '.repeat(start)}${drawn}`.padEnd(barColumns);
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
  return found.length === 0 ? '' : `  ${found.join(' · ')}`;
}
