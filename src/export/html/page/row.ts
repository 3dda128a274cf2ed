/// <reference lib="dom" />
/** One line of the waterfall as elements: what ran, when it began, how long it took, and its bar. */
import { element } from './dom.js';
import { spanAt, type PageRequest, type PageSpan } from './model.js';
import type { Line } from './tree.js';
import {
  durationText,
  foldSentence,
  foldTimes,
  foldTitle,
  glyphOf,
  kindWord,
  notesOf,
  plural,
  roleText,
  sentenceOf,
  stateWord,
} from './words.js';
import { visible } from './visible.js';

/** Deeper lines are not moved in any further: there would be no room for their names. */
const indentMax = 16;
/** A note stands behind its bar where no more than this is before it, or before its bar, or else above it. */
const noteAt = 0.6;
/** So many of the spans that are folded are drawn in their line. */
const ticksMax = 200;

export interface RowState {
  readonly request: PageRequest;
  readonly index: number;
  readonly isSelected: boolean;
  /** The role of who ran the line above it: only another one is told. */
  readonly roleAbove: string | undefined;
}

export function rowOf(line: Line, state: RowState): HTMLElement {
  const [span] = line.members;
  if (span === undefined) throw new RangeError('a line without a span');
  const { request, index } = state;
  const spans = line.isFold ? spansIn(request, line) : 1;
  const sentence = line.isFold
    ? foldSentence(line.members, spans)
    : sentenceOf(span, line.attempts[0]);
  const row = element('div', {
    id: `row-${index}`,
    role: 'row',
    class: `row s-${span.state}${line.isFold ? ' fold' : ''}`,
    'aria-rowindex': String(index + 2),
    'aria-level': String(line.level),
    'aria-posinset': String(line.place),
    'aria-setsize': String(line.siblings),
    'aria-selected': String(state.isSelected),
    'aria-expanded': line.isExpanded === undefined ? undefined : String(line.isExpanded),
    'aria-label': visible(sentence),
  });
  row.append(
    nameCell(line, span, state.roleAbove),
    cell('when', line.isFold || span.at <= 0 ? '' : `+${durationText(span.at / 1000)}`),
    cell('took', tookText(line, span)),
    barCell(line, span, request, visible(sentence), spans),
  );
  return row;
}

function cell(name: string, text: string): HTMLElement {
  return element('div', { role: 'gridcell', class: name }, text);
}

function nameCell(line: Line, span: PageSpan, roleAbove: string | undefined): HTMLElement {
  const made = element('div', { role: 'gridcell', class: 'name' });
  made.style.setProperty('--level', String(Math.min(line.level - 1, indentMax)));
  const turn = line.isExpanded === undefined ? '' : line.isExpanded ? '▾' : '▸';
  made.append(
    element('span', { class: 'turn', 'aria-hidden': 'true' }, turn),
    element('span', { class: 'glyph', title: stateWord(span.state) }, glyphOf(span.state)),
  );
  if (line.isFold) {
    made.append(element('span', { class: 'title' }, visible(foldTitle(line.members))));
    return made;
  }
  const name = visible(span.name === '' ? span.id : span.name);
  made.append(
    element('span', { class: 'kind' }, kindWord(span.kind)),
    element('span', { class: 'title', title: name }, name),
  );
  const role = roleText(span.writer);
  if (role !== roleAbove) made.append(element('span', { class: 'role' }, visible(role)));
  return made;
}

function tookText(line: Line, span: PageSpan): string {
  if (line.isFold) return '';
  if (span.until === undefined) return 'no end';
  return span.ms === undefined ? '' : durationText(span.ms);
}

function barCell(
  line: Line,
  span: PageSpan,
  request: PageRequest,
  sentence: string,
  spans: number,
): HTMLElement {
  const made = element('div', { role: 'gridcell', class: 'time', 'aria-label': sentence });
  const at = Math.min(...line.members.map((member) => member.at));
  const until = Math.max(...line.members.map((member) => member.until ?? request.length));
  if (line.isFold) {
    made.append(bar('band', at, until, request));
    for (const member of line.members.slice(0, ticksMax)) {
      made.append(bar('bar', member.at, member.until ?? request.length, request));
    }
  } else {
    const isOpen = span.until === undefined;
    made.append(bar(isOpen ? 'bar open' : 'bar', at, until, request));
  }
  const texts = line.isFold
    ? [foldTimes(line.members), `${plural(spans, 'span')} folded`]
    : notesOf(span, line.attempts[0]);
  const text = visible(texts.filter((part) => part !== '').join(' · '));
  if (text !== '') addNote(made, text, { from: at / request.length, to: until / request.length });
  return made;
}

function bar(name: string, at: number, until: number, { length }: PageRequest): HTMLElement {
  const made = element('div', { class: name });
  const left = Math.min(100, (at / length) * 100);
  // What begins with the last record of all is still to be seen.
  made.style.left = `min(${left}%, calc(100% - 4px))`;
  made.style.width = `${Math.max(0, Math.min(100 - left, ((until - at) / length) * 100))}%`;
  return made;
}

/** Puts a text where the bar is not; where that takes the whole line, the bar becomes a thin one below the text. */
function addNote(
  into: HTMLElement,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const note = element('span', { class: 'note', title: text }, text);
  if (to <= noteAt) {
    note.style.left = `calc(${to * 100}% + 6px)`;
    note.style.maxWidth = `calc(${(1 - to) * 100}% - 6px)`;
  } else if (1 - from <= noteAt) {
    note.style.right = `calc(${(1 - from) * 100}% + 6px)`;
    note.style.maxWidth = `calc(${from * 100}% - 6px)`;
  } else {
    into.classList.add('full');
    note.style.left = `${from * 100}%`;
    note.style.maxWidth = `${(1 - from) * 100}%`;
  }
  into.append(note);
}

/** How many spans are in a line. */
export function spansIn(request: PageRequest, line: Line): number {
  let count = line.attempts.length;
  const stack = [...line.members];
  for (let span = stack.pop(); span !== undefined; span = stack.pop()) {
    count += 1;
    for (const child of span.children) stack.push(spanAt(request, child));
  }
  return count;
}
