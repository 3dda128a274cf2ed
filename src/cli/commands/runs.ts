/** `throughline runs`: one line per request, newest first. */
import type { Request, State } from '../../read/index.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { runObject } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { plural, truthLines } from '../render/truth-line.js';
import { glyph, result, roles, shortId, viaOf } from '../render/words.js';
import { columns, print, type Cell } from '../text.js';
import { clockTime, duration, timeFormat } from '../times.js';

const [viaColumn, whatColumn] = [4, 5];
const failures: ReadonlySet<State> = new Set(['failed', 'rejected', 'lost']);

export async function execute(given: Given): Promise<number> {
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const requests = given.flag('failed')
    ? [...story.requests].filter((request) => isFailure(request))
    : [...story.requests];
  if (given.flag('json')) {
    print(requests.map((request) => jsonLine('run/1', runObject(request))));
    reportTruth(story.truth);
    return code;
  }
  const noun = given.flag('failed') ? 'failed run' : 'run';
  if (requests.length > 0) print(columns(table(requests, given), [viaColumn, whatColumn]));
  print(truthLines(story, plural(requests.length, noun)));
  return code;
}

/** A failure that may not be the whole truth is one all the same. */
function isFailure({ state, roots }: Request): boolean {
  return (
    failures.has(state) || (state === 'unknown' && roots.some((root) => failures.has(root.state)))
  );
}

function table(requests: readonly Request[], given: Given): readonly (readonly Cell[])[] {
  const style = timeStyle(given);
  const nowMs = Date.now();
  const started = timeFormat(
    requests.map((request) => request.started.microseconds),
    nowMs,
    style,
  );
  const head = ['', 'RUN', 'STARTED', 'DUR', 'VIA', 'WHAT', 'STREAMS', 'RESULT'];
  return [
    head,
    ...requests.map((request): readonly Cell[] => [
      glyph(request.state),
      shortId(request.correlationId),
      started(request.started.microseconds),
      took(request, nowMs),
      viaOf(request),
      request.what === '' ? '—' : request.what,
      roles(request.streams),
      result(request, (microseconds) => clockTime(microseconds, style)),
    ]),
  ];
}

function took(request: Request, nowMs: number): string {
  if (request.durationMs !== undefined) return duration(request.durationMs);
  if (request.state !== 'in_flight') return '—';
  return `${duration(nowMs - request.started.microseconds / 1000)}+`;
}
