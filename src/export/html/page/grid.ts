/// <reference lib="dom" />
/** The waterfall: a tree of lines that one walks with the keyboard, of which only those in sight exist. */
import { element } from './dom.js';
import { spanAt, type PageRequest } from './model.js';
import { rowOf } from './row.js';
import { linesOf, type Line } from './tree.js';
import { VirtualRows } from './virtual.js';
import { roleText, tickText, ticksOf } from './words.js';

const linePixels = 28;
const headPixels = 32;

export interface GridOptions {
  readonly grid: HTMLElement;
  readonly onSelect: (request: PageRequest, line: Line) => void;
}

export class Grid {
  readonly #grid: HTMLElement;
  readonly #axis: HTMLElement;
  readonly #rows: VirtualRows;
  readonly #onSelect: GridOptions['onSelect'];
  #request: PageRequest | undefined;
  #lines: readonly Line[] = [];
  #only: ReadonlySet<number> | undefined;
  #selected = 0;
  /** By request: the lines that somebody opened or closed. */
  readonly #turned = new WeakMap<PageRequest, Set<string>>();

  constructor({ grid, onSelect }: GridOptions) {
    this.#grid = grid;
    this.#onSelect = onSelect;
    this.#axis = element('div', { role: 'columnheader', class: 'time axis' }, 'time');
    const body = element('div', { role: 'rowgroup', class: 'body' });
    grid.append(
      element(
        'div',
        { role: 'row', class: 'row head', 'aria-rowindex': '1' },
        element('div', { role: 'columnheader', class: 'name' }, 'what ran'),
        element('div', { role: 'columnheader', class: 'when' }, 'start'),
        element('div', { role: 'columnheader', class: 'took' }, 'duration'),
        this.#axis,
      ),
      body,
    );
    const render = (index: number): HTMLElement => this.#render(index);
    this.#rows = new VirtualRows({
      scroller: grid,
      body,
      rowPixels: linePixels,
      headPixels,
      render,
    });
    grid.addEventListener('keydown', (event) => this.#onKey(event));
    body.addEventListener('click', (event) => this.#onClick(event));
    body.addEventListener('dblclick', () => this.#turn());
  }

  /** Shows a request: all of it, or what is wanted of it with what caused that. */
  show(request: PageRequest, only: ReadonlySet<number> | undefined): void {
    const isOther = request !== this.#request;
    const key = this.#lines[this.#selected]?.key;
    this.#request = request;
    this.#only = only;
    this.#layOut();
    const same = isOther ? -1 : this.#lines.findIndex((line) => line.key === key);
    this.#drawAxis(request);
    if (isOther) this.#grid.scrollTop = 0;
    this.select(Math.max(0, same));
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  select(index: number): void {
    this.#selected = Math.max(0, Math.min(index, this.#lines.length - 1));
    const line = this.#lines[this.#selected];
    if (line === undefined) this.#grid.removeAttribute('aria-activedescendant');
    else this.#grid.setAttribute('aria-activedescendant', `row-${this.#selected}`);
    this.#rows.reveal(this.#selected);
    if (line !== undefined && this.#request !== undefined) this.#onSelect(this.#request, line);
  }

  /** Opens or closes all lines that are folds, or that have something below them. */
  turnAll(isOpen: boolean): void {
    const request = this.#request;
    if (request === undefined) return;
    const turned = new Set<string>();
    if (isOpen) for (const { fold } of request.spans) if (fold > 0) turned.add(`f${fold}`);
    if (!isOpen)
      for (const { index, parent } of request.spans) if (parent !== -1) turned.add(`s${index}`);
    this.#turned.set(request, turned);
    this.show(request, this.#only);
  }

  #layOut(): void {
    const request = this.#request;
    if (request === undefined) return;
    const turned = this.#turned.get(request) ?? new Set<string>();
    this.#turned.set(request, turned);
    this.#lines = linesOf(request, { turned, only: this.#only });
    this.#grid.setAttribute('aria-rowcount', String(this.#lines.length + 1));
    this.#rows.show(this.#lines.length);
  }

  #render(index: number): HTMLElement {
    const line = this.#lines[index];
    const request = this.#request;
    if (line === undefined || request === undefined) return element('div');
    const parent = (line.attempts[0] ?? line.members[0])?.parent ?? -1;
    const roleAbove = parent === -1 ? undefined : roleText(spanAt(request, parent).writer);
    return rowOf(line, { request, index, isSelected: index === this.#selected, roleAbove });
  }

  #drawAxis(request: PageRequest): void {
    const total = request.length / 1000;
    const ticks = ticksOf(request);
    const step = ticks[1] ?? total;
    this.#grid.style.setProperty('--tick', `${(step / total) * 100}%`);
    this.#axis.replaceChildren(
      ...ticks
        .filter((at) => at / total < 0.96)
        .map((at) => {
          const label = element('span', { class: 'tick' }, tickText(at, step));
          label.style.left = `${(at / total) * 100}%`;
          return label;
        }),
    );
  }

  #onClick(event: Event): void {
    const target = event.target as HTMLElement;
    const row = target.closest('.row');
    if (row === null) return;
    this.select(Number(row.id.slice('row-'.length)));
    if (target.classList.contains('turn')) this.#turn();
  }

  #turn(wanted?: boolean): boolean {
    const line = this.#lines[this.#selected];
    const request = this.#request;
    if (line?.isExpanded === undefined || request === undefined) return false;
    if (wanted !== undefined && line.isExpanded === wanted) return false;
    const turned = this.#turned.get(request);
    if (turned?.delete(line.key) === false) turned.add(line.key);
    this.#layOut();
    this.select(this.#selected);
    return true;
  }

  #toCause(): void {
    const level = this.#lines[this.#selected]?.level ?? 1;
    for (let index = this.#selected - 1; index >= 0; index -= 1) {
      if ((this.#lines[index]?.level ?? level) < level) {
        this.select(index);
        return;
      }
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#selected;
    const page = Math.max(1, this.#rows.inSight - 1);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.select(at + 1),
      ArrowUp: () => this.select(at - 1),
      PageDown: () => this.select(at + page),
      PageUp: () => this.select(at - page),
      Home: () => this.select(0),
      End: () => this.select(this.#lines.length - 1),
      Enter: () => this.#turn(),
      ' ': () => this.#turn(),
      ArrowRight: () => {
        if (!this.#turn(true) && this.#lines[at]?.isExpanded === true) this.select(at + 1);
      },
      ArrowLeft: () => {
        if (!this.#turn(false)) this.#toCause();
      },
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  }
}
