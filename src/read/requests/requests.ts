/**
 * Requests from spans: the trees, grouped by what caused them. A request's entry span is the front's own span, which
 * is recorded nowhere; every tree whose root names it as parent belongs to it. A root without a parent is its own
 * entry. Nothing is dropped: a chain of parents that bites its own tail is cut open and shown.
 */
import { compareText } from '../merge/heap.js';
import { requestOf, type Request, type RequestList } from './request.js';
import type { Span, SpanDraft } from '../spans/span.js';
import { IdTable } from '../spans/span-ids.js';
import type { SpanStore } from '../spans/span-store.js';
import { judgeSpans, type Evidence } from '../spans/state.js';

const none = -1;

/** The requests of a settled store, newest first; each is judged when it is asked for. */
export class StoredRequests implements RequestList {
  readonly #store: SpanStore;
  readonly #streamOf: Evidence;
  /** By row: the first child, the next of the same parent or of the same request, the parent. */
  readonly #child: Int32Array;
  readonly #next: Int32Array;
  readonly #parent: Int32Array;
  /** The first root of each request, in the order of the list. */
  readonly #heads: Int32Array;

  constructor(store: SpanStore, streamOf: Evidence) {
    this.#store = store;
    this.#streamOf = streamOf;
    this.#child = new Int32Array(store.length).fill(none);
    this.#next = new Int32Array(store.length).fill(none);
    this.#parent = new Int32Array(store.length);
    for (let row = 0; row < store.length; row += 1) this.#parent[row] = store.parentOf(row);
    this.#cutCircles();
    this.#heads = this.#link();
  }

  get length(): number {
    return this.#heads.length;
  }

  at(index: number): Request | undefined {
    const head = this.#heads.at(index);
    return head === undefined ? undefined : this.#build(head);
  }

  *[Symbol.iterator](): Generator<Request, void, undefined> {
    for (const head of this.#heads) {
      const request = this.#build(head);
      if (request !== undefined) yield request;
    }
  }

  /** Attempts of which no stream tells and that are not in flight. */
  countUnseen(): number {
    const tops = new Set<number>();
    for (let row = 0; row < this.#store.length; row += 1) {
      if (this.#child[row] !== none || this.#store.kind(row) !== 'dispatch') continue;
      let top = row;
      for (let up = this.#parent[top] ?? none; up !== none; up = this.#parent[top] ?? none)
        top = up;
      tops.add(top);
    }
    let count = 0;
    for (const top of tops) {
      const all: SpanDraft[] = [];
      judgeSpans([this.#tree(top, all)], this.#streamOf);
      for (const { kind, state, children } of all) {
        if (kind === 'dispatch' && state === 'unknown' && children.length === 0) count += 1;
      }
    }
    return count;
  }

  /** Only circles have no top: the span that was recorded first becomes one. */
  #cutCircles(): void {
    const [parent, store] = [this.#parent, this.#store];
    /** 0: not looked at; else in which walk. */
    const walks = new Int32Array(store.length);
    for (let row = 0; row < store.length; row += 1) {
      const walk = row + 1;
      let at = row;
      while (at !== none && walks[at] === 0) {
        walks[at] = walk;
        at = parent[at] ?? none;
      }
      if (at === none || walks[at] !== walk) continue;
      let first = at;
      for (let on = parent[at] ?? none; on !== at; on = parent[on] ?? none) {
        if (store.compare(on, first) < 0) first = on;
      }
      parent[first] = none;
    }
  }

  #link(): Int32Array {
    const [child, next, parent, store] = [this.#child, this.#next, this.#parent, this.#store];
    const groups = new IdTable();
    const heads: number[] = [];
    // From the last, so that what is put in front ends up in the order of the rows.
    for (let row = store.length - 1; row >= 0; row -= 1) {
      const above = parent[row] ?? none;
      if (above !== none) {
        next[row] = child[above] ?? none;
        child[above] = row;
        continue;
      }
      store.wantGroup(row);
      let group = groups.find();
      if (group === none) group = groups.add();
      const head = heads[group];
      // The earliest root stands for the request.
      if (head === undefined) heads[group] = row;
      else if (store.compare(row, head) <= 0) {
        next[row] = head;
        heads[group] = row;
      } else {
        next[row] = next[head] ?? none;
        next[head] = row;
      }
    }
    const order = (a: number, b: number): number => {
      const byTime = store.compare(b, a);
      return byTime === 0 ? compareText(this.#entryOf(b), this.#entryOf(a)) : byTime;
    };
    return Int32Array.from(heads).sort(order);
  }

  #entryOf(row: number): string {
    const { parentSpanId, spanId } = this.#store.span(row);
    return parentSpanId ?? spanId;
  }

  #build(head: number): Request | undefined {
    const roots: SpanDraft[] = [];
    for (let row = head; row !== none; row = this.#next[row] ?? none) roots.push(this.#tree(row));
    roots.sort(byStart);
    judgeSpans(roots, this.#streamOf);
    return requestOf(roots, this.#streamOf);
  }

  #tree(top: number, all: SpanDraft[] = []): SpanDraft {
    const root = this.#store.span(top);
    const stack = [{ row: top, span: root }];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      all.push(at.span);
      for (let row = this.#child[at.row] ?? none; row !== none; row = this.#next[row] ?? none) {
        const span = this.#store.span(row);
        at.span.children.push(span);
        stack.push({ row, span });
      }
      at.span.children.sort(byStart);
    }
    return root;
  }
}

function byStart(a: Span, b: Span): number {
  return compareText(a.first.hlc, b.first.hlc) || compareText(a.spanId, b.spanId);
}
