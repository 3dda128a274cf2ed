/** What a page was read from, and what makes it doubtful. */
import type { StreamReport, Truth } from '../../read/index.js';
import { summary } from '../../read/merge/truth-text.js';

/** Verdicts that the counts say enough about. */
const quiet: ReadonlySet<string> = new Set(['TORN', 'UNSEALED', 'DUP', 'SUPERSEDED']);
const faultsMax = 20;

/** `3 streams: 3 complete · 994 records read`, and all else that could make the page incomplete. */
export function truthText(truth: Truth): string {
  return [summary(truth), `${plural(truth.records, 'record')} read`].join(' · ');
}

/** A sentence for each fault that is more than a crash's usual trace. */
export function faultTexts(streams: readonly StreamReport[]): readonly string[] {
  const texts: string[] = [];
  let more = 0;
  for (const { writerId, faults } of streams) {
    for (const { verdict, file, offset, message } of faults) {
      if (quiet.has(verdict)) continue;
      if (texts.length < faultsMax) {
        texts.push(`${writerId}: ${verdict} ${file}:${offset}: ${message}`);
      } else {
        more += 1;
      }
    }
  }
  return more === 0 ? texts : [...texts, `and ${plural(more, 'more fault')}`];
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
