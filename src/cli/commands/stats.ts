/** `throughline stats`: how many, how long and how they ended; by what was asked for, by run, handler and writer. */
import type { State, StreamReport } from '../../read/index.js';
import { statObject, streamObject } from '../analysis-objects.js';
import { statistics, type Statistic } from '../analysis/statistics.js';
import type { Given } from '../command.js';
import { matchesOf, runFields } from '../fields.js';
import { jsonLine } from '../json.js';
import { runObject } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { filterOf, isPicked } from '../pick.js';
import { paged, type Execute } from '../reading.js';
import { streamTable } from '../render/stream-table.js';
import { truthLines } from '../render/truth-line.js';
import { word } from '../render/words.js';
import { columns, line, print, type Cell } from '../text.js';
import { duration } from '../times.js';

const titles = { request: 'REQUESTS', run: 'RUNS', handler: 'HANDLERS' } as const;
const namesMax = 20;
const streamsMax = 20;
const worst: readonly State[] = ['failed', 'rejected', 'cancelled', 'lost', 'unknown', 'in_flight'];

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const filter = filterOf(given, matchesOf(given.arguments, runFields), Date.now());
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const picked = (function* pick() {
    for (const request of story.requests) {
      if (isPicked(filter, request, () => runObject(request))) yield request;
    }
  })();
  const found = statistics(picked);
  if (given.flag('json')) {
    print(found.map((one) => jsonLine('stat/1', statObject(one))));
    print(story.streams.map((stream) => jsonLine('stream/1', streamObject(stream))));
    reportTruth(story.truth);
    return code;
  }
  for (const of of ['request', 'run', 'handler'] as const) {
    printTable(
      of,
      found.filter((one) => one.of === of),
    );
  }
  printStreams(story.streams, given);
  print(truthLines(story, `${story.truth.records} records`));
  return code;
});

function printTable(of: Statistic['of'], all: readonly Statistic[]): void {
  if (all.length === 0) return;
  const count = all.reduce((sum, one) => sum + one.count, 0);
  print([
    ...columns([
      [titles[of], 'COUNT', 'P50', 'P99', 'MAX', 'NOT OK'],
      ...all.slice(0, namesMax).map((one) => row(one)),
    ]),
    line({ text: `${count} in all${more(all.length, namesMax, 'name')}`, style: 'dim' }),
    '',
  ]);
}

function row({ name, count, states, p50Ms, p99Ms, maxMs }: Statistic): readonly Cell[] {
  const bad = worst
    .filter((state) => states[state] !== undefined)
    .map((state) => `${states[state]} ${word(state)}`);
  return [
    name === '' ? '—' : name,
    String(count),
    ...[p50Ms, p99Ms, maxMs].map(time),
    bad.join(', '),
  ];
}

function time(ms: number | undefined): string {
  return ms === undefined ? '—' : duration(ms);
}

function printStreams(streams: readonly StreamReport[], given: Given): void {
  const most = streams.toSorted((a, b) => b.records - a.records).slice(0, streamsMax);
  print(streamTable(most, timeStyle(given)));
  const left = more(streams.length, streamsMax, 'stream');
  if (left !== '') print([line({ text: left.slice(2), style: 'dim' })]);
}

function more(count: number, shown: number, noun: string): string {
  return count <= shown ? '' : `, ${count - shown} more ${noun}s (--json has all)`;
}
