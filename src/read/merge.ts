/**
 * The merge of many streams into one order: (hlc, source, writer, sequence). Deterministic whatever order the streams
 * were found in, and streaming: one record per stream is held. Faults come out in place, between the records of their
 * own stream; no fault ends the merge. Nothing here opens a file.
 */
import type { Hlc } from '../context/index.js';

/**
 * One stream: its items in the order of their sequence. `place` is `undefined` for what has no place of its own in the
 * order, such as a fault, and comes out where it stands.
 */
export interface MergeSource<Item> {
  /** The root the stream was found in. */
  readonly source: string;
  readonly writer: string;
  readonly items: AsyncIterable<Item>;
  place(item: Item): Hlc | undefined;
}

interface Head<Item> {
  readonly from: MergeSource<Item>;
  readonly iterator: AsyncIterator<Item>;
  readonly item: Item;
  readonly hlc: Hlc;
}

/** Merges the sources. Each source's own order is kept even where its clock runs backwards. */
export async function* merge<Item>(
  sources: readonly MergeSource<Item>[],
): AsyncGenerator<Item, void, undefined> {
  const heap: Head<Item>[] = [];
  const iterators: AsyncIterator<Item>[] = [];
  try {
    for (const from of [...sources].sort(compareSources)) {
      const iterator = from.items[Symbol.asyncIterator]();
      iterators.push(iterator);
      const head = yield* advance(from, iterator);
      if (head !== undefined) push(heap, head);
    }
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      yield top.item;
      const next = yield* advance(top.from, top.iterator);
      if (next === undefined) {
        const last = heap.pop();
        if (heap.length > 0 && last !== undefined) heap[0] = last;
      } else {
        heap[0] = next;
      }
      sink(heap, 0);
    }
  } finally {
    // A reader that stops early must not leave files open.
    for (const iterator of iterators) await iterator.return?.();
  }
}

/** The next item that has a place in the order; what has none comes out on the way. */
async function* advance<Item>(
  from: MergeSource<Item>,
  iterator: AsyncIterator<Item>,
): AsyncGenerator<Item, Head<Item> | undefined, undefined> {
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return undefined;
    const hlc = from.place(next.value);
    if (hlc !== undefined) return { from, iterator, item: next.value, hlc };
    yield next.value;
  }
}

function compareSources(a: MergeSource<unknown>, b: MergeSource<unknown>): number {
  return compareText(a.source, b.source) || compareText(a.writer, b.writer);
}

/** Of one stream only one item is in the heap at a time, so the sequence need not be compared. */
function compareHeads(a: Head<unknown>, b: Head<unknown>): number {
  return compareText(a.hlc, b.hlc) || compareSources(a.from, b.from);
}

/** By code unit, as clock readings and ids sort; never by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function push<Item>(heap: Head<Item>[], head: Head<Item>): void {
  heap.push(head);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!swapIfAfter(heap, parent, at)) return;
    at = parent;
  }
}

function sink<Item>(heap: Head<Item>[], from: number): void {
  let at = from;
  for (;;) {
    const left = at * 2 + 1;
    const right = left + 1;
    const [leftHead, rightHead] = [heap[left], heap[right]];
    if (leftHead === undefined) return;
    const child = rightHead !== undefined && compareHeads(rightHead, leftHead) < 0 ? right : left;
    if (!swapIfAfter(heap, at, child)) return;
    at = child;
  }
}

/** Swaps parent and child when the parent belongs after the child; says whether it did. */
function swapIfAfter<Item>(heap: Head<Item>[], parent: number, child: number): boolean {
  const [above, below] = [heap[parent], heap[child]];
  if (above === undefined || below === undefined || compareHeads(above, below) <= 0) return false;
  heap[parent] = below;
  heap[child] = above;
  return true;
}
