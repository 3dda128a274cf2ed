/** `throughline reconcile`: where the streams contradict each other, the proof, and what it means for recovery. */
import { reconcile, type Finding, type RecordReference, type Recovery } from '../../read/index.js';
import { findingObject } from '../analysis-objects.js';
import type { Given } from '../command.js';
import { jsonLine } from '../json.js';
import { newest, limitOf } from '../limit.js';
import { journalOf, reportProblems, reportTruth, timeStyle } from '../open-story.js';
import { filterOf } from '../pick.js';
import { withProgress } from '../progress.js';
import { paged, worse, type Execute } from '../reading.js';
import { plural, truthLines } from '../render/truth-line.js';
import { shortId, shortWriter } from '../render/words.js';
import { line, print, type Style } from '../text.js';
import { timeFormat, type TimeStyle } from '../times.js';

const styles: Readonly<Record<Recovery, Style>> = {
  'safe to re-run': 'green',
  'already done': 'blue',
  unknown: 'yellow',
};
const proofMax = 4;

export const execute: Execute = paged(async (given: Given): Promise<number> => {
  const limit = limitOf(given);
  const { since = -Infinity, until = Infinity } = filterOf(given, [], Date.now());
  const { findings, story, isCut } = await withProgress(() => reconcile(journalOf(given)));
  const code = reportProblems(given, story.truth);
  if (story.truth.records === 0) return code;
  const { items, count, note } = newest(findings, limit, ({ records }) =>
    records.length === 0
      ? true
      : records.some(({ ts }) => Date.parse(ts) * 1000 >= since && Date.parse(ts) * 1000 < until),
  );
  const notes = [note, isCut ? 'there was more than could be looked into' : ''].filter(Boolean);
  if (given.flag('json')) {
    print(items.map((finding) => jsonLine('finding/1', findingObject(finding))));
    reportTruth(story.truth, notes.join(' · '));
  } else {
    for (const finding of items) printFinding(finding, timeStyle(given));
    const counted = count === 0 ? 'nothing contradicts' : plural(count, 'finding');
    print(truthLines(story, counted, notes.join(' · ')));
  }
  return worse(code, count > 0);
});

function printFinding(finding: Finding, style: TimeStyle): void {
  const { name, message, recovery, because, correlationId, records } = finding;
  const about = correlationId === undefined ? '' : ` ${shortId(correlationId)}`;
  print([
    line({ text: '! ', style: 'red' }, { text: name, style: 'bold' }, `${about}  ${message}`),
    line('  ', { text: recovery, style: styles[recovery] }, `: ${because}`),
    ...records.slice(0, proofMax).map((record) => proof(record, style)),
  ]);
  if (records.length > proofMax) {
    print([line({ text: `    … and ${records.length - proofMax} more records`, style: 'dim' })]);
  }
}

function proof(record: RecordReference, style: TimeStyle): string {
  const us = Date.parse(record.ts) * 1000;
  const when = Number.isNaN(us) ? '—' : timeFormat([us], Date.now(), style)(us);
  const { event, writerId, sequence, file, offset } = record;
  const place = `${shortWriter(writerId)} ${sequence}  ${file}:${offset}`;
  return line({ text: `    ${when}  ${event.padEnd(16)}  ${place}`, style: 'dim' });
}
