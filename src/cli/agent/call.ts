/** What a tool is, what it is asked with, and what it answers with. Knows no SDK and reads nothing. */
import type { Call } from './error.js';
import type { Parameters, Asked } from './parameters.js';
import type { Caller, Reading } from './reading.js';
import type { Schema } from './schema.js';

/** A tool of the server. All of them read and none of them writes. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: Parameters;
  /** The members of its answer besides those that every answer has. */
  readonly output: Readonly<Record<string, Schema>>;
  readonly answer: (asked: Asked, session: Session) => Promise<Answer>;
}

export interface Answer {
  readonly fields: Readonly<Record<string, unknown>>;
  /** What was left out, a phrase each; empty when everything is there. */
  readonly omitted: readonly string[];
  /** What to ask next, the best first. */
  readonly next: readonly Call[];
  /** What the answer was read from, and whether that is all there is. */
  readonly truth: string;
  /** For whoever reads text; absent: the answer as JSON. */
  readonly text?: string;
}

/** One call under way. */
export interface Session extends Caller {
  readonly reading: Reading;
}
