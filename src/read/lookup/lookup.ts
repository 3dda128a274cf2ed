/**
 * One request out of a gigabyte: its id is looked for in the bytes, and only the lines that hold it are parsed. What a
 * state needs beyond them is read as well: a request with anything open has the streams it is in read through.
 */
import { join, resolve, sep } from 'node:path';
import {
  correlationIdOf,
  parseCorrelationId,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  traceIdOf,
} from '../../context/index.js';
import type { Remember } from '../../wal/index.js';
import type { Entry, Moment } from '../entry/entry.js';
import { idCache } from './id-cache.js';
import { openStreams, type OpenedJournal } from '../merge/journal.js';
import { findRequests } from '../requests/reference.js';
import type { Request } from '../requests/request.js';
import { Seen } from '../merge/seen.js';
import { SpanStore } from '../spans/span-store.js';
import type { SourceItem } from '../sources/source.js';
import { readStory, storyOf, type Story, type StoryOptions } from '../requests/story.js';
import { StreamReader } from '../merge/stream-reader.js';

/** The requests that a reference names, and the story they were found in. */
export interface Lookup {
  readonly requests: readonly Request[];
  /** As far as it was read: `requests` has those that share an id with what was asked for, `truth` says how far. */
  readonly story: Story;
}

export interface LookupOptions extends StoryOptions {
  /**
   * Keeps there which ids are in which sealed segment, outside the roots, so that the next search need not read them
   * all. May be deleted at any time; never changes an answer. Absent: nothing is written anywhere.
   */
  readonly cacheDirectory?: string | undefined;
  /** Where there is no more than this to search, nothing is kept. Default 1 GiB, which a search reads in a second. */
  readonly uncachedBytesMax?: number | undefined;
}

const uncachedBytesMaxDefault = 1024 ** 3;

/**
 * What `findRequests` finds in the whole story, without reading all of it where an id is given. Throws `RUN_NOT_FOUND`
 * and `RUN_AMBIGUOUS`.
 */
export async function readRequests(options: LookupOptions, reference: string): Promise<Lookup> {
  const needles = needlesOf(reference);
  if (needles.length === 0 || options.at !== undefined) return readAll(options, reference);
  const journal = await openStreams({ ...options, since: undefined });
  if (journal.readers.some(({ source }) => source.search === undefined)) {
    return readAll(options, reference);
  }
  const remember = rememberFor(journal, options);
  for (const needle of needles) {
    const found = await search({ journal, remember }, needle);
    if (found.size === 0) continue;
    const story = await storyOfFound(journal, found);
    return { story, requests: findRequests(story.requests, reference) };
  }
  const story = await storyOfFound(journal, new Map());
  return { story, requests: findRequests(story.requests, reference, searchedOnly) };
}

/** Said with what is not found: a search does not see an id whose own bytes are damaged. */
const searchedOnly =
  '; the streams were searched, not checked: `throughline verify` says whether any is damaged';

function rememberFor(
  { readers }: OpenedJournal,
  {
    roots,
    cacheDirectory,
    uncachedBytesMax = uncachedBytesMaxDefault,
  }: Pick<LookupOptions, 'roots' | 'cacheDirectory' | 'uncachedBytesMax'>,
): Remember | undefined {
  if (cacheDirectory === undefined) return undefined;
  // What a reader writes is never among the streams.
  const directory = resolve(cacheDirectory);
  if (roots.some((root) => `${directory}${sep}`.startsWith(join(resolve(root), sep)))) {
    return undefined;
  }
  let bytes = 0;
  for (const { source } of readers) {
    bytes += source.bytes?.() ?? 0;
    if (bytes > uncachedBytesMax) return idCache(directory);
  }
  return undefined;
}

async function readAll(options: StoryOptions, reference: string): Promise<Lookup> {
  const story = await readStory(options);
  return { story, requests: findRequests(story.requests, reference) };
}

/** What to look for, one after the other until something is found; nothing for a place in the list. */
function needlesOf(reference: string): readonly string[] {
  const carried = parseTraceparent(reference)?.traceId ?? parseTraceId(reference.toLowerCase());
  const correlationId =
    carried === undefined ? parseCorrelationId(reference) : correlationIdOf(carried);
  // A writer of ours writes the one spelling; the other one is somebody else's.
  if (correlationId !== undefined) return [correlationId, traceIdOf(correlationId)];
  const spanId = parseSpanId(reference);
  if (spanId !== undefined) return [`"${spanId}"`];
  const suffix = reference.replace(/^(?:…|\.{3})/, '').toUpperCase();
  return /^[0-9A-HJKMNP-TV-Z]{4,25}$/.test(suffix) ? [`${suffix}"`] : [];
}

