/** `throughline inflight`: what was open when the streams end, who waits for whom, and who will never answer. */
import { openSpans, type OpenSpan, type Story } from '../../read/index.js';
import { exitCode, type Given } from '../command.js';
import { matchesOf, openFields } from '../fields.js';
import { followStory } from '../follow-story.js';
import { jsonLine } from '../json.js';
import { limitNote, limitOf } from '../limit.js';
import { openObject } from '../objects.js';
import { openStory, reportTruth, timeStyle } from '../open-story.js';
import { filterOf, isPicked } from '../pick.js';
import { paged, worse, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { glyph, shortId, shortWriter, spanName, word } from '../render/words.js';
import { columns, isNarrow, line, print, type Cell } from '../text.js';
import { clockTime, dayTime, duration, timeFormat, type TimeStyle } from '../times.js';

const spanColumn = 4;

interface Shown {
  readonly open: readonly OpenSpan[];
  /** All of them, shown or not. */
  readonly all: readonly OpenSpan[];
  readonly note: string;
}

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const isAsked = selection(given);
  if (given.flag('follow')) return follow(given, isAsked);
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const shown = isAsked(story);
  if (given.flag('json')) {
    print(shown.open.map((one) => jsonLine('inflight/1', openObject(one))));
    reportTruth(story.truth, shown.note);
  } else {
    printText(shown, story, timeStyle(given));
  }
  return worse(code, shown.all.length > 0);
});

/** The open spans that are asked for; of too many the newest. Throws `UsageError` before anything is read. */
function selection(given: Given): (story: Story) => Shown {
  const limit = limitOf(given);
  const filter = filterOf(given, matchesOf(given.arguments, openFields), Date.now());
  return (story) => {
    const all = openSpans(story.requests).filter((open) =>
      isPicked(filter, { started: open.span.first, last: open.last }, () => openObject(open)),
    );
    const open = all.slice(Math.max(0, all.length - limit));
    return { open, all, note: limitNote(open.length, all.length) };
  };
}

/** Tells what is open, and again whenever that changes; as JSON each change of a span is one object. */
async function follow(given: Given, isAsked: (story: Story) => Shown): Promise<number> {
  let told = new Map<string, string>();
  let before: string | undefined;
  const code = await followStory(given, (story) => {
    const shown = isAsked(story);
    const now = new Map(shown.all.map((one) => [one.span.spanId, JSON.stringify(openObject(one))]));
    if (given.flag('json')) {
      const changed = shown.open.filter(
        ({ span }) => told.get(span.spanId) !== now.get(span.spanId),
      );
      print(changed.map((one) => jsonLine('inflight/1', openObject(one))));
      told = now;
      return;
    }
    const text = [...now.values()].join('\n');
    if (text === before) return;
    if (before !== undefined) print(['']);
    printText(shown, story, timeStyle(given));
    [before, told] = [text, now];
  });
  return code === exitCode.ok && told.size > 0 ? exitCode.finding : code;
}

function printText({ open, all, note }: Shown, story: Story, style: TimeStyle): void {
  const end = story.end?.microseconds ?? 0;
  if (open.length === 0) {
    print(truthLines(story, `nothing is open at the end of the journal (${dayTime(end, style)})`));
    return;
  }
  const time = timeFormat([end], Date.now(), style);
  const writer = isNarrow() ? [] : ['WRITER'];
  print([line({ text: `Open at the end of the journal (${time(end)}):`, style: 'bold' })]);
  print(
    columns(
      [['', 'RUN', 'SINCE', 'AGE', 'SPAN', ...writer, 'VERDICT'], ...rows(open, end, style)],
      [spanColumn],
    ),
  );
  print(truthLines(story, `${plural(all.length, 'open span')}${counts(all)}`, note));
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
    { ...style, isShort: isNarrow() },
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
      ...(isNarrow() ? [] : [shortWriter(one.span.writerId)]),
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
