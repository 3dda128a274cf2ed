/**
 * A request as an outline with bars: who ran what, when, for how long, and how it ended. Of a large request as few lines
 * and bytes as a person, or a program that pays by the word, wants to read at first; `full` has the rest.
 */
import type { Request, StreamReport } from '../../read/index.js';
import { correlationIdOf } from '../../context/index.js';
import { cut, line, plainWidth, terminalColumns, widthOf, type Cell } from '../text.js';
import { clockTime, duration, type TimeStyle } from '../times.js';
import { outline, unfolded, usual, type Folding, type OutlineItem } from './outline.js';
import { glyph, roleOf, shortWriter, viaOf, word } from './words.js';
import { barColumnsMax, rowOf, scaleOf, type Row } from './waterfall-row.js';

const labelColumnsMax = 60;
const labelColumnsMin = 14;
/** Offset and duration, and what is between the columns. */
const timesColumns = 20;
const notesColumnsWanted = 16;
const barColumnsMin = 6;
/** In the header; more of one role are counted. */
const writersMax = 4;

/** A request with more spans than this is large, and then its outline has at most so many lines and bytes. */
const spansLarge = 100;
const linesMax = 9;
const bytesMax = 690;
const notesCharsLarge = 60;

interface Layout {
  readonly folding: Folding;
  readonly bars: number;
}

/** From the most that is shown to the least. */
const layouts: readonly Layout[] = [
  { folding: usual, bars: barColumnsMax },
  { folding: { ...usual, siblingsMax: 4 }, bars: 12 },
  { folding: { ...usual, siblingsMax: 2 }, bars: 12 },
  { folding: { ...usual, siblingsMax: 2, quietDepth: 1 }, bars: 0 },
  { folding: { ...usual, siblingsMax: 1, quietDepth: 1 }, bars: 0 },
];

export interface WaterfallOptions {
  readonly full: boolean;
  readonly style: TimeStyle;
  /** For a program that pays by the byte. `isUsual`: of a large request no more than a person gets. */
  readonly room?: { readonly bytes: number; readonly isUsual: boolean };
  /** What the line of an item is called, to ask for it by, for who asks so; empty: nothing. */
  readonly handleOf?: (item: OutlineItem) => string;
}

/** The header and tree of one request. */
export function waterfall(request: Request, options: WaterfallOptions): readonly string[] {
  const { full, style, room, handleOf } = options;
  const head = [...requestLines(request, style), ...linkLines(request)];
  if (full) return [...head, ...tree(request, { folding: unfolded, bars: barColumnsMax })];
  const isShort = request.spans > spansLarge && room?.isUsual !== false;
  const lines = isShort ? linesMax : Infinity;
  const bytes = Math.min(isShort ? bytesMax : Infinity, room?.bytes ?? Infinity) - bytesOf(head);
  for (const layout of layouts) {
    const whole = tree(request, layout);
    const isLast = layout === layouts.at(-1);
    if (!isLast && (whole.length > lines || bytesOf(whole) > bytes)) continue;
    const kept = countThatFits(whole, { lines, bytes });
    const shown = handleOf === undefined ? whole : tree(request, layout, handleOf);
    const left = whole.length - kept;
    if (left === 0) return [...head, ...shown];
    const text = `… ${left} more lines${handleOf === undefined ? ': --full' : ''}`;
    return [...head, ...shown.slice(0, kept), line({ text, style: 'dim' })];
  }
  return head;
}

/** How many of the lines there is room for, besides one that says how many there are; at least one. */
function countThatFits(
  all: readonly string[],
  max: { readonly lines: number; readonly bytes: number },
): number {
  let [kept, left] = [0, max.bytes];
  for (const one of all) {
    left -= bytesOf([one]);
    if (kept === max.lines || (left < 0 && kept > 0)) break;
    kept += 1;
  }
  return kept === all.length ? kept : Math.max(1, Math.min(kept, max.lines - 1));
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
}

/** The id, how it stands, who asked for what, who took part, when and for how long: one line, or two narrow ones. */
export function requestLines(request: Request, style: TimeStyle): readonly string[] {
  const asked = [viaOf(request), request.what].filter((part) => part !== '').join(' · ');
  const path = [asked, ...writersByRole(request.streams)].join(' → ');
  const took = request.durationMs === undefined ? '' : `  ${duration(request.durationMs)}`;
  const when = `${clockTime(request.started.microseconds, style)}${took}`;
  const start: readonly Cell[] = [
    { text: request.correlationId, style: 'bold' },
    '  ',
    glyph(request.state),
    ` ${word(request.state)}  `,
  ];
  const edge = terminalColumns();
  if (plainWidth([...start, `${path}  ${when}`]) <= edge) {
    return [line(...start, `${path}  ${when}`)];
  }
  return [line(...start, when), line(cut(path, edge))];
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

function tree(
  request: Request,
  { folding, bars }: Layout,
  handleOf?: (item: OutlineItem) => string,
): readonly string[] {
  const items = outline(request.roots, folding);
  const wanted = Math.max(0, ...labels(items, ''));
  const { label, bar } = widths(wanted, bars);
  const scale = scaleOf(request, bar);
  const notesMax = request.spans > spansLarge && !folding.full ? notesCharsLarge : Infinity;
  const lines: string[] = [];
  const add = (some: readonly OutlineItem[], indent: string, role: string): void => {
    for (const [index, item] of some.entries()) {
      const isLast = index === some.length - 1;
      const isTop = indent === '' && role === '';
      const prefix = isTop ? '' : `${indent}${isLast ? '└' : '├'} `;
      const row = rowLine(rowOf(item, prefix, role, scale), label, notesMax);
      const handle = handleOf?.(item) ?? '';
      lines.push(handle === '' ? row : `${row}  ${handle}`);
      if (item.kind === 'span') {
        add(item.children, isTop ? '' : `${indent}${isLast ? '  ' : '│ '}`, roleOf(item.span));
      }
    }
  };
  add(items, '', '');
  return lines;
}

/** How wide the labels with their prefixes are. */
function* labels(items: readonly OutlineItem[], role: string, depth = 0): Generator<number> {
  for (const item of items) {
    yield widthOf(rowOf(item, '  '.repeat(depth), role, undefined).label) + 2 * depth + 2;
    if (item.kind === 'span') yield* labels(item.children, roleOf(item.span), depth + 1);
  }
}

/** On a terminal the bars give way first, then the labels. */
function widths(wanted: number, bars: number): { readonly label: number; readonly bar: number } {
  const edge = terminalColumns();
  const label = Math.min(labelColumnsMax, wanted);
  if (!Number.isFinite(edge)) return { label, bar: bars };
  const room = edge - timesColumns - notesColumnsWanted;
  const bar = Math.max(Math.min(bars, barColumnsMin), Math.min(bars, room - label));
  return { label: Math.max(labelColumnsMin, Math.min(label, edge - timesColumns - bar)), bar };
}

function rowLine(row: Row, width: number, notesMax: number): string {
  const label = cut(row.label, Math.max(2, width - widthOf(row.prefix) - 2));
  const gap = ' '.repeat(Math.max(0, width - widthOf(row.prefix) - 2 - widthOf(label)));
  const cells: readonly Cell[] = [
    row.prefix,
    row.sign,
    ` ${label}${gap}  ${row.offset.padEnd(8)} ${row.took.padStart(7)}  `,
    row.bar,
  ];
  const room = Math.min(terminalColumns() - plainWidth(cells), notesMax);
  const notes = room < 4 ? '' : cut(row.notes, room);
  return line(...cells, { text: notes, style: row.notesStyle }).trimEnd();
}
