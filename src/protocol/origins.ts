/** What a front says of its messages: one object for all that ask for the same, since its spelling is kept with it. */
import type { Origin } from '../context/index.js';

/** A peer that makes up method names must not fill the memory; those beyond are made anew each time. */
const methodsRememberedMax = 256;
const methodCharsMax = 128;

/** The origins of one front's messages, by method. */
export function origins(front: string): (method: string, client: string | undefined) => Origin {
  const known = new Map<string, Origin>();
  return (method, client) => {
    const last = known.get(method);
    // The client is learnt with the first message and stays.
    if (last !== undefined && last.client === client) return last;
    // Frozen: it is in the hands of many.
    const origin: Origin = Object.freeze(
      client === undefined ? { front, method } : { front, method, client },
    );
    const isNew = last === undefined;
    if (isNew && (known.size >= methodsRememberedMax || method.length > methodCharsMax))
      return origin;
    known.set(method, origin);
    return origin;
  };
}
