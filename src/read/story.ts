/** The story of several roots: every request with all it caused, and the truth about what was read. */
import { hlcAt, type Hlc } from '../context/index.js';
import type { Moment } from './entry.js';
import { openJournal, type JournalOptions } from './journal.js';
import type { RequestList } from './request.js';
import { buildRequests } from './requests.js';
import type { Span } from './span.js';
import { SpanFold } from './spans.js';
import type { StreamDraft, StreamReport } from './streams.js';
import { truthOf, type Truth } from './truth.js';

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

/** Reads all streams of the roots once. Never throws for what is on disk: look at `truth`. */
export async function readStory(options: StoryOptions): Promise<Story> {
  const journal = await openJournal(options);
  const fold = new SpanFold();
  const horizon = options.at === undefined ? undefined : hlcAt(options.at);
  let end: Moment | undefined;
  for await (const item of journal.items()) {
    if (item.kind !== 'entry') continue;
    if (horizon !== undefined && item.entry.at.hlc > horizon) continue;
    fold.add(item.entry);
    end = item.entry.at;
  }
  const byPlace = new Map<string, StreamDraft>();
  for (const stream of journal.streams as readonly StreamDraft[]) {
    const seen = horizon === undefined ? stream : asOf(stream, horizon);
    byPlace.set(placeOf(stream.root, stream.writerId), seen);
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

/** The stream as it was when its clock read `horizon`. */
function asOf(stream: StreamDraft, horizon: Hlc): StreamDraft {
  if (stream.last === undefined || stream.last.hlc <= horizon) return stream;
  const writer = { state: 'alive', evidence: `it wrote until ${stream.last.ts}` } as const;
  return { ...stream, sealed: false, writer };
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
