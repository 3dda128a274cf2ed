/**
 * The truth line of an answer: what the command line ends its views with, in one line and without a word from a stream.
 * What a fault says of itself may quote one; `verify` has that, as data.
 */
import type { Story } from '../../read/index.js';
import { faultPlaces, summary } from '../render/truth-line.js';
import { clean } from '../text.js';

export function truthOf(story: Pick<Story, 'streams' | 'truth'>): string {
  return clean([...faultPlaces(story.streams), summary(story.truth)].join(' · '));
}
