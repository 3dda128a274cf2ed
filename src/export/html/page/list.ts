/// <reference lib="dom" />
/** The requests of the page, newest first; those that are looked for. */
import { element } from './dom.js';
import type { WireRequest } from '../wire.js';
import { VirtualRows } from './virtual.js';
import { durationText, glyphOf, shortId, stateWord, timeText, viaText } from './words.js';
import { visible } from './visible.js';

const optionPixels = 54;

export class RequestList {
  readonly #list: HTMLElement;
  readonly #rows: VirtualRows;
  readonly #onSelect: (request: number) => void;
  readonly #requests: readonly WireRequest[];
  #shown: readonly number[];
  #selected = 0;

  constructor(
    list: HTMLElement,
    requests: readonly WireRequest[],
    onSelect: (request: number) => void,
  ) {
    this.#list = list;
    this.#requests = requests;
    this.#onSelect = onSelect;
    this.#shown = requests.map((_, index) => index);
    const body = element('div', { class: 'body', role: 'presentation' });
    list.append(body);
    const render = (index: number): HTMLElement => this.#render(index);
    this.#rows = new VirtualRows({
      scroller: list,
      body,
      rowPixels: optionPixels,
      headPixels: 0,
      render,
    });
    list.addEventListener('keydown', (event) => this.#onKey(event));
    body.addEventListener('click', (event) => {
      const option = (event.target as HTMLElement).closest('.request');
      if (option !== null) this.select(Number(option.id.slice('request-'.length)));
    });
    this.#rows.show(this.#shown.length);
  }

  /** Shows these; stays where it is if it can. */
  show(requests: readonly number[]): void {
    const now = this.#shown[this.#selected];
    this.#shown = requests;
    this.#rows.show(requests.length);
    if (requests.length === 0) return;
    const same = now === undefined ? -1 : requests.indexOf(now);
    this.select(Math.max(0, same));
  }

  select(index: number): void {
    const request = this.#shown[Math.max(0, Math.min(index, this.#shown.length - 1))];
    if (request === undefined) return;
    this.#selected = this.#shown.indexOf(request);
    this.#list.setAttribute('aria-activedescendant', `request-${this.#selected}`);
    this.#rows.reveal(this.#selected);
    this.#onSelect(request);
  }

  move(by: number): void {
    this.select(this.#selected + by);
  }

  #render(index: number): HTMLElement {
    const request = this.#requests[this.#shown[index] ?? -1];
    if (request === undefined) return element('div');
    const { state, what, ms } = request;
    const word = stateWord(state);
    const took = ms === undefined ? '' : durationText(ms);
    return element(
      'div',
      {
        id: `request-${index}`,
        role: 'option',
        class: `request s-${state}`,
        'aria-selected': String(index === this.#selected),
        'aria-posinset': String(index + 1),
        'aria-setsize': String(this.#shown.length),
      },
      element('span', { class: 'glyph', 'aria-hidden': 'true' }, glyphOf(state)),
      element('span', { class: 'what' }, visible(what === '' ? shortId(request.id) : what)),
      element('span', { class: 'took' }, took),
      element(
        'span',
        { class: 'about' },
        visible(
          [word, timeText(request.at).slice(5, 19), viaText(request)].filter(Boolean).join(' · '),
        ),
      ),
      element('span', { class: 'id' }, shortId(request.id)),
    );
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: this.#selected + 1,
      ArrowUp: this.#selected - 1,
      PageDown: this.#selected + this.#rows.inSight,
      PageUp: this.#selected - this.#rows.inSight,
      Home: 0,
      End: this.#shown.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.select(target);
  }
}
