/** What the code in the scope of a context belongs to. Knows no runs: they say it of themselves. */
import type { Context } from '../context/index.js';

const owners = new WeakMap<Context, object>();

/** Says that code in the scope of `context` belongs to `owner`. */
export function belongTo(context: Context, owner: object): void {
  owners.set(context, owner);
}

export function ownerOf(context: Context): object | undefined {
  return owners.get(context);
}
