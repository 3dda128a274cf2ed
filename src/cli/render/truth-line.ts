/** The last line of every view: what it was read from, and whether that is all there is. */
import type { Story, StreamFault, StreamReport } from '../../read/index.js';
import { conditionWord, plural, summary } from '../../read/merge/truth-text.js';
import { line, paragraph } from '../text.js';
import { shortWriter } from './words.js';

export { conditionWord, plural, summary };

/** Verdicts that the counts say enough about. */
const quiet: ReadonlySet<string> = new Set(['TORN', 'UNSEALED', 'DUP', 'SUPERSEDED']);
const faultsMax = 5;

/** The faults that make an answer doubtful, and then one line of counts; `note` says what was left out of the view. */
export function truthLines(
  story: Pick<Story, 'streams' | 'truth'>,
  counted: string,
  note = '',
): readonly string[] {
  return [
    ...faultLines(story.streams),
    ...paragraph({
      text: [counted, note, summary(story.truth)].filter((part) => part !== '').join(' · '),
      style: 'dim',
    }),
  ];
}

function faultLines(streams: readonly StreamReport[]): readonly string[] {
  return doubts(streams, faultText).map((text) => line({ text: '! ', style: 'red' }, text));
}

function faultText(writer: string, { verdict, file, offset, message }: StreamFault): string {
  return `${shortWriter(writer)}: ${verdict} ${file}:${offset}: ${message}`;
}

/**
 * Where the faults are that make an answer doubtful: `er…C3SZ7K3: CORRUPT wal-000001.jsonl:512`. Without a word of a
 * stream: names that do not look as ours do may be anything that a stream says.
 */
export function faultPlaces(streams: readonly StreamReport[]): readonly string[] {
  return doubts(streams, (writer, { verdict, file, offset }) => {
    const stream = ownWriter.test(writer) ? shortWriter(writer) : 'a stream';
    return `${stream}: ${verdict}${ownFile.test(file) ? ` ${file}:${offset}` : ''}`;
  });
}

const ownWriter = /^[a-z][a-z0-9-]{0,31}-[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ownFile = /^wal-\d{6}\.jsonl$/;

function doubts(
  streams: readonly StreamReport[],
  said: (writer: string, fault: StreamFault) => string,
): readonly string[] {
  const texts: string[] = [];
  for (const { writerId, faults } of streams) {
    for (const fault of faults) {
      if (!quiet.has(fault.verdict)) texts.push(said(writerId, fault));
    }
  }
  if (texts.length <= faultsMax) return texts;
  return [...texts.slice(0, faultsMax), `… and ${texts.length - faultsMax} more faults`];
}
