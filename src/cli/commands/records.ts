/**
 * `throughline records [RUN]`: the merged records in causal order, with the faults where they stand. Holds what it
 * prints, which `-n` bounds, and nothing else.
 */
import {
  follow,
  Newest,
  openJournal,
  recordFilter,
  truthOf,
  walk,
  type Entry,
  type FollowItem,
  type Journal,
  type JournalItem,
  type Request,
} from '../../read/index.js';
import { exitCode, UsageError, type Given } from '../command.js';
import { matchesOf, recordFields } from '../fields.js';
import { stopOnSignal } from '../follow-story.js';
import { jsonLine } from '../json.js';
import { limitNote, limitOf } from '../limit.js';
import { recordObject } from '../objects.js';
import {
  isEmpty,
  journalOf,
  openRequests,
  reportProblems,
  reportTruth,
  rootsOf,
  timeStyle,
} from '../open-story.js';
import { filterOf } from '../pick.js';
import { finecodePlaces } from '../places.js';
import { withProgress } from '../progress.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { shortId, shortWriter } from '../render/words.js';
import { line, print } from '../text.js';
import { dayTime, type TimeStyle } from '../times.js';

type IsWanted = (item: Exclude<FollowItem, { kind: 'caught_up' }> | JournalItem) => boolean;

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const limit = limitOf(given);
  const { reference, matches } = argumentsOf(given);
  if (given.value('cursor') !== undefined && !given.flag('follow')) {
    throw new UsageError('--cursor says where to go on following: it needs -f');
  }
  const asked = filterOf(given, matchesOf(matches, recordFields), Date.now());
  const filter = recordFilter(asked);
  let spans: ReadonlySet<string> | undefined;
  if (reference !== undefined) {
    // Two passes, so that what is printed need not be held.
    const { requests, story, code } = await openRequests(given, reference);
    if (story === undefined) return code;
    spans = spansOf(requests);
  }
  // A fault is shown where it stands, but not among records that were picked: there it would seem to be of them.
  const isPicking = spans !== undefined || matches.length > 0;
  const isWanted: IsWanted = (item) =>
    item.kind === 'fault'
      ? !isPicking
      : filter(item.entry) && (spans === undefined || spans.has(keyOf(item.entry)));
  if (given.flag('follow')) return followOn(given, { isWanted, limit });
  const journal = await openJournal({ ...journalOf(given), since: asked.since });
  const { count, shown, isCut } = await printThose(journal, given, { isWanted, limit });
  const truth = truthOf(journal.streams, journal.problems, { notRead: journal.notRead });
  const note = limitNote(shown, count);
  // With a RUN the first pass has said what could not be read.
  const code = spans === undefined ? reportProblems(given, truth) : codeOf(truth.problems.length);
  if (given.flag('json')) {
    reportTruth(truth, note);
  } else if (!isEmpty(truth)) {
    const streams = isPicking || isCut ? journal.streams : [];
    print(truthLines({ streams, truth }, plural(count, 'record'), note));
  }
  return code;
});

function codeOf(problems: number): number {
  return problems > 0 ? exitCode.unreadable : exitCode.ok;
}

/** RUN, if there is one, and then the matches. */
function argumentsOf(given: Given): {
  readonly reference: string | undefined;
  readonly matches: readonly string[];
} {
  const [first, ...rest] = given.arguments;
  return first === undefined || first.includes('=')
    ? { reference: undefined, matches: given.arguments }
    : { reference: first, matches: rest };
}

interface Wanted {
  readonly isWanted: IsWanted;
  readonly limit: number;
}

