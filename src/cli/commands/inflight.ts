/** `throughline inflight`: what was open when the streams end, who waits for whom, and who will never answer. */
import { openSpans, type OpenSpan, type Story } from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { openObject } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { plural, truthLines } from '../render/truth-line.js';
import { glyph, shortId, shortWriter, spanName, word } from '../render/words.js';
import { columns, line, print, type Cell } from '../text.js';
import { clockTime, dayTime, duration, timeFormat, type TimeStyle } from '../times.js';

const spanColumn = 4;

export async function execute(given: Given): Promise<number> {
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const open = openSpans(story.requests);
  if (given.flag('json')) {
    print(open.map((one) => jsonLine('inflight/1', openObject(one))));
    reportTruth(story.truth);
  } else {
    printText(open, story, timeStyle(given));
  }
  // An unreadable root outweighs a finding: there may be more.
  return code === exitCode.ok && open.length > 0 ? exitCode.finding : code;
}

function printText(open: readonly OpenSpan[], story: Story, style: TimeStyle): void {
  const end = story.end?.microseconds ?? 0;
  if (open.length === 0) {
    print(truthLines(story, `nothing is open at the end of the journal (${dayTime(end, style)})`));
    return;
  }
  const time = timeFormat([end], Date.now(), style);
  print([line({ text: `Open at the end of the journal (${time(end)}):`, style: 'bold' })]);
  print(
    columns(
      [['', 'RUN', 'SINCE', 'AGE', 'SPAN', 'WRITER', 'VERDICT'], ...rows(open, end, style)],
      [spanColumn],
    ),
  );
  print(truthLines(story, `${plural(open.length, 'open span')}${counts(open)}`));
}

function rows(
  open: readonly OpenSpan[],
  end: number,
  style: TimeStyle,
): readonly (readonly Cell[])[] {
  const nowMs = Date.now();
  const since = timeFormat(
    open.map((one) => one.span.first.microseconds),
    nowMs,
    style,
  );
  return open.map((one): readonly Cell[] => {
    const from = one.span.first.microseconds;
    // What lives is as old as now; for what does not, time stopped with the journal.
    const ageMs = one.state === 'in_flight' ? nowMs - from / 1000 : (end - from) / 1000;
    return [
      glyph(one.state),
      shortId(one.request.correlationId),
      since(from),
      duration(ageMs),
      spanName(one.span),
      shortWriter(one.span.writerId),
      verdict(one, style),
    ];
  });
}

function verdict(open: OpenSpan, style: TimeStyle): string {
  const parts = [`${word(open.state)}: ${open.span.why}`];
  const waited = [...new Set(open.waitsFor.map((span) => shortWriter(span.writerId)))];
  waited.push(
    ...open.waitsForUnseen.map((name) => `${name === '' ? 'a runner' : name} (in no stream read)`),
  );
  if (waited.length > 0) parts.push(`waits for ${waited.join(', ')}`);
  parts.push(`last record ${open.last.event} ${clockTime(open.last.microseconds, style)}`);
  return parts.join(', ');
}

function counts(open: readonly OpenSpan[]): string {
  const found = (['in_flight', 'lost', 'unknown'] as const)
    .map((state) => ({ state, count: open.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0);
  return `: ${found.map(({ state, count }) => `${count} ${word(state)}`).join(', ')}`;
}
