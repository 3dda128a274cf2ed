/** The attempts of one run: their numbers, their spans, and the one that was recorded with the acceptance. */
import type { Context } from '../context/index.js';
import type { Attempt, Dispatch } from './descriptor.js';

interface Recorded {
  readonly dispatch: Dispatch;
  readonly attempt: Attempt;
}

export class Attempts {
  readonly #counts = new Map<string, number>();
  #first: Recorded | undefined;

  /** A new attempt, caused by `span`. */
  next(dispatch: Dispatch, span: Context): Attempt {
    const target = dispatch.env ?? dispatch.runner;
    const counted = (this.#counts.get(target) ?? 0) + 1;
    const attempt = Number.isSafeInteger(dispatch.attempt)
      ? (dispatch.attempt ?? counted)
      : counted;
    this.#counts.set(target, attempt);
    return { attempt, runner: dispatch.runner, context: span.child() };
  }

  /** The first attempt, recorded before the run's function starts. */
  first(dispatch: Dispatch, span: Context): Attempt {
    const attempt = this.next(dispatch, span);
    this.#first = { dispatch, attempt };
    return attempt;
  }

  /** The first attempt, if it is at this runner and was not taken yet. */
  takeFirst(dispatch: Dispatch): Attempt | undefined {
    const first = this.#first;
    if (first === undefined || first.dispatch.runner !== dispatch.runner) return undefined;
    this.#first = undefined;
    return first.attempt;
  }
}
