/** What a page was read from, in a line, and what makes it doubtful. */
import type { StreamCondition, StreamReport, Truth } from '../../read/index.js';

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
const faultsMax = 20;

/** `9 streams: 6 complete, 2 live, 1 torn`, and all else that could make the page incomplete. */
export function truthText(truth: Truth): string {
  const conditions = order
    .filter((condition) => truth.conditions[condition] !== undefined)
    .map((condition) => `${truth.conditions[condition]} ${words[condition]}`);
  if (truth.searched > 0) conditions.push(`${truth.searched} searched, not checked`);
  const parts = [`${plural(truth.streams, 'stream')}: ${conditions.join(', ')}`];
  parts.push(`${plural(truth.records, 'record')} read`);
  if (truth.notRead > 0) parts.push(`${plural(truth.notRead, 'older stream')} not read`);
  if (truth.duplicates > 0) parts.push(`${plural(truth.duplicates, 'duplicate record')} left out`);
  if (truth.foreign > 0) parts.push(`${plural(truth.foreign, 'stream')} in a later format`);
  if (truth.unknownEvents > 0) {
    parts.push(`${plural(truth.unknownEvents, 'record')} of an unknown type`);
  }
  if (truth.attemptsUnseen > 0) {
    parts.push(`${plural(truth.attemptsUnseen, 'attempt')} at a runner in no stream read`);
  }
  return [...parts, ...truth.problems.map(({ message }) => message)].join(' · ');
}

/** A sentence for each fault that is more than a crash's usual trace. */
export function faultTexts(streams: readonly StreamReport[]): readonly string[] {
  const texts: string[] = [];
  let more = 0;
  for (const { writerId, faults } of streams) {
    for (const { verdict, file, offset, message } of faults) {
      if (quiet.has(verdict)) continue;
      if (texts.length < faultsMax)
        texts.push(`${writerId}: ${verdict} ${file}:${offset}: ${message}`);
      else more += 1;
    }
  }
  return more === 0 ? texts : [...texts, `and ${more} more faults`];
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
