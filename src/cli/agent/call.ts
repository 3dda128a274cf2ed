/** What a tool is, what it is asked with, and what it answers with. Knows no SDK and reads nothing. */
import type { Parameters, Asked } from './parameters.js';
import type { Reading } from './reading.js';
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

/** A call of a tool, spelled out: to be made as it stands. */
export interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
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
export interface Session {
  readonly reading: Reading;
  /** Told to stop. Look at it after each pause. */
  readonly signal: AbortSignal;
  /** Tells whoever waits that so many records more were read. */
  readonly progress: (records: number) => void;
}

/** The call cannot be answered: one sentence that says how to ask instead. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly next: readonly Call[];

  constructor(message: string, next: readonly Call[] = []) {
    super(message);
    this.next = next;
  }
}

/** `expand {"run":"…","span":"…"}`. */
export function callText(call: Call): string {
  return `${call.tool} ${JSON.stringify(call.arguments)}`;
}
