/** What may be said of a span in one word, also by sources that know no spans. */

/**
 * How sure it is that a run of another program belongs where it stands. `exact`: an id says so. `inferred`: nothing else
 * was possible. `ambiguous`: several requests were possible, and it was joined to none of them.
 */
export type JoinConfidence = 'exact' | 'inferred' | 'ambiguous';

/** `run`: one execution of an action. `dispatch`: one attempt at a runner. `handler`: part of a run. */
export type SpanKind = 'run' | 'dispatch' | 'handler' | 'other';
