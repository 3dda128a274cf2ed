/// <reference lib="dom" />
/** All that is known of one span, and the head of its request. */
import { copyable, element, type Child } from './dom.js';
import { spanAt, type PageRequest, type PageSpan } from './model.js';
import {
  durationText,
  errorText,
  foldTimes,
  foldTitle,
  glyphOf,
  kindWord,
  plural,
  stateWord,
  timeText,
  utcText,
  viaText,
  writerText,
} from './words.js';
import { visible } from './visible.js';

/** What is to be said of several spans that are one line. */
export function foldDetail(members: readonly PageSpan[], spans: number): readonly HTMLElement[] {
  const state = members[0]?.state ?? '';
  return [
    element('h2', {}, visible(foldTitle(members))),
    element('p', { class: `state s-${state}` }, stateSign(state), ` ${foldTimes(members)}`),
    element(
      'p',
      { class: 'hint' },
      `${plural(spans, 'span')} in one line, because they are alike. Enter shows each of them.`,
    ),
  ];
}

/** The span; with the attempt that led to it, where both are one line. */
export function detailOf(
  request: PageRequest,
  span: PageSpan,
  attempt: PageSpan | undefined,
): readonly HTMLElement[] {
  const parts: HTMLElement[] = [
    element(
      'h2',
      {},
      element('span', { class: 'kind' }, kindWord(span.kind)),
      visible(span.name === '' ? '(no name)' : span.name),
    ),
    element('p', { class: `state s-${span.state}` }, stateSign(span.state), ...whyOf(span)),
  ];
  const error = errorText(span);
  if (error !== '') parts.push(element('pre', { class: 'error' }, visible(error)));
  parts.push(factsOf(request, span));
  if (attempt !== undefined) parts.push(heading('Attempt'), factsOf(request, attempt));
  parts.push(...effectsOf(span), ...linksOf(span));
  return parts;
}

export function stateSign(state: string): HTMLElement {
  return element(
    'strong',
    { class: 'sign' },
    element('span', { class: 'glyph', 'aria-hidden': 'true' }, glyphOf(state)),
    ` ${stateWord(state)}`,
  );
}

function whyOf({ more }: PageSpan): readonly Child[] {
  return more.why === undefined || more.why === '' ? [] : [` ${visible(more.why)}`];
}

function heading(text: string): HTMLElement {
  return element('h3', {}, text);
}

type Fact = readonly [name: string, value: Child];

function factsOf(request: PageRequest, span: PageSpan): HTMLElement {
  const { more } = span;
  const list = element('dl');
  const facts: Fact[] = [
    ...timesOf(request, span),
    ['writer', named(span.writer, writerText(span.writer))],
    ['runner', more.runner],
    ['attempt', more.attempt?.toString()],
    ['trigger', more.trigger],
    ['environment', more.env],
    ['answered', more.unheard === 1 ? 'nobody heard the answer' : undefined],
    ['cancel asked', more.cancel],
    ['client', more.gone === 1 ? 'went away' : undefined],
    ['ended', more.ends === undefined ? undefined : `${more.ends} times, which contradict`],
    ['joined', more.join],
    ['its end', more.endInferred === 1 ? 'inferred from its parts' : undefined],
    ['resolved', more.resolution],
    ['records', String(span.records)],
    ['span', copyable(span.id, 'span id')],
    ['caused by', causeIdOf(request, span)],
    ['run', copied(runOf(request, span), 'run id')],
  ];
  for (const [name, value] of facts) {
    if (value === undefined || value === '') continue;
    const text = typeof value === 'string' ? visible(value) : value;
    list.append(element('dt', {}, name), element('dd', {}, text));
  }
  return list;
}

