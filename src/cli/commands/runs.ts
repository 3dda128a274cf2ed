/** `throughline runs`: one line per request, newest first; with `-f` again whenever one of them changes. */
import { resolve } from 'node:path';
import { effectsOn, type Request, type RequestList } from '../../read/index.js';
import { isFailure } from '../analysis/failures.js';
import type { Given } from '../command.js';
import { matchesOf, runFields } from '../fields.js';
import { followStory } from '../follow-story.js';
import { jsonLine } from '../json.js';
import { limitOf, newest } from '../limit.js';
import { runObject } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { pathsOf } from '../paths.js';
import { filterOf, isPicked } from '../pick.js';
import { paged, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { glyph, result, roles, shortId, viaOf } from '../render/words.js';
import { columns, isNarrow, print, type Cell } from '../text.js';
import { clockTime, duration, timeFormat } from '../times.js';

const [viaColumn, whatColumn] = [4, 5];

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const limit = limitOf(given);
  const isAsked = await selection(given);
  if (given.flag('follow')) return follow(given, limit, isAsked);
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const { items, count, note } = newest(story.requests, limit, isAsked(story.requests));
  if (given.flag('json')) {
    print(items.map((request) => jsonLine('run/1', runObject(request))));
    reportTruth(story.truth, note);
    return code;
  }
  if (items.length > 0) print(columns(table(items, given), [viaColumn, whatColumn]));
  print(truthLines(story, plural(count, given.flag('failed') ? 'failed run' : 'run'), note));
  return code;
});

type Selection = (requests: RequestList) => (request: Request) => boolean;

/** Which requests are asked for; throws `UsageError` before anything is read. */
async function selection(given: Given): Promise<Selection> {
  const filter = filterOf(given, matchesOf(given.arguments, runFields), Date.now());
  const touched = given.value('touched');
  const paths = touched === undefined ? undefined : await pathsOf(resolve(touched));
  return (requests) => {
    const touching =
      paths === undefined
        ? undefined
        : new Set(effectsOn(requests, paths).map(({ request }) => keyOf(request)));
    return (request) =>
      (touching === undefined || touching.has(keyOf(request))) &&
      (!given.flag('failed') || isFailure(request)) &&
      isPicked(filter, request, () => runObject(request));
  };
}

/** A request is put together anew each time it is asked for. */
function keyOf(request: Request): string {
  return `${request.correlationId} ${request.entrySpanId}`;
}

/** Prints what there is, oldest first, and then each request whenever it changes. */
async function follow(given: Given, limit: number, isAsked: Selection): Promise<number> {
  const told = new Map<string, string>();
  return followStory(given, (story, isFirst) => {
    const { items } = newest(story.requests, Number.POSITIVE_INFINITY, isAsked(story.requests));
    const changed = items.filter((request) => {
      const now = versionOf(request);
      if (told.get(keyOf(request)) === now) return false;
      told.set(keyOf(request), now);
      return true;
    });
    const shown = (isFirst ? changed.slice(0, limit) : changed).toReversed();
    if (given.flag('json')) {
      print(shown.map((request) => jsonLine('run/1', runObject(request))));
    } else if (shown.length > 0 || isFirst) {
      const rows = columns(table(shown, given), [viaColumn, whatColumn]);
      print(isFirst ? rows : rows.slice(1));
    }
  });
}

/** Differs when anything that is printed may. */
function versionOf(request: Request): string {
  const { state, records, open, lost, unknown, answered, resolution } = request;
  return JSON.stringify([state, records, open, lost, unknown, answered, resolution]);
}

function table(requests: readonly Request[], given: Given): readonly (readonly Cell[])[] {
  const style = timeStyle(given);
  const nowMs = Date.now();
  const narrow = isNarrow();
  const started = timeFormat(
    requests.map((request) => request.started.microseconds),
    nowMs,
    { ...style, isShort: narrow },
  );
  const streams = narrow ? [] : ['STREAMS'];
  return [
    ['', 'RUN', 'STARTED', 'DUR', 'VIA', 'WHAT', ...streams, 'RESULT'],
    ...requests.map((request): readonly Cell[] => [
      glyph(request.state),
      shortId(request.correlationId),
      started(request.started.microseconds),
      took(request, nowMs),
      viaOf(request),
      request.what === '' ? '—' : request.what,
      ...(narrow ? [] : [roles(request.streams)]),
      result(request, (microseconds) => clockTime(microseconds, style)),
    ]),
  ];
}

function took(request: Request, nowMs: number): string {
  if (request.durationMs !== undefined) return duration(request.durationMs);
  if (request.state !== 'in_flight') return '—';
  return `${duration(nowMs - request.started.microseconds / 1000)}+`;
}