/** Prints as it reads where there is no limit; else the newest, once everything was read. */
async function printThose(
  journal: Journal,
  given: Given,
  { isWanted, limit }: Wanted,
): Promise<{ readonly count: number; readonly shown: number; readonly isCut: boolean }> {
  const kept = Number.isFinite(limit) ? new Newest<JournalItem>(limit) : undefined;
  let count = 0;
  await withProgress(async () => {
    for await (const item of journal.items()) {
      if (!isWanted(item)) continue;
      if (item.kind === 'entry') count += 1;
      if (kept === undefined) printItem(item, given);
      else kept.add(item);
    }
  });
  const items = kept?.items() ?? [];
  for (const item of items) printItem(item, given);
  const shown = kept === undefined ? count : items.filter(({ kind }) => kind === 'entry').length;
  return { count, shown, isCut: (kept?.dropped ?? 0) > 0 };
}

/** The newest of what is there, and then what is recorded from now on; or what is behind a cursor. Until Ctrl-C. */
async function followOn(given: Given, { isWanted, limit }: Wanted): Promise<number> {
  if (finecodePlaces(given).length > 0) {
    throw new UsageError(
      'records -f follows what throughline records: leave out -f for the records of FineCode’s WAL, or take runs -f or inflight -f, which read it again and again',
    );
  }
  const stop = stopOnSignal();
  const cursor = given.value('cursor');
  let kept = cursor === undefined ? new Newest<FollowItem>(limit) : undefined;
  try {
    const roots = rootsOf(given);
    for await (const item of follow({ roots, cursor, from: 'start', signal: stop.signal })) {
      if (item.kind === 'caught_up') {
        for (const one of kept?.items() ?? []) if (one.kind !== 'caught_up') printItem(one, given);
        kept = undefined;
      } else if (isWanted(item)) {
        if (kept === undefined) printItem(item, given);
        else kept.add(item);
      }
    }
  } finally {
    stop.end();
  }
  return exitCode.ok;
}

function spansOf(requests: readonly Request[]): ReadonlySet<string> {
  const spans = new Set<string>();
  for (const request of requests) {
    for (const { span } of walk(request.roots)) spans.add(`${span.correlationId} ${span.spanId}`);
  }
  return spans;
}

function keyOf({ correlationId, spanId }: Entry): string {
  return `${correlationId} ${spanId}`;
}

function printItem(
  item: Exclude<FollowItem, { kind: 'caught_up' }> | JournalItem,
  given: Given,
): void {
  if (given.flag('json')) {
    // Faults are on the truth line; stdout holds records.
    if (item.kind === 'entry') print([jsonLine('record/1', objectOf(item))]);
    return;
  }
  if (item.kind === 'entry') {
    const late = 'isLate' in item && item.isLate ? '  (late)' : '';
    print([`${recordLine(item.entry, timeStyle(given))}${late}`]);
    return;
  }
  const { verdict, file, offset, message } = item.fault;
  print([
    line(
      { text: '! ', style: 'red' },
      `${shortWriter(item.stream.writerId)}: ${verdict} ${file}:${offset}: ${message}`,
    ),
  ]);
}

/** Of a record that is followed also how to go on behind it. */
function objectOf(item: Extract<FollowItem | JournalItem, { kind: 'entry' }>): object {
  const record = recordObject(item.entry);
  return 'cursor' in item ? { ...record, late: item.isLate, cursor: item.cursor } : record;
}

function recordLine(entry: Entry, style: TimeStyle): string {
  const about = subject(entry);
  const run = entry.correlationId === undefined ? '' : shortId(entry.correlationId);
  return line(
    { text: dayTime(entry.at.microseconds, style), style: 'dim' },
    `  ${run.padEnd(8)}  ${shortWriter(entry.writerId).padEnd(12)} ${String(entry.sequence).padStart(5)}  ${entry.event}${about === '' ? '' : `  ${about}`}`,
  );
}

/** What a record is about: the handler, path or runner in it, else the action. */
function subject(entry: Entry): string {
  for (const member of ['handler', 'path', 'runner'] as const) {
    const value = entry.payload[member];
    if (typeof value === 'string') return value;
  }
  return entry.action ?? '';
}
