/// <reference lib="dom" />
/** Puts the page together once its data is read. */
import { detailOf, foldDetail, headOf } from './detail.js';
import { byId, element } from './dom.js';
import { Grid } from './grid.js';
import { RequestList } from './list.js';
import { decodeRequest, readData, type PageRequest } from './model.js';
import { spansIn } from './row.js';
import { isRequestMatch, isWrong, matchesOf, wordsOf } from './search.js';
import { shownAs, withCauses, type Line } from './tree.js';
import { plural } from './words.js';
import { visible } from './visible.js';
import type { WireRequest, WireTruth } from '../wire.js';

/** What is looked for is asked for again when nobody typed for so long. */
const typingMs = 120;
const titleCharsMax = 80;

class Page {
  readonly #requests: readonly WireRequest[];
  readonly #decoded = new Map<number, PageRequest>();
  readonly #grid: Grid;
  readonly #list: RequestList;
  readonly #search = byId('search') as HTMLInputElement;
  readonly #failed = byId('failed') as HTMLInputElement;
  #current = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(requests: readonly WireRequest[]) {
    this.#requests = requests;
    this.#grid = new Grid({
      grid: byId('grid'),
      onSelect: (request, line) => byId('detail').replaceChildren(...lineDetail(request, line)),
    });
    byId('page').classList.toggle('single', requests.length === 1);
    this.#list = new RequestList(byId('requests'), requests, (index) => this.#show(index));
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#find(), typingMs);
    });
    this.#failed.addEventListener('change', () => this.#find());
    byId('open').addEventListener('click', () => this.#grid.turnAll(true));
    byId('close').addEventListener('click', () => this.#grid.turnAll(false));
    addEventListener('keydown', (event) => this.#onKey(event));
    this.#list.select(0);
  }

  #request(index: number): PageRequest {
    let request = this.#decoded.get(index);
    const wire = this.#requests[index];
    if (request === undefined) {
      if (wire === undefined) throw new RangeError(`no request ${index}`);
      request = decodeRequest(wire);
      this.#decoded.set(index, request);
    }
    return request;
  }

  #show(index: number): void {
    this.#current = index;
    const request = this.#request(index);
    byId('request').replaceChildren(...headOf(request));
    const { what } = request.wire;
    document.title =
      what === '' ? 'throughline' : visible(`${what.slice(0, titleCharsMax)} · throughline`);
    byId('grid').setAttribute('aria-label', visible(`What ran for ${request.wire.what}`));
    this.#grid.show(request, this.#wanted(request));
  }

  /** The spans that are wanted, with what caused them; `undefined`: all of them. */
  #wanted(request: PageRequest): ReadonlySet<number> | undefined {
    const found = this.#found(request);
    return found === undefined ? undefined : withCauses(request, found);
  }

  #found(request: PageRequest): readonly number[] | undefined {
    const words = wordsOf(this.#search.value);
    const isFailed = this.#failed.checked;
    if (words.length === 0 && !isFailed) return undefined;
    const matches = matchesOf(request, words);
    // Who asks for a request by its name or id wants to see all of it.
    const isWhole = words.length > 0 && matches.length === 0 && isRequestMatch(request, words);
    if (isWhole && !isFailed) return undefined;
    const found = isWhole ? request.spans.map(({ index }) => index) : matches;
    return isFailed ? found.filter((index) => isWrong(request.spans[index] ?? never())) : found;
  }

  #find(): void {
    if (this.#search.value.trim() === '' && !this.#failed.checked) {
      byId('status').textContent = '';
      this.#list.show(this.#requests.map((_, index) => index));
      return;
    }
    const shown: number[] = [];
    let spans = 0;
    for (const index of this.#requests.keys()) {
      const request = this.#request(index);
      const found = this.#found(request);
      if (found?.length === 0) continue;
      const places = found ?? request.spans.map(({ index: place }) => place);
      spans += new Set(places.map((place) => shownAs(request, place))).size;
      shown.push(index);
    }
    const of = this.#requests.length === 1 ? '' : ` in ${plural(shown.length, 'request')}`;
    byId('status').textContent =
      shown.length === 0 ? 'nothing matches' : `${plural(spans, 'span')}${of}`;
    this.#list.show(shown);
    if (shown.length === 0) this.#grid.show(this.#request(this.#current), new Set());
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const isTyping = event.target === this.#search;
    if (event.key === 'Escape') {
      this.#search.value = '';
      this.#failed.checked = false;
      this.#find();
      byId('grid').focus();
    } else if (isTyping && event.key === 'Enter') {
      clearTimeout(this.#timer);
      this.#find();
      byId('grid').focus();
    } else if (!isTyping && event.key === '/') {
      this.#search.focus();
      this.#search.select();
    } else if (!isTyping && (event.key === '[' || event.key === ']')) {
      this.#list.move(event.key === '[' ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
  }
}

function lineDetail(request: PageRequest, line: Line): readonly HTMLElement[] {
  const [span] = line.members;
  if (span === undefined) return [];
  return line.isFold
    ? foldDetail(line.members, spansIn(request, line))
    : detailOf(request, span, line.attempts[0]);
}

function never(): never {
  throw new RangeError('a place without a span');
}

/** What it was read from, whether that was all there is, and what is not in this page. */
function showTruth({ truth, faults, leftOut }: WireTruth): void {
  byId('truth').replaceChildren(
    element('span', {}, visible(truth)),
    ...leftOut.map((text) => element('strong', { class: 'left' }, visible(`Left out: ${text}`))),
    ...faults.map((text) => element('span', { class: 'fault' }, visible(`! ${text}`))),
  );
}

async function start(): Promise<void> {
  const { requests, truth } = await readData(byId('data').textContent);
  showTruth(truth);
  if (requests.length === 0) {
    byId('request').replaceChildren(element('h1', {}, 'No request is in this page'));
  } else {
    void new Page(requests);
  }
  byId('page').dataset['ready'] = 'yes';
}

start().catch((error: unknown) => {
  byId('truth').textContent =
    `This page cannot be shown: ${String(error)}. It needs a browser of 2023 or later.`;
});