function timesOf({ wire }: PageRequest, span: PageSpan): readonly Fact[] {
  const { at, ms, more, kind, until, started, ended } = span;
  const own = (offset: number | undefined): HTMLElement | undefined =>
    offset === undefined ? undefined : named(utcText(wire.at + offset), timeText(wire.at + offset));
  const isUnknown = started === undefined && kind !== 'other';
  return [
    ['started', isUnknown ? 'no record says when' : own(started)],
    ['first record', started === undefined ? own(at) : undefined],
    ['ended', own(ended)],
    ['end', until === undefined ? 'none is recorded' : undefined],
    ['took', ms === undefined ? undefined : durationText(ms)],
    ['last record', more.lastEvent],
  ];
}

function named(title: string, text: string): HTMLElement {
  return element('span', { title: visible(title) }, visible(text));
}

function copied(text: string | undefined, about: string): HTMLElement | undefined {
  return text === undefined ? undefined : copyable(text, about);
}

function causeIdOf(request: PageRequest, span: PageSpan): Child {
  const { parent } = span.more;
  if (parent === null) return 'nothing that is recorded';
  if (parent !== undefined) return copyable(parent, 'id of the cause');
  if (span.parent === -1) return copyable(request.wire.entry, 'id of the cause');
  const cause = spanAt(request, span.parent);
  return copyable(cause.id, 'id of the cause');
}

/** The id of the run; handlers share that of theirs. */
function runOf(request: PageRequest, span: PageSpan): string | undefined {
  for (let at = span; ; at = spanAt(request, at.parent)) {
    if (at.more.run !== undefined) return at.more.run;
    if (at.parent === -1 || at.kind !== 'handler') return undefined;
  }
}

function effectsOf({ more }: PageSpan): readonly HTMLElement[] {
  const { effects = [] } = more;
  if (effects.length === 0) return [];
  const count = more.effectCount ?? effects.length;
  const items = effects.map(([change, path, before, after, inferred]) => {
    const hashes = [before, after].filter((hash) => hash !== '').join(' → ');
    return element(
      'li',
      {},
      element('span', { class: 'change' }, visible(change)),
      ' ',
      element('code', {}, visible(path)),
      inferred === 1 ? ' (inferred)' : undefined,
      hashes === '' ? undefined : element('small', {}, visible(` ${hashes}`)),
    );
  });
  const shown = count > effects.length ? `, the first ${effects.length}` : '';
  return [heading(`${plural(count, 'file')} touched${shown}`), element('ul', {}, ...items)];
}

function linksOf({ more }: PageSpan): readonly HTMLElement[] {
  return [...linkList('Linked to', more.links), ...linkList('May be caused by', more.candidates)];
}

function linkList(title: string, links: readonly string[] = []): readonly HTMLElement[] {
  if (links.length === 0) return [];
  const items = links.map((link) => element('li', {}, copyable(link, 'link')));
  return [heading(title), element('ul', {}, ...items)];
}

/** What was asked for, by whom, when, and how it stands. */
export function headOf({ wire }: PageRequest): readonly HTMLElement[] {
  const { what, state, why, ms, at } = wire;
  const shown = wire.rows.length;
  const facts = [
    viaText(wire),
    timeText(at),
    ms === undefined ? '' : durationText(ms),
    shown < wire.spans
      ? `${shown.toLocaleString('en')} of ${plural(wire.spans, 'span')}`
      : plural(wire.spans, 'span'),
    plural(wire.records, 'record'),
    wire.effects === 0 ? '' : `${plural(wire.effects, 'file')} touched`,
    wire.answered === false ? 'nobody heard the answer' : '',
    wire.resolution === undefined ? '' : `resolved: ${wire.resolution}`,
  ];
  return [
    element(
      'h1',
      {},
      element('span', { class: `state s-${state}` }, stateSign(state)),
      element('span', { class: 'what' }, visible(what === '' ? 'request' : what)),
    ),
    element(
      'p',
      { class: 'facts', title: utcText(at) },
      visible(facts.filter(Boolean).join(' · ')),
    ),
    element(
      'p',
      { class: 'ids' },
      copyable(wire.id, 'correlation id'),
      why === '' ? undefined : element('span', { class: `why s-${state}` }, visible(why)),
    ),
  ];
}
