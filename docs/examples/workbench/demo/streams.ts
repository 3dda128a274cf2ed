/** What the streams of a root say, in merged order. */
import { openJournal, type Entry } from 'throughline/read';

export interface Streams {
  readonly root: string;
  /** Everything that was written since `watchStreams`. */
  readonly read: () => Promise<readonly Entry[]>;
}

/** Looks at what is written from now on: the root may hold streams of an earlier demo. */
export async function watchStreams(root: string): Promise<Streams> {
  const earlier = new Set((await readAll(root)).map((entry) => entry.writerId));
  return {
    root,
    read: async () => (await readAll(root)).filter((entry) => !earlier.has(entry.writerId)),
  };
}

async function readAll(root: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const journal = await openJournal({ roots: [root] });
  for await (const item of journal.items()) if (item.kind === 'entry') entries.push(item.entry);
  return entries;
}
