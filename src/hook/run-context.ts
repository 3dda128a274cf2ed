/** Which span a run is, and which message asked for it. */
import { Context, currentContext } from '../context/index.js';
import { requestOf, type RequestInfo } from '../protocol/index.js';

export interface RunContext {
  readonly context: Context;
  /** The inbound message, when the run was asked for by one directly. */
  readonly request: RequestInfo | undefined;
}

/**
 * A context that is given is the run's own. Else, inside an inbound message the run is caused by the message's sender
 * and stands beside the message's own span, so that two runs of one message have spans of their own. Inside anything
 * else (another run, a command) it is a child of that. Outside of everything it is a new root.
 */
export function runContext(given: Context | undefined): RunContext {
  if (given !== undefined) return { context: given, request: requestOf(given) };
  const ambient = currentContext();
  if (ambient === undefined) return { context: Context.begin(), request: undefined };
  const request = requestOf(ambient);
  return { context: request === undefined ? ambient.child() : ambient.sibling(), request };
}
