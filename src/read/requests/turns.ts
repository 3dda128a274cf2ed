/** Goes through many requests without keeping everybody else in the process waiting: a server's other calls, a timer. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Request, RequestList } from './request.js';

/** Putting so many together takes a few milliseconds. */
const requestsAtOnce = 256;

export async function* inTurns(requests: RequestList): AsyncGenerator<Request, void, undefined> {
  let count = 0;
  for (const request of requests) {
    yield request;
    count += 1;
    if (count % requestsAtOnce === 0) await turn();
  }
}
