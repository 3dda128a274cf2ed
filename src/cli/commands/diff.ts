/** `throughline diff A B`: how two requests differ, place by place in their trees, and file by file. */
import type { Effect, Request, Story } from '../../read/index.js';
import {
  difference,
  isSubstantial,
  type Change,
  type Difference,
  type FileDifference,
  type Side,
  type SpanDifference,
} from '../analysis/difference.js';
import { percentile } from '../analysis/statistics.js';
import { UsageError, type Given } from '../command.js';
import { jsonLine } from '../json.js';
import { fileDifferenceObject, spanDifferenceObject } from '../analysis-objects.js';
import { mustBeRun, openStory, reportTruth, requestsOf } from '../open-story.js';
import { paged, worse, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { shortId, word } from '../render/words.js';
import { columns, line, print, type Cell, type Piece } from '../text.js';
import { duration } from '../times.js';

const signs: Readonly<Record<Change | FileDifference['change'], Piece>> = {
  same: { text: ' ' },
  slower: { text: '>', style: 'yellow' },
  faster: { text: '<', style: 'green' },
  added: { text: '+', style: 'green' },
  removed: { text: '-', style: 'red' },
  count: { text: '~', style: 'yellow' },
  outcome: { text: '~', style: 'red' },
  content: { text: '~', style: 'yellow' },
};
const filesMax = 50;

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  for (const reference of given.arguments) mustBeRun(reference);
  const { story, code } = await openStory(given);
  if (story === undefined) return code;
  const [a, b] = [0, 1].map((index) => one(story, given.arguments[index] ?? ''));
  if (a === undefined || b === undefined) return code;
  const found = difference(a, b);
  if (given.flag('json')) {
    print(found.spans.map((span) => jsonLine('difference/1', spanDifferenceObject(a, b, span))));
    print(found.files.map((file) => jsonLine('difference/1', fileDifferenceObject(a, b, file))));
    reportTruth(story.truth);
  } else {
    printText(a, b, found, given.flag('full'));
    print(truthLines(story, counted(found)));
  }
  return worse(code, isSubstantial(found));
});

function one(story: Story, reference: string): Request | undefined {
  const found = requestsOf(story, reference);
  if (found.length > 1) {
    throw new UsageError(
      `"${reference}" is ${found.length} requests of one correlation id: name one by @0, @-1 … or by its traceparent`,
    );
  }
  return found[0];
}

function printText(a: Request, b: Request, found: Difference, full: boolean): void {
  const spans = full ? found.spans : withContext(found.spans);
  const files = full ? found.files : found.files.filter(({ change }) => change !== 'same');
  const rows: (readonly Cell[])[] = [
    ['', 'SPAN', `A ${shortId(a.correlationId)}`, `B ${shortId(b.correlationId)}`, 'CHANGE'],
    ...spans.map((span) => spanRow(span)),
    ...files.slice(0, filesMax).map((file) => fileRow(file)),
  ];
  print(columns(rows, [1, 2, 3]));
  if (files.length > filesMax) {
    print([line({ text: `… and ${files.length - filesMax} more files (--json has all)` })]);
  }
}

/** What differs, and for the reader's bearings the spans above it. */
function withContext(spans: readonly SpanDifference[]): readonly SpanDifference[] {
  const kept: SpanDifference[] = [];
  let depthKept = 0;
  for (const span of spans.toReversed()) {
    if (span.change !== 'same' || span.depth < depthKept || span.depth === 0) {
      kept.push(span);
      depthKept = span.depth;
    }
  }
  return kept.toReversed();
}

function spanRow(span: SpanDifference): readonly Cell[] {
  const name = `${'  '.repeat(span.depth)}${span.kind} ${span.name}`;
  const change = [changeText(span)];
  if ((span.change === 'added' || span.change === 'removed') && span.spans > 1) {
    change.push(plural(span.spans, 'span'));
  }
  return [
    signs[span.change],
    name,
    sideText(span.a),
    sideText(span.b),
    change.filter((part) => part !== '').join(', '),
  ];
}

/** `ok 14ms`, `60 ok p50 14ms`, `59 ok, 1 failed p50 14ms`. */
function sideText(side: Side | undefined): string {
  if (side === undefined) return '—';
  const states = [...side.states].map(([state, count]) => {
    const name = state === 'completed' ? 'ok' : state === 'in_flight' ? word(state) : state;
    return side.count === 1 ? name : `${count} ${name}`;
  });
  const p50 = percentile(side.durationsMs, 0.5);
  const took = p50 === undefined ? '' : `${side.count === 1 ? '' : 'p50 '}${duration(p50)}`;
  return [states.join(', '), took].filter((part) => part !== '').join(' ');
}

function changeText({ change, a, b }: SpanDifference): string {
  switch (change) {
    case 'same':
      return '';
    case 'added':
      return 'only in B';
    case 'removed':
      return 'only in A';
    case 'count':
      return `${a?.count ?? 0} → ${b?.count ?? 0}`;
    case 'outcome':
      return (b?.errors[0] ?? a?.errors[0] ?? 'ended otherwise').slice(0, 80);
    case 'slower':
    case 'faster': {
      const [before, after] = [total(a), total(b)];
      const percent = before === 0 ? '' : ` ${Math.round(((after - before) / before) * 100)} %`;
      const sign = after > before ? '+' : '−';
      return `${change} by ${duration(Math.abs(after - before))} (${sign}${percent.replace('-', '').trim()})`;
    }
  }
}

function total(side: Side | undefined): number {
  return (side?.durationsMs ?? []).reduce((sum, ms) => sum + ms, 0);
}

function fileRow({ path, change, a, b }: FileDifference): readonly Cell[] {
  const words = { same: '', added: 'only in B', removed: 'only in A', content: 'other content' };
  return [signs[change], `file ${path}`, effectText(a), effectText(b), words[change]];
}

function effectText(effect: Effect | undefined): string {
  if (effect === undefined) return '—';
  const hash = effect.after === undefined ? '' : ` ${effect.after.sha256.slice(0, 8)}`;
  return `${effect.change}${hash}`;
}

function counted({ spans, files }: Difference): string {
  const all = [...spans, ...files];
  const same = all.filter(({ change }) => change === 'same').length;
  const differ = all.length - same;
  return `${differ === 0 ? 'no differences' : plural(differ, 'difference')}, ${same} the same, compared by name and place`;
}
