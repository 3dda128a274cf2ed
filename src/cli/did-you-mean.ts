/** What was probably meant by a word that is none of ours. Pure. */

const editsShare = 3;
const namesMax = 3;
/** Words longer than any name are no typing mistakes, and comparing them costs their length. */
const charsMax = 40;

/** `, did you mean "state"?`, `, did you mean "dev_env" or "env_name"?`, or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const found = nearest(wanted, names).map((name) => `"${name}"`);
  return found.length === 0 ? '' : `, did you mean ${found.join(' or ')}?`;
}

/**
 * The nearest first, if any is near: those that are one typing mistake away, else those of which the word is a part
 * (`event` of `event_type`), else those a few mistakes away.
 */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const word = wanted.toLowerCase();
  if (word.length > charsMax) return [];
  const editsMax = Math.max(1, Math.floor(word.length / editsShare));
  const typed = names
    .map((name) => ({ name, edits: editsBetween(word, name.toLowerCase()) }))
    .filter(({ edits }) => edits <= editsMax && edits < word.length)
    .toSorted((a, b) => a.edits - b.edits);
  const best = typed[0]?.edits ?? Infinity;
  if (best <= 1) return typed.filter(({ edits }) => edits === best).map(({ name }) => name);
  const longer = names.filter((name) => isPart(word, name));
  const found = longer.length > 0 ? longer : typed.map(({ name }) => name);
  return found.slice(0, namesMax);
}

function isPart(word: string, name: string): boolean {
  return (
    word !== '' &&
    `_${name.replaceAll(/[. -]/g, '_')}_`.includes(`_${word.replaceAll(/[. -]/g, '_')}_`)
  );
}

/** How many characters must be put in, taken out, replaced or swapped with the next one. */
function editsBetween(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const kept = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : kept;
      now.push(Math.min(kept, swapped, (last[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, now];
  }
  return last[b.length] ?? 0;
}
