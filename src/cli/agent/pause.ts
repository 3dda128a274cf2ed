/** Lets other calls have their turn while one goes through many requests, and stops where it was cancelled. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Request, RequestList } from '../../read/index.js';
import type { Session } from './call.js';

/** Putting so many together takes a few milliseconds. */
const requestsAtOnce = 256;

export async function* eachRequest(
  requests: RequestList,
  { signal }: Session,
): AsyncGenerator<Request, void, undefined> {
  let count = 0;
  for (const request of requests) {
    yield request;
    count += 1;
    if (count % requestsAtOnce !== 0) continue;
    await turn();
    signal.throwIfAborted();
  }
}
