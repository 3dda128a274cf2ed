/** The last line of every view: what it was read from, and whether that is all there is. */
import type { Story, StreamCondition, StreamFault, StreamReport, Truth } from '../../read/index.js';
import { line, paragraph } from '../text.js';
import { shortWriter } from './words.js';

const words: Readonly<Record<StreamCondition, string>> = {
  complete: 'complete',
  live: 'live',
  unsealed: 'ended without a seal',
  torn: 'torn',
  gap: 'with a gap',
  damaged: 'DAMAGED',
  unknown: 'cannot be told',
  unreadable: 'unreadable',
};
const order = Object.keys(words) as readonly StreamCondition[];
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

/** `9 streams: 6 complete, 2 live, 1 torn`. */
export function summary(truth: Truth): string {
  const conditions = order
    .filter((condition) => truth.conditions[condition] !== undefined)
    .map((condition) => `${truth.conditions[condition]} ${words[condition]}`);
  if (truth.searched > 0) conditions.push(`${truth.searched} searched, not checked`);
  const streams = plural(truth.streams, 'stream');
  const parts = truth.streams === 0 ? [] : [`${streams}: ${conditions.join(', ')}`];
  if (truth.notRead > 0) parts.push(`${plural(truth.notRead, 'stream')} before --since not read`);
  if (truth.duplicates > 0) parts.push(`${plural(truth.duplicates, 'duplicate record')} left out`);
  if (truth.foreign > 0) parts.push(`${plural(truth.foreign, 'stream')} in a later format`);
  if (truth.unknownEvents > 0) {
    parts.push(`${plural(truth.unknownEvents, 'record')} of a type unknown here`);
  }
  if (truth.attemptsUnseen > 0) {
    parts.push(`${plural(truth.attemptsUnseen, 'attempt')} at a runner in no stream read`);
  }
  for (const problem of truth.problems) parts.push(problem.message);
  return parts.join(' · ');
}

export function conditionWord(condition: StreamCondition): string {
  return words[condition];
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
