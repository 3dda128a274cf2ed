/**
 * The merge of many streams into one order: (hlc, source, writer, sequence). Deterministic whatever order the streams
 * were found in, and streaming: one batch per stream that is under way is held. Faults come out in place, between the
 * records of their own stream; no fault ends the merge. Nothing here opens a file.
 */
import { hlcAt, type Hlc } from '../../context/index.js';
import { compareText, Heap } from './heap.js';

/**
 * One stream: its items in the order of their sequence, some at a time. `place` is `undefined` for what has no place of
 * its own in the order, such as a fault, and comes out where it stands.
 */
export interface MergeSource<Item> {
  /** The root the stream was found in. */
  readonly source: string;
  readonly writer: string;
  /** Nothing of it comes before this: until then it is not begun. */
  readonly first?: Hlc | undefined;
  /** An item is good until the next batch is asked for. */
  readonly batches: AsyncIterable<readonly Item[]>;
  place(item: Item): Hlc | undefined;
}

/** What is made of an item when its turn has come; `undefined` leaves it out. */
export type Take<Item, Out> = (
  item: Item,
  from: MergeSource<Item>,
  hlc: Hlc | undefined,
) => Out | undefined;

/** So many are handed on at once. */
const outMax = 256;

class Head<Item> {
  readonly from: MergeSource<Item>;
  /** Of the sources in their order: settles which of two equal readings is first. */
  readonly rank: number;
  readonly iterator: AsyncIterator<readonly Item[]>;
  batch: readonly Item[] = [];
  at = -1;
  /** The reading of the current item: never below that of the item before. */
  hlc: Hlc = hlcAt(0);

  constructor(from: MergeSource<Item>, rank: number) {
    this.from = from;
    this.rank = rank;
    this.iterator = from.batches[Symbol.asyncIterator]();
  }
}

/** Merges the sources. Each source's own order is kept even where its clock runs backwards. */
export async function* merge<Item, Out>(
  sources: readonly MergeSource<Item>[],
  take: Take<Item, Out>,
): AsyncGenerator<readonly Out[], void, undefined> {
  const waiting = inOrderOfBeginning(sources);
  const heap = new Heap<Head<Item>>(
    (a, b) => a.hlc < b.hlc || (a.hlc === b.hlc && a.rank < b.rank),
  );
  const begun = new Set<Head<Item>>();
  let out: Out[] = [];
  const hand = (item: Item, head: Head<Item>, hlc?: Hlc): void => {
    const made = take(item, head.from, hlc);
    if (made !== undefined) out.push(made);
  };
  try {
    for (;;) {
      // What may come before, or equal, is begun before anything more is handed on.
      for (let next = waiting.at(-1); next !== undefined; next = waiting.at(-1)) {
        if (
          heap.top !== undefined &&
          next.from.first !== undefined &&
          next.from.first > heap.top.hlc
        )
          break;
        waiting.pop();
        const head = new Head(next.from, next.rank);
        begun.add(head);
        if (await advance(head, hand)) heap.push(head);
        else begun.delete(head);
      }
      const { top } = heap;
      if (top === undefined) break;
      hand(top.batch[top.at] as Item, top, top.hlc);
      if (step(top, hand) || (await advance(top, hand))) heap.sinkTop();
      else {
        heap.pop();
        begun.delete(top);
      }
      if (out.length >= outMax) {
        yield out;
        out = [];
      }
    }
    if (out.length > 0) yield out;
  } finally {
    // A reader that stops early must not leave files open.
    for (const { iterator } of begun) await iterator.return?.();
  }
}

type Hand<Item> = (item: Item, head: Head<Item>) => void;

/** On to the next item of the batch that has a place; what has none is handed on by the way. */
function step<Item>(head: Head<Item>, hand: Hand<Item>): boolean {
  for (head.at += 1; head.at < head.batch.length; head.at += 1) {
    const item = head.batch[head.at] as Item;
    const hlc = head.from.place(item);
    if (hlc !== undefined) {
      if (hlc > head.hlc) head.hlc = hlc;
      return true;
    }
    hand(item, head);
  }
  return false;
}

/** On to the next batch; false when there is none. */
async function advance<Item>(head: Head<Item>, hand: Hand<Item>): Promise<boolean> {
  for (;;) {
    const next = await head.iterator.next();
    if (next.done === true) return false;
    head.batch = next.value;
    head.at = -1;
    if (step(head, hand)) return true;
  }
}

/** The last is begun first. */
function inOrderOfBeginning<Item>(
  sources: readonly MergeSource<Item>[],
): { readonly from: MergeSource<Item>; readonly rank: number }[] {
  return [...sources]
    .sort((a, b) => compareText(a.source, b.source) || compareText(a.writer, b.writer))
    .map((from, rank) => ({ from, rank }))
    .sort((a, b) => compareText(b.from.first ?? '', a.from.first ?? '') || b.rank - a.rank);
}
