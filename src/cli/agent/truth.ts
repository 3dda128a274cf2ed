/** The truth line of an answer: the one that the command line ends its views with, in one line. */
import type { Story } from '../../read/index.js';
import { faultTexts, summary } from '../render/truth-line.js';
import { clean } from '../text.js';

export function truthOf(story: Pick<Story, 'streams' | 'truth'>): string {
  return clean([...faultTexts(story.streams), summary(story.truth)].join(' · '));
}
