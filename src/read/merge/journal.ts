/**
 * A pass over all streams of several roots, merged. Opens read-only: it creates, truncates, locks and repairs
 * nothing. What cannot be read is reported beside what can; no fault hides the records around it.
 */
import { resolve } from 'node:path';
import {
  boundedReadPort,
  writerState,
  type HostIdentity,
  type WalRecord,
} from '../../wal/index.js';
import type { Hlc } from '../../context/index.js';
import type { Entry } from '../entry/entry.js';
import { merge, type MergeSource } from './merge.js';
import { nativeSource } from '../sources/native-source.js';
import { Seen } from './seen.js';
import type { Source, SourceItem, StreamSource } from '../sources/source.js';
import { StreamReader } from './stream-reader.js';
import { judgeStream, type StreamDraft, type StreamFault, type StreamReport } from './streams.js';
import type { RootProblem } from './truth.js';

/** What a pass yields: a record in merge order, or a fault between two records of its stream. */
export type JournalItem =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly stream: StreamReport }
  | { readonly kind: 'fault'; readonly fault: StreamFault; readonly stream: StreamReport };

export interface JournalOptions {
  readonly roots: readonly string[];
  /** Streams that are not in a root, beside those that are. */
  readonly sources?: readonly Source[] | undefined;
  /** Who asks whether a writer lives. Default: this process. */
  readonly here?: HostIdentity | undefined;
  /**
   * Microseconds since 1970. A stream whose last record is older is not read but for that record, and counted in
   * `truth.notRead`; of the others everything is.
   */
  readonly since?: number | undefined;
}

/** One pass. `streams` and `problems` are complete once `items()` has been read to its end. */
export interface Journal {
  readonly problems: readonly RootProblem[];
  readonly streams: readonly StreamReport[];
  /** Streams that ended before `since`. */
  readonly notRead: number;
  items(): AsyncGenerator<JournalItem, void, undefined>;
}

/** A journal whose streams can also be read one after the other, by those who need no order among them. */
export interface OpenedJournal extends Journal {
  readonly readers: readonly StreamReader[];
  readonly seen: Seen;
  /** All that was wanted of the streams has been read: judge them. */
  conclude(): void;
  /** The same journal, of these streams alone. */
  part(readers: readonly StreamReader[]): OpenedJournal;
}

/** With more streams than this, each is begun when the merge comes to it. */
const streamsAtOnceMax = 64;

/** Finds the streams. Never throws for what is on disk: an unusable root is a problem in the result. */
export function openJournal(options: JournalOptions): Promise<Journal> {
  return openStreams(options);
}

export async function openStreams(options: JournalOptions): Promise<OpenedJournal> {
  const { since } = options;
  const { streams, problems, notRead: leftOut } = await discover(options);
  const readers: StreamReader[] = [];
  let notRead = leftOut;
  for (const source of streams) {
    const isOver = since !== undefined && (await source.endedBefore?.(since)) === true;
    if (isOver) notRead += 1;
    else readers.push(new StreamReader(source));
  }
  readers.sort((a, b) => (isBefore(a.source, b.source) ? -1 : 1));
  return journalOf(readers, { problems, notRead, here: options.here });
}

function journalOf(
  readers: readonly StreamReader[],
  rest: Pick<Journal, 'problems' | 'notRead'> & Pick<JournalOptions, 'here'>,
): OpenedJournal {
  const seen = new Seen(readers.map(({ source }) => source.writerId));
  const conclude = (): void => {
    for (const { stream } of readers) attributeGaps(stream, readers);
    for (const { source, stream } of readers) judge(stream, source, rest.here);
  };
  return {
    problems: rest.problems,
    streams: readers.map(({ stream }) => stream),
    notRead: rest.notRead,
    readers,
    seen,
    conclude,
    part: (some) => journalOf(some, rest),
    async *items(): AsyncGenerator<JournalItem, void, undefined> {
      for await (const items of merge(await mergeSources(readers), taker(seen))) yield* items;
      conclude();
    },
  };
}

interface Merged extends MergeSource<SourceItem> {
  readonly reader: StreamReader;
}

async function mergeSources(readers: readonly StreamReader[]): Promise<readonly Merged[]> {
  const isMany = readers.length > streamsAtOnceMax;
  const merged: Merged[] = [];
  for (const reader of readers) {
    const { source } = reader;
    merged.push({
      reader,
      source: source.root,
      writer: source.writerId,
      first: isMany ? await source.first?.() : undefined,
      batches: { [Symbol.asyncIterator]: () => source.scan()[Symbol.asyncIterator]() },
      place: (item) => reader.place(item),
    });
  }
  return merged;
}

function taker(
  seen: Seen,
): (
  item: SourceItem,
  from: MergeSource<SourceItem>,
  hlc: Hlc | undefined,
) => JournalItem | undefined {
  return (item, from, hlc) => {
    // The sources are made here: each has its reader.
    const { reader } = from as Merged;
    const { stream } = reader;
    if (item.kind === 'fault' || hlc === undefined) {
      return item.kind === 'fault'
        ? { kind: 'fault', fault: reader.fault(item.fault), stream }
        : undefined;
    }
    const entry = reader.entry(item, hlc);
    if (reader.source.copies !== undefined || seen.isNew(stream.writerId, entry.sequence)) {
      return { kind: 'entry', entry, stream };
    }
    stream.duplicates += 1;
    return undefined;
  };
}

async function discover(options: JournalOptions): Promise<{
  streams: readonly StreamSource[];
  problems: readonly RootProblem[];
  notRead: number;
}> {
  const port = boundedReadPort();
  const roots = new Set(options.roots.map((given) => resolve(given)));
  const sources = [
    ...[...roots].map((root) => nativeSource(root, port)),
    ...(options.sources ?? []),
  ];
  const streams: StreamSource[] = [];
  const problems: RootProblem[] = [];
  let notRead = 0;
  for (const source of sources) {
    const found = await source.list(options.since);
    streams.push(...found.streams);
    problems.push(...found.problems);
    notRead += found.notRead ?? 0;
  }
  return { streams, problems, notRead };
}

function isBefore(a: StreamSource, b: StreamSource): boolean {
  return a.root === b.root ? a.writerId < b.writerId : a.root < b.root;
}

/** A process that lost its stream says so in its next one: what is missing is missing at the end of the lost one. */
function attributeGaps(stream: StreamDraft, readers: readonly StreamReader[]): void {
  for (const lostWriterId of stream.lostWriterIds) {
    const lost = readers.filter((reader) => reader.stream.writerId === lostWriterId);
    for (const reader of lost) reader.stream.gaps.push(reader.stream.floor);
    if (lost.length === 0) stream.gaps.push(stream.first?.hlc ?? stream.floor);
  }
}

function judge(
  stream: StreamDraft,
  { writer }: StreamSource,
  here: HostIdentity | undefined,
): void {
  if (writer !== undefined) {
    judgeStream(stream, writer);
    return;
  }
  if (stream.opened === undefined) {
    judgeStream(stream, { state: 'unknown', evidence: 'the stream has no readable header' });
    return;
  }
  // The header was checked as a line; its fields are looked at with suspicion in there.
  judgeStream(stream, writerState(stream.opened as WalRecord, here));
}
