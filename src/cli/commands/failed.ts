/** `throughline failed [RUN]`: the deepest spans that went wrong, with the path to each, the first error first. */
import type { Request, Span } from '../../read/index.js';
import { hlcMicroseconds } from '../../context/index.js';
import { failuresOf, isFailure, type Failure } from '../analysis/failures.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { newest, limitOf } from '../limit.js';
import { failureObject } from '../analysis-objects.js';
import { filterOf, isPicked } from '../pick.js';
import { openRequests, openStory, reportTruth, timeStyle } from '../open-story.js';
import { paged, worse, type Execute } from '../reading.js';
import { spanDurationMs } from '../render/outline.js';
import { plural, truthLines } from '../render/truth-line.js';
import { errorText, glyph, roleOf, shortId, spanName, viaOf, word } from '../render/words.js';
import { columns, cut, line, print, terminalColumns, type Cell } from '../text.js';
import { duration, timeFormat, type TimeStyle } from '../times.js';

/** The sign and the short id. */
const shortIdColumns = 10;

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const [reference] = given.arguments;
  const limit = limitOf(given);
  const filter = filterOf(given, [], Date.now());
  const { requests, story, code } =
    reference === undefined
      ? { ...(await openStory(given)), requests: undefined }
      : await openRequests(given, reference);
  if (story === undefined) return code;
  const { items, count, note } = newest(requests ?? story.requests, limit, (request) => {
    if (reference === undefined && !isFailure(request)) return false;
    return isPicked(filter, request, () => request);
  });
  const found = items.map((request) => ({ request, failures: failuresOf(request) }));
  const failures = found.reduce((sum, one) => sum + one.failures.length, 0);
  if (given.flag('json')) {
    for (const one of found) print(one.failures.map((failure) => json(one.request, failure)));
    reportTruth(story.truth, note);
  } else {
    for (const one of found) {
      if (one.failures.length > 0) printRequest(one.request, one.failures, timeStyle(given));
    }
    const of = reference === undefined && count > 0 ? ` in ${plural(count, 'failed run')}` : '';
    const counted = failures === 0 ? `nothing failed` : `${plural(failures, 'failed span')}${of}`;
    print(truthLines(story, counted, note));
  }
  return worse(code, failures > 0);
});

function json(request: Request, failure: Failure): string {
  return jsonLine('failure/1', failureObject(request, failure));
}

function printRequest(request: Request, failures: readonly Failure[], style: TimeStyle): void {
  const time = timeFormat([request.started.microseconds], Date.now(), style);
  const asked = [viaOf(request), request.what].filter((part) => part !== '').join(' · ');
  print([
    line(
      glyph(request.state),
      { text: ` ${shortId(request.correlationId)}`, style: 'bold' },
      cut(
        `  ${time(request.started.microseconds)}  ${word(request.state)}: ${asked}`,
        terminalColumns() - shortIdColumns,
      ),
    ),
    ...columns(
      fold(failures).map((group) => row(group, request)),
      [1],
      2,
    ),
  ]);
}

interface Group {
  readonly failure: Failure;
  readonly count: number;
}

/** Failures of the same path and error are one line, the first of them. */
function fold(failures: readonly Failure[]): readonly Group[] {
  const groups = new Map<string, { failure: Failure; count: number }>();
  for (const failure of failures) {
    const key = `${pathText(failure.path)} ${reason(failure.span)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { failure, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()];
}

function row({ failure, count }: Group, request: Request): readonly Cell[] {
  const { span, path } = failure;
  const at = hlcMicroseconds(span.first.hlc) - hlcMicroseconds(request.started.hlc);
  const took = spanDurationMs(span);
  return [
    glyph(span.state),
    count === 1 ? pathText(path) : `${pathText(path)} ×${count}`,
    `+${duration(Math.max(0, at) / 1000)}`,
    took === undefined ? '—' : duration(took),
    `${word(span.state)}: ${reason(span)}`,
  ];
}

/** `run format [wm] › run format [er] › handler ruff_format`. */
function pathText(path: readonly Span[]): string {
  let role = '';
  const names = path.map((span) => {
    const own = roleOf(span);
    const name = own === role || own === '' ? spanName(span) : `${spanName(span)} [${own}]`;
    role = own;
    return name;
  });
  return names.join(' › ');
}

function reason(span: Span): string {
  return errorText(span) ?? (span.why === '' ? 'no reason is recorded' : span.why);
}
