/** The story of several roots: every request with all it caused, and the truth about what was read. */
import type { Moment } from './entry.js';
import { openJournal, type JournalOptions } from './journal.js';
import type { Request } from './request.js';
import { buildRequests } from './requests.js';
import type { Span } from './span.js';
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
  const requests = buildRequests(fold.spans, (span) =>
    byPlace.get(placeOf(span.root, span.writerId)),
  );
  return {
    requests,
    streams: journal.streams,
    truth: truthOf(journal.streams, journal.problems, countUnseen(fold.spans.values())),
    end,
  };
}

function countUnseen(spans: Iterable<Span>): number {
  let count = 0;
  for (const { kind, state, children } of spans) {
    if (kind === 'dispatch' && state !== 'in_flight' && children.length === 0) count += 1;
  }
  return count;
}

function placeOf(root: string, writerId: string): string {
  return `${root}\n${writerId}`;
}
