/**
 * A page of a list: so many items, and no more bytes than an answer may have. A cursor is the key of the last item that
 * was shown: exact also when items came meanwhile.
 */
import { AgentError, type Call } from './error.js';
import { shown } from './parameters.js';
import { Untrusted } from './untrusted.js';

/** The item that does not fit begins the next page. */
export const pageBytesMax: number = 48 * 1024;
/** Of the texts of an item that is too large alone. */
const smallTextBytesMax = 128;

/** How an item is shown; what it quotes goes through `words`. */
export type Show<Item> = (item: Item, words: Untrusted) => object;

export interface Page<Item> {
  /** As they are shown. */
  readonly items: readonly object[];
  readonly first: Item | undefined;
  /** To go on behind it; `undefined` when nothing is left. */
  readonly cursor: string | undefined;
  /** Phrases for `omitted`. */
  readonly omitted: readonly string[];
}

export function pageOf<Item>(
  all: readonly Item[],
  options: {
    /** What one of them is called. */
    readonly noun: string;
    readonly limit: number | undefined;
    readonly cursor: string | undefined;
    readonly keyOf: (item: Item) => string;
    readonly show: Show<Item>;
  },
): Page<Item> {
  const { noun, limit = 1, cursor, keyOf, show } = options;
  let from = 0;
  if (cursor !== undefined) {
    from = all.findIndex((item) => keyOf(item) === cursor) + 1;
    if (from === 0) throw staleCursor(cursor);
  }
  const words = new Untrusted();
  const items = fitting(all.slice(from, from + limit), show, words);
  const after = all.length - from - items.length;
  const last = all[from + items.length - 1];
  return {
    items,
    first: all[from],
    cursor: after === 0 || last === undefined ? undefined : keyOf(last),
    omitted: [...more(after, noun), ...words.omitted()],
  };
}

/** As many of the items as fit, but at least one. */
export function fitting<Item>(
  all: readonly Item[],
  show: Show<Item>,
  words: Untrusted,
): readonly object[] {
  const items: object[] = [];
  let left = pageBytesMax;
  for (const item of all) {
    const before = words.cuts;
    let shownItem = show(item, words);
    let bytes = Buffer.byteLength(JSON.stringify(shownItem));
    if (bytes > left) {
      words.cuts = before;
      if (items.length > 0) break;
      const few = new Untrusted(smallTextBytesMax);
      shownItem = show(item, few);
      words.cuts += few.cuts;
      bytes = left;
    }
    items.push(shownItem);
    left -= bytes;
  }
  return items;
}

export function staleCursor(cursor: string): AgentError {
  return new AgentError(
    `cursor ${shown(cursor)} is not one that this call gave, or what it stood behind is gone: leave it out to begin again`,
  );
}

/** The same call, behind the page; nothing when nothing is left. */
export function nextPage(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  cursor: string | undefined,
): readonly Call[] {
  return cursor === undefined ? [] : [{ tool, arguments: { ...given, cursor } }];
}

/** `30 more runs`. */
export function more(count: number, noun: string): readonly string[] {
  return count === 0 ? [] : [`${count} more ${noun}${count === 1 ? '' : 's'}`];
}
