/** The story of several roots: every request with all it caused, and the truth about what was read. */
import type { Moment } from './entry.js';
import { openJournal, type JournalOptions } from './journal.js';
import type { Request } from './request.js';
import { buildRequests } from './requests.js';
import { SpanFold } from './spans.js';
import type { StreamDraft, StreamReport } from './streams.js';
import { truthOf, type Truth } from './truth.js';

export interface Story {
  /** Newest first. */
  readonly requests: readonly Request[];
  readonly streams: readonly StreamReport[];
  readonly truth: Truth;
  /** The last record of all: where the journal ends. */
  readonly end: Moment | undefined;
}

/** Reads all streams of the roots once. Never throws for what is on disk: look at `truth`. */
export async function readStory(options: JournalOptions): Promise<Story> {
  const journal = await openJournal(options);
  const fold = new SpanFold();
  let end: Moment | undefined;
  for await (const item of journal.items()) {
    if (item.kind !== 'entry') continue;
    fold.add(item.entry);
    end = item.entry.at;
  }
  const byPlace = new Map<string, StreamDraft>();
  for (const stream of journal.streams as readonly StreamDraft[]) {
    byPlace.set(placeOf(stream.root, stream.writerId), stream);
  }
  return {
    requests: buildRequests(fold.spans, (span) => byPlace.get(placeOf(span.root, span.writerId))),
    streams: journal.streams,
    truth: truthOf(journal.streams, journal.problems),
    end,
  };
}

function placeOf(root: string, writerId: string): string {
  return `${root}\n${writerId}`;
}
