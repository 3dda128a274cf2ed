/** What is exported: the requests that RUN names, or all that match, put together one at a time. */
import type { ExportSource, TableName } from '../../export/index.js';
import {
  openJournal,
  recordFilter,
  truthOf,
  walk,
  type Entry,
  type Journal,
  type RecordFilter,
  type Request,
} from '../../read/index.js';
import { UsageError, type Given } from '../command.js';
import { matchesOf, recordFields, runFields } from '../fields.js';
import { runObject } from '../objects.js';
import { openRequests, openStory, reportProblems, requestsOf, journalOf } from '../open-story.js';
import { filterOf, isPicked } from '../pick.js';

/** What there is to export, and the exit code that its readability asks for; no source: nothing could be read at all. */
export interface Selected {
  readonly source: ExportSource | undefined;
  /** To be asked when all has been written: some of it is known only then. */
  readonly code: () => number;
}

export async function select(given: Given, table: TableName | undefined): Promise<Selected> {
  const references = given.arguments.filter((text) => !text.includes('='));
  const texts = given.arguments.filter((text) => text.includes('='));
  const matches = matchesOf(texts, table === 'records' ? recordFields : runFields);
  const filter = filterOf(given, matches, Date.now());
  const isBounded = filter.since !== undefined || filter.until !== undefined || matches.length > 0;
  if (references.length === 0 && !isBounded) {
    throw new UsageError(
      'what is to be exported? Give RUN, such as @0, or --since TIME for all requests since then',
    );
  }
  if (table === 'records' && references.length === 0) return allRecords(given, filter);
  const { requests, story, code } = await requestsFor(given, references);
  if (story === undefined) return { source: undefined, code: () => code };
  // A record of a request is no row of its own: where records are wanted, FIELD=VALUE is about them.
  const ofRequests = table === 'records' ? { ...filter, matches: [] } : filter;
  const source: ExportSource = {
    requests: picked(requests, ofRequests),
    streams: story.streams,
    truth: story.truth,
    ...(table === undefined ? {} : { table }),
    entries: () => entriesOf(given, requests, filter),
  };
  return { source, code: () => code };
}

async function requestsFor(
  given: Given,
  references: readonly string[],
): Promise<
  Omit<Awaited<ReturnType<typeof openRequests>>, 'requests'> & {
    readonly requests: Iterable<Request>;
  }
> {
  const [first] = references;
  // One in a large root is found without reading all of it.
  if (first !== undefined && references.length === 1) return openRequests(given, first);
  const { story, code } = await openStory(given);
  if (story === undefined) return { requests: [], story, code };
  if (first === undefined) return { requests: story.requests, story, code };
  const found = new Map<string, Request>();
  for (const reference of references) {
    for (const request of requestsOf(story, reference)) {
      found.set(`${request.correlationId} ${request.entrySpanId}`, request);
    }
  }
  return { requests: [...found.values()], story, code };
}

function* picked(requests: Iterable<Request>, filter: RecordFilter): Generator<Request> {
  for (const request of requests) {
    if (isPicked(filter, request, () => runObject(request))) yield request;
  }
}

/** All records of the time that is asked for, also those of no request. Reads once and keeps nothing. */
async function allRecords(given: Given, filter: RecordFilter): Promise<Selected> {
  const journal = await openJournal({ ...journalOf(given), since: filter.since });
  const truth = (): ExportSource['truth'] =>
    truthOf(journal.streams, journal.problems, { notRead: journal.notRead });
  const source: ExportSource = {
    requests: [],
    streams: journal.streams,
    // Complete once all was read.
    get truth() {
      return truth();
    },
    table: 'records',
    entries: () => those(journal, recordFilter(filter)),
  };
  return { source, code: () => reportProblems(given, truth()) };
}

/** The records of these requests; those that say nothing of a span are of none of them. */
async function* entriesOf(
  given: Given,
  requests: Iterable<Request>,
  filter: RecordFilter,
): AsyncGenerator<Entry> {
  const spans = new Set<string>();
  for (const request of requests) {
    for (const { span } of walk(request.roots)) spans.add(`${span.correlationId} ${span.spanId}`);
  }
  const isWanted = recordFilter(filter);
  const journal = await openJournal({ ...journalOf(given), since: filter.since });
  yield* those(
    journal,
    (entry) => spans.has(`${entry.correlationId} ${entry.spanId}`) && isWanted(entry),
  );
}

async function* those(
  journal: Journal,
  isWanted: (entry: Entry) => boolean,
): AsyncGenerator<Entry> {
  for await (const item of journal.items()) {
    if (item.kind === 'entry' && isWanted(item.entry)) yield item.entry;
  }
}
