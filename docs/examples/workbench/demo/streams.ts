/** Everything the streams of some roots say, in merged order. */
import { openJournal, type Entry } from 'throughline/read';

export async function readEntries(roots: readonly string[]): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const journal = await openJournal({ roots });
  for await (const item of journal.items()) if (item.kind === 'entry') entries.push(item.entry);
  return entries;
}
