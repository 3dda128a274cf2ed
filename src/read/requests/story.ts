/** The story of several roots: every request with all it caused, and the truth about what was read. */
import { hlcAt, type Hlc } from '../../context/index.js';
import type { Moment } from '../entry/entry.js';
import { openStreams, type JournalOptions, type OpenedJournal } from '../merge/journal.js';
import type { RequestList } from './request.js';
import { StoredRequests } from './requests.js';
import { SpanStore } from '../spans/span-store.js';
import type { StreamDraft, StreamReport } from '../merge/streams.js';
import { truthOf, type Truth } from '../merge/truth.js';

export interface Story {
  /** Newest first. */
  readonly requests: RequestList;
  readonly streams: readonly StreamReport[];
  readonly truth: Truth;
  /** The last record of all: where the journal ends. */
  readonly end: Moment | undefined;
}

export interface StoryOptions extends JournalOptions {
  /**
   * The story as of then, in microseconds since 1970 by the records' clocks: what was recorded later has not happened,
   * and whoever recorded it was alive. `truth` is of all that was read.
   */
  readonly at?: number | undefined;
}

/** Reads all streams of the roots once, one after the other. Never throws for what is on disk: look at `truth`. */
export async function readStory(options: StoryOptions): Promise<Story> {
  const journal = await openStreams(options);
  const store = new SpanStore();
  const horizon = options.at === undefined ? undefined : hlcAt(options.at);
  let end: Moment | undefined;
  for (const reader of journal.readers) {
    for await (const entry of reader.entries(journal.seen)) {
      if (horizon !== undefined && entry.at.hlc > horizon) continue;
      store.add(entry);
      if (end === undefined || entry.at.hlc >= end.hlc) end = entry.at;
    }
  }
  store.settle();
  journal.conclude();
  return storyOf({ journal, store, horizon, end });
}

/** What was read, as a story. */
export function storyOf(parts: {
  readonly journal: OpenedJournal;
  readonly store: SpanStore;
  readonly horizon?: Hlc | undefined;
  readonly end: Moment | undefined;
  /** Streams that were searched only. */
  readonly searched?: number | undefined;
}): Story {
  const { journal, store, horizon, end, searched = 0 } = parts;
  const byPlace = new Map<string, StreamDraft>();
  for (const { stream } of journal.readers) {
    const seen = horizon === undefined ? stream : asOf(stream, horizon);
    byPlace.set(placeOf(stream.root, stream.writerId), seen);
  }
  const requests = new StoredRequests(store, (span) =>
    byPlace.get(placeOf(span.root, span.writerId)),
  );
  const { streams, problems, notRead } = journal;
  const counts = { attemptsUnseen: requests.countUnseen(), notRead, searched };
  const truth = truthOf(streams, problems, counts);
  return { requests, streams, truth, end };
}

/** The stream as it was when its clock read `horizon`. */
function asOf(stream: StreamDraft, horizon: Hlc): StreamDraft {
  if (stream.last === undefined || stream.last.hlc <= horizon) return stream;
  const writer = { state: 'alive', evidence: `it wrote until ${stream.last.ts}` } as const;
  return { ...stream, sealed: false, writer };
}

function placeOf(root: string, writerId: string): string {
  return `${root}\n${writerId}`;
}
