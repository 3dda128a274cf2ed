/**
 * Which run the calling code belongs to: for handlers that are called by a library, such as those `recordJsonRpc`
 * records. It follows the ambient context, so it is right wherever that is right, and nowhere else.
 */
import { currentContext, type Context } from '../context/index.js';
import type { Run } from './run.js';

const runs = new WeakMap<Context, Run>();

/** Says that code in the scope of `context` belongs to `run`. */
export function belongTo(context: Context, run: Run): void {
  runs.set(context, run);
}

/** The run whose function, handler or attempt the calling code is in; `undefined` outside of any. */
export function currentRun(): Run | undefined {
  const context = currentContext();
  return context === undefined ? undefined : runs.get(context);
}
