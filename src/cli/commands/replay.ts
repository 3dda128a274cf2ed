/** `throughline replay RUN`: a request as it was at some time, or over time. Shows records and executes nothing. */
import { readStory, walk, type Request, type Story } from '../../read/index.js';
import { hlcMicroseconds } from '../../context/index.js';
import { changeObject } from '../analysis-objects.js';
import { asOf, changesOf, type Change } from '../analysis/over-time.js';
import { UsageError, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { runObject, spanObject } from '../objects.js';
import { openRequests, reportTruth, journalOf, timeStyle } from '../open-story.js';
import { absoluteTime } from '../pick.js';
import { paged, type Execute } from '../reading.js';
import { spanDurationMs } from '../render/outline.js';
import { plural, truthLines } from '../render/truth-line.js';
import { requestLines, waterfall } from '../render/waterfall.js';
import { errorText, glyph, roleOf, spanName, word } from '../render/words.js';
import { line, print, terminalRows } from '../text.js';
import { duration } from '../times.js';

/** Of a pause nobody sees more. */
const pauseMsMax = 2000;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const asPage: Execute = paged(async (given) => {
  const at = given.value('at');
  const { requests, story, code } = await openRequests(given, given.arguments[0] ?? '');
  if (story === undefined) return code;
  for (const request of requests) {
    if (at !== undefined) await showAt(request, at, given);
    else if (given.flag('json')) printJson(request);
    else printChanges(request, given);
  }
  finish(story, given);
  return code;
});

export const execute: Execute = async (given) => {
  const speed = speedOf(given.value('speed'));
  const isFilm = process.stdout.isTTY && !given.flag('json') && given.value('at') === undefined;
  if (!isFilm) return asPage(given);
  const { requests, story, code } = await openRequests(given, given.arguments[0] ?? '');
  if (story === undefined) return code;
  for (const request of requests) await film(request, speed, given);
  finish(story, given);
  return code;
};

function finish(story: Story, given: Given): void {
  if (given.flag('json')) reportTruth(story.truth);
  else print(truthLines(story, ''));
}

function speedOf(value: string | undefined): number {
  const speed = value === undefined ? 1 : /^\d{1,6}(\.\d{1,6})?$/.test(value) ? Number(value) : 0;
  if (speed > 0) return speed;
  throw new UsageError(`--speed is a number above 0, such as 0.1 or 4, not "${value ?? ''}"`);
}

/** As of then, from the records up to then alone. */
async function showAt(request: Request, at: string, given: Given): Promise<void> {
  const story = await readStory({ ...journalOf(given), at: timeIn(request, at, given) });
  let then: Request | undefined;
  for (const one of story.requests) {
    if (one.correlationId !== request.correlationId) continue;
    if (one.entrySpanId === request.entrySpanId) then = one;
  }
  if (given.flag('json')) {
    if (then === undefined) return;
    print([jsonLine('run/1', runObject(then))]);
    for (const { span, depth } of walk(then.roots)) {
      print([jsonLine('span/1', spanObject(then, span, depth))]);
    }
  } else if (then === undefined) {
    print([line(`${request.correlationId} had not begun then`)]);
  } else {
    print(waterfall(then, { full: false, style: timeStyle(given) }));
    print([
      line({
        text: `as of ${at} · ${plural(then.spans, 'span')} of ${request.spans}`,
        style: 'dim',
      }),
    ]);
  }
}

function timeIn(request: Request, at: string, given: Given): number {
  const offset = /^\+?(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(at);
  if (offset !== null) {
    const ms = Number(offset[1]) * (unitsMs[offset[2] ?? ''] ?? 0);
    return Math.round(hlcMicroseconds(request.started.hlc) + ms * 1000);
  }
  const microseconds = absoluteTime(at, given.flag('utc'));
  if (microseconds !== undefined) return microseconds;
  throw new UsageError(
    `--at takes 500ms, 1.5s, 2m (after the start), a time such as 2026-11-21T14:00:01, or a clock reading, not "${at.slice(0, 80)}"`,
  );
}

function printJson(request: Request): void {
  for (const change of changesOf(request)) {
    print([jsonLine('change/1', changeObject(request, change))]);
  }
}

function printChanges(request: Request, given: Given): void {
  const changes = changesOf(request);
  print([
    ...requestLines(request, timeStyle(given)),
    ...changes.map((change) => changeLine(change)),
  ]);
  print([line({ text: plural(changes.length, 'change'), style: 'dim' })]);
}

function changeLine({ what, span, offsetUs, effect }: Change): string {
  const sign = what === 'ended' || what === 'left open' ? glyph(span.state) : glyph('in_flight');
  const took = spanDurationMs(span);
  const text = {
    began: 'began',
    ended: [word(span.state), took === undefined ? '' : duration(took), errorText(span) ?? '']
      .filter((part) => part !== '')
      .join(' '),
    touched: `${effect?.change ?? ''} ${effect?.path ?? ''}${effect?.inferred === true ? ' (inferred)' : ''}`,
    'left open': `${word(span.state)}: ${span.why}`,
  }[what];
  const offset = `+${duration(Math.max(0, offsetUs) / 1000)}`.padEnd(9);
  return line(offset, sign, ` ${spanName(span)} [${roleOf(span)}]  ${text}`);
}

/** Draws the tree again at each change, over what was drawn before. */
async function film(request: Request, speed: number, given: Given): Promise<void> {
  const changes = changesOf(request);
  let [drawn, beforeUs] = [0, 0];
  for (const [index, change] of changes.entries()) {
    if (changes[index + 1]?.at.hlc === change.at.hlc) continue;
    const ms = Math.min((change.offsetUs - beforeUs) / 1000 / speed, pauseMsMax);
    beforeUs = change.offsetUs;
    await new Promise((wake) => {
      setTimeout(wake, ms);
    });
    const isLast = index === changes.length - 1;
    const lines = waterfall(asOf(request, change.at), { full: false, style: timeStyle(given) });
    const frame = isLast ? lines : lines.slice(0, Math.max(1, terminalRows() - 1));
    // Up over the last frame, and clear from there.
    if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[J`);
    print(frame);
    drawn = frame.length;
  }
}