type Hits = ReadonlyMap<StreamReader, readonly Entry[]>;

interface Searched {
  readonly journal: OpenedJournal;
  readonly remember: Remember | undefined;
}

async function search(where: Searched, needle: string): Promise<Hits> {
  const found = await searchOnce(where, needle);
  // What was found by a span is part of a correlation id, whose other records do not hold the span.
  if (!needle.startsWith('"')) return found;
  const ids = new Set<string>();
  for (const entries of found.values()) {
    for (const { correlationId } of entries)
      if (correlationId !== undefined) ids.add(correlationId);
  }
  const all = new Map<StreamReader, Entry[]>();
  for (const id of [...ids].slice(0, idsMax)) {
    for (const [reader, entries] of await searchOnce(where, id)) {
      all.set(reader, [...(all.get(reader) ?? []), ...entries]);
    }
  }
  return all;
}

/** A span id is 64 random bits: more ids than this share one only in a journal that was made to. */
const idsMax = 16;

async function searchOnce({ journal, remember }: Searched, needle: string): Promise<Hits> {
  const hits = new Map<StreamReader, Entry[]>();
  const seen = new Seen(journal.readers.map(({ source }) => source.writerId));
  for (const { source } of journal.readers) {
    const reader = new StreamReader(source);
    const entries: Entry[] = [];
    for await (const entry of reader.entries(seen, source.search?.(needle, remember))) {
      if (entry.correlationId !== undefined) entries.push(entry);
    }
    if (entries.length > 0 || reader.stream.faults.length > 0) hits.set(reader, entries);
  }
  return hits;
}

async function storyOfFound(journal: OpenedJournal, found: Hits): Promise<Story> {
  const story = await fold(journal, found, false);
  const isOpen = [...story.requests].some(({ open }) => open > 0) || story.truth.attemptsUnseen > 0;
  // What is open is lost, in flight or unknown by the evidence of whole streams.
  return isOpen
    ? fold(journal, new Map([...found, ...(await witnesses(journal, found))]), true)
    : story;
}

/** Streams in which nothing was found, and which may say of those that hold something that the rest of them is lost. */
async function witnesses(journal: OpenedJournal, found: Hits): Promise<Hits> {
  const places = new Set([...found.keys()].map(({ source }) => placeOf(source)));
  const roles = new Set([...found.keys()].map(({ source }) => source.role));
  const hits = new Map<StreamReader, readonly Entry[]>();
  for (const { source } of journal.readers) {
    if (!roles.has(source.role) || places.has(placeOf(source))) continue;
    const reader = new StreamReader(source);
    const items = source.search?.('"lost_writer_id":"');
    for await (const entry of reader.entries(new Seen([source.writerId]), items)) {
      if (entry.event === 'wal.gap') hits.set(reader, []);
    }
  }
  return hits;
}

function placeOf({ root, writerId }: StreamReader['source']): string {
  return `${root}\n${writerId}`;
}

/** The story of the lines that were found; with `isWhole` their streams are read through and judged. */
async function fold(journal: OpenedJournal, found: Hits, isWhole: boolean): Promise<Story> {
  const store = new SpanStore();
  const readers: StreamReader[] = [];
  let end: Moment | undefined;
  for (const [searched, entries] of found) {
    const reader = new StreamReader(searched.source);
    const items = isWhole ? undefined : endsOf(reader);
    const seen = new Seen([reader.source.writerId]);
    // Only the stream is of interest, what is in it was found.
    for await (const entry of reader.entries(seen, items)) {
      if (end === undefined || entry.at.hlc > end.hlc) end = entry.at;
    }
    if (!isWhole) reader.stream.faults.push(...searched.stream.faults);
    reader.stream.isWhole = isWhole;
    for (const entry of entries) store.add(entry);
    readers.push(reader);
  }
  store.settle();
  const part = journal.part(readers);
  part.conclude();
  const searched = journal.readers.length - readers.length;
  return storyOf({ journal: part, store, end, searched });
}

async function* endsOf({ source }: StreamReader): AsyncGenerator<readonly SourceItem[]> {
  const items = await source.ends?.();
  if (items !== undefined) yield items;
}
