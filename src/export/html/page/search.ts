/** Which spans somebody looks for. Pure. */
import type { PageRequest, PageSpan } from './model.js';
import { errorText, stateWord, titleText, traceIdOf, viaText } from './words.js';

/** Every word has to be found: in the name, the state, an error or a path, or as the end of an id. */
export function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

const texts = new WeakMap<PageSpan, string>();

export function isMatch(span: PageSpan, words: readonly string[]): boolean {
  let text = texts.get(span);
  if (text === undefined) {
    const { more, writer, state } = span;
    const paths = more.effects?.map(([change, path]) => `${change} ${path}`) ?? [];
    const parts = [titleText(span), stateWord(state), errorText(span), writer, ...paths];
    text = [...parts, more.why ?? '', more.run ?? ''].join('\n').toLowerCase();
    texts.set(span, text);
  }
  return words.every((word) => text.includes(word) || span.id.endsWith(word));
}

/** The spans of a request that are looked for; all of them where the request itself is. */
export function matchesOf(request: PageRequest, words: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (const span of request.spans) if (isMatch(span, words)) found.push(span.index);
  return found;
}

/** What was asked for, by whom, and its ids. */
export function isRequestMatch({ wire }: PageRequest, words: readonly string[]): boolean {
  const text = `${wire.what}\n${viaText(wire)}\n${stateWord(wire.state)}`.toLowerCase();
  const ids = [wire.id.toLowerCase(), traceIdOf(wire.id), wire.entry];
  return words.every((word) => text.includes(word) || ids.some((id) => id.endsWith(word)));
}

const wrong: ReadonlySet<string> = new Set(['failed', 'rejected', 'cancelled', 'lost', 'unknown']);

/** Failed, rejected or cancelled; or open with nobody left to end it. */
export function isWrong({ state, kind, more }: PageSpan): boolean {
  if (state === 'unknown') return more.open === 1;
  return wrong.has(state) && kind !== 'dispatch';
}
