/** A page of a list. A cursor is the key of the last item that was shown: exact also when items came meanwhile. */
import { AgentError, type Call } from './call.js';
import { shown } from './parameters.js';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** How many there are after the page. */
  readonly after: number;
  /** To go on behind it; `undefined` when nothing is left. */
  readonly cursor: string | undefined;
}

export function pageOf<Item>(
  all: readonly Item[],
  options: {
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly keyOf: (item: Item) => string;
  },
): Page<Item> {
  const { limit, cursor, keyOf } = options;
  let from = 0;
  if (cursor !== undefined) {
    from = all.findIndex((item) => keyOf(item) === cursor) + 1;
    if (from === 0) throw staleCursor(cursor);
  }
  const items = all.slice(from, from + limit);
  const after = Math.max(0, all.length - from - items.length);
  const last = items.at(-1);
  return { items, after, cursor: after === 0 || last === undefined ? undefined : keyOf(last) };
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
