/** What was read, and whether that was all there is, in words. Pure. */
import type { StreamCondition } from './streams.js';
import type { Truth } from './truth.js';

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
