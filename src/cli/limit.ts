/** `-n`: how much of a list is shown, and the sentence that says that there is more. */
import { UsageError, type Given } from './command.js';

const limitDefault = 200;

/** The limit that was given; `all` is none. Throws `UsageError`. */
export function limitOf(given: Given): number {
  const value = given.value('limit');
  if (value === undefined) return limitDefault;
  if (value === 'all') return Number.POSITIVE_INFINITY;
  // More digits are no number that a computer counts to.
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new UsageError(`--limit is a number from 1 on, or "all", not "${value}"`);
}

export interface Limited<Item> {
  readonly items: readonly Item[];
  /** How many there are, shown or not. */
  readonly count: number;
  /** Empty when everything is shown. */
  readonly note: string;
}

/** The first of a list that has the newest first, of those that are asked for. The others are looked at and let go. */
export function newest<Item>(
  all: Iterable<Item>,
  limit: number,
  isAsked: (item: Item) => boolean = () => true,
): Limited<Item> {
  const items: Item[] = [];
  let count = 0;
  for (const item of all) {
    if (!isAsked(item)) continue;
    count += 1;
    if (items.length < limit) items.push(item);
  }
  return { items, count, note: limitNote(items.length, count) };
}

/** `the newest 200 of 7000 are shown (-n all shows all)`. */
export function limitNote(shown: number, of: number): string {
  return shown === of ? '' : `the newest ${shown} of ${of} are shown (-n all shows all)`;
}
