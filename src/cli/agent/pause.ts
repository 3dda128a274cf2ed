/** Requests in turns with other calls, until the call is cancelled. */
import type { Request, RequestList } from '../../read/index.js';
import { inTurns } from '../../read/requests/turns.js';
import type { Session } from './call.js';

export async function* eachRequest(
  requests: RequestList,
  { signal }: Session,
): AsyncGenerator<Request, void, undefined> {
  for await (const request of inTurns(requests)) {
    signal.throwIfAborted();
    yield request;
  }
}
