/**
 * A pass over all streams of several roots, merged. Opens read-only: it creates, truncates, locks and repairs
 * nothing. What cannot be read is reported beside what can; no fault hides the records around it.
 */
import { resolve } from 'node:path';
import {
  listStreams,
  readPruned,
  readStream,
  writerState,
  type Fault,
  type HostIdentity,
  type ScanItem,
  type StreamRef,
  type WalRecord,
} from '../wal/index.js';
import type { Hlc } from '../context/index.js';
import { entryOf, type Entry } from './entry.js';
import { merge, type MergeSource } from './merge.js';
import {
  addToStream,
  judgeStream,
  streamDraft,
  type StreamDraft,
  type StreamFault,
  type StreamReport,
} from './streams.js';
import type { RootProblem } from './truth.js';

/** What a pass yields: a record in merge order, or a fault between two records of its stream. */
export type JournalItem =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly stream: StreamReport }
  | { readonly kind: 'fault'; readonly fault: StreamFault; readonly stream: StreamReport };

export interface JournalOptions {
  readonly roots: readonly string[];
  /** Who asks whether a writer lives. Default: this process. */
  readonly here?: HostIdentity;
}

/** One pass. `streams` and `problems` are complete once `items()` has been read to its end. */
export interface Journal {
  readonly problems: readonly RootProblem[];
  readonly streams: readonly StreamReport[];
  items(): AsyncGenerator<JournalItem, void, undefined>;
}

type Scanned =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly stream: StreamDraft }
  | { readonly kind: 'fault'; readonly fault: StreamFault; readonly stream: StreamDraft };

/** Finds the streams. Never throws for what is on disk: an unusable root is a problem in the result. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { streams, problems } = await discover(options.roots);
  return {
    problems,
    streams: streams.map(({ draft }) => draft),
    async *items(): AsyncGenerator<JournalItem, void, undefined> {
      // By writer, not by file: the same stream in two roots is one stream and its copy.
      const read = new Map<string, number>();
      for await (const item of merge(streams.map(sourceOf))) {
        if (item.kind === 'entry') {
          const { writerId, sequence } = item.entry;
          if (sequence > 0 && sequence <= (read.get(writerId) ?? 0)) {
            item.stream.duplicates += 1;
            continue;
          }
          read.set(writerId, sequence);
        }
        yield item;
      }
      for (const { draft } of streams) attributeGaps(draft, streams);
      for (const { draft } of streams) judge(draft, options.here);
    },
  };
}

interface Found {
  readonly ref: StreamRef;
  readonly draft: StreamDraft;
  /** Files of it that retention removed and said so. */
  readonly pruned: ReadonlySet<string> | undefined;
}

async function discover(
  roots: readonly string[],
): Promise<{ streams: readonly Found[]; problems: readonly RootProblem[] }> {
  const streams: Found[] = [];
  const problems: RootProblem[] = [];
  for (const root of new Set(roots.map((given) => resolve(given)))) {
    try {
      const refs = await listStreams(root);
      if (refs.length === 0) problems.push({ root, message: `${root} holds no streams` });
      const pruned = await readPruned(refs);
      for (const ref of refs) {
        streams.push({ ref, draft: streamDraft(ref), pruned: pruned.get(ref.writerId) });
      }
    } catch (error) {
      problems.push({ root, message: explain(error, root) });
    }
  }
  return { streams, problems };
}

function explain(error: unknown, root: string): string {
  const { cause, message } = error as { cause?: { code?: unknown }; message?: unknown };
  if (cause?.code === 'ENOTDIR') return `${root} is not a directory`;
  return typeof message === 'string' ? message : String(error);
}

function sourceOf({ ref, draft, pruned }: Found): MergeSource<Scanned> {
  return {
    source: ref.root,
    writer: ref.writerId,
    items: scan(ref, draft, pruned),
    place: (item) => (item.kind === 'entry' ? item.entry.at.hlc : undefined),
  };
}

/** One stream's items. An error while reading ends this stream, not the pass. */
async function* scan(
  ref: StreamRef,
  stream: StreamDraft,
  pruned: Found['pruned'],
): AsyncGenerator<Scanned> {
  try {
    for await (const item of readStream(ref, { pruned })) yield take(item, ref, stream);
  } catch (error) {
    const fault: StreamFault = {
      verdict: 'UNREADABLE',
      file: ref.directory,
      offset: 0,
      message: error instanceof Error ? error.message : String(error),
      after: stream.floor,
    };
    stream.faults.push(fault);
    yield { kind: 'fault', fault, stream };
  }
}

function take(item: ScanItem, ref: StreamRef, stream: StreamDraft): Scanned {
  if (item.kind === 'record') {
    const entry = entryOf(item.record, {
      root: ref.root,
      writerId: ref.writerId,
      file: item.file,
      offset: item.offset,
      acknowledged: item.acknowledged,
      floor: stream.floor,
    });
    addToStream(stream, entry);
    return { kind: 'entry', entry, stream };
  }
  const fault = faultOf(item.fault, stream.floor);
  stream.faults.push(fault);
  if (fault.verdict === 'DUP') stream.duplicates += 1;
  return { kind: 'fault', fault, stream };
}

function faultOf(fault: Fault, after: Hlc): StreamFault {
  const { verdict, file, offset, message, bytes, sequenceFrom, sequenceTo } = fault;
  return {
    verdict,
    file,
    offset,
    message,
    ...(bytes === undefined ? {} : { bytes }),
    ...(sequenceFrom === undefined ? {} : { sequenceFrom }),
    ...(sequenceTo === undefined ? {} : { sequenceTo }),
    after,
  };
}

/** A process that lost its stream says so in its next one: what is missing is missing at the end of the lost one. */
function attributeGaps(stream: StreamDraft, streams: readonly Found[]): void {
  for (const lostWriterId of stream.lostWriterIds) {
    const lost = streams.filter(({ draft }) => draft.writerId === lostWriterId);
    for (const { draft } of lost) draft.gaps.push(draft.floor);
    if (lost.length === 0) stream.gaps.push(stream.first?.hlc ?? stream.floor);
  }
}

function judge(stream: StreamDraft, here: HostIdentity | undefined): void {
  if (stream.opened === undefined) {
    judgeStream(stream, { state: 'unknown', evidence: 'the stream has no readable header' });
    return;
  }
  // The header was checked as a line; its fields are looked at with suspicion in there.
  judgeStream(stream, writerState(stream.opened as WalRecord, here));
}
