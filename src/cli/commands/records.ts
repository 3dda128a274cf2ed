/** `throughline records [RUN]`: the merged records in causal order, with the faults where they stand. */
import {
  findRequests,
  openJournal,
  truthOf,
  walk,
  type Entry,
  type JournalItem,
  type Request,
} from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { recordObject } from '../objects.js';
import { openStory, reportProblems, reportTruth, rootsOf, timeStyle } from '../open-story.js';
import { plural, truthLines } from '../render/truth-line.js';
import { shortId, shortWriter } from '../render/words.js';
import { line, print } from '../text.js';
import { dayTime, type TimeStyle } from '../times.js';

export async function execute(given: Given): Promise<number> {
  const [reference] = given.arguments;
  let wanted: ReadonlySet<string> | undefined;
  if (reference !== undefined) {
    // Two passes, so that what is printed need not be held.
    const { story, code } = await openStory(given);
    if (story === undefined) return code;
    wanted = spansOf(findRequests(story.requests, reference));
  }
  const journal = await openJournal({ roots: rootsOf(given) });
  let count = 0;
  for await (const item of journal.items()) {
    if (!isWanted(item, wanted)) continue;
    if (item.kind === 'entry') count += 1;
    printItem(item, given);
  }
  const truth = truthOf(journal.streams, journal.problems);
  // With a RUN the first pass has said what could not be read.
  const code =
    wanted === undefined
      ? reportProblems(given, truth)
      : truth.problems.length > 0
        ? exitCode.unreadable
        : exitCode.ok;
  if (given.flag('json')) {
    reportTruth(truth);
  } else if (truth.records > 0) {
    // Without a RUN the faults were shown where they stand.
    const streams = wanted === undefined ? [] : journal.streams;
    print(truthLines({ streams, truth }, plural(count, 'record')));
  }
  return code;
}

function spansOf(requests: readonly Request[]): ReadonlySet<string> {
  const spans = new Set<string>();
  for (const request of requests) {
    for (const { span } of walk(request.roots)) spans.add(`${span.correlationId} ${span.spanId}`);
  }
  return spans;
}

function isWanted(item: JournalItem, wanted: ReadonlySet<string> | undefined): boolean {
  if (wanted === undefined) return true;
  if (item.kind === 'fault') return false;
  const { correlationId, spanId } = item.entry;
  return wanted.has(`${correlationId} ${spanId}`);
}

function printItem(item: JournalItem, given: Given): void {
  if (given.flag('json')) {
    // Faults are on the truth line; stdout holds records.
    if (item.kind === 'entry') print([jsonLine('record/1', recordObject(item.entry))]);
    return;
  }
  if (item.kind === 'entry') {
    print([recordLine(item.entry, timeStyle(given))]);
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
