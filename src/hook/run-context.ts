/** Which span a run is, and which message asked for it. */
import { Context, currentContext } from '../context/index.js';
import { requestOf, type RequestInfo } from '../protocol/index.js';

export interface RunContext {
  readonly context: Context;
  /** The inbound message, when the run was asked for by one directly. */
  readonly request: RequestInfo | undefined;
  /** From 1: the how many-th run of that message. */
  readonly part: number;
}

const runsOf = new WeakMap<RequestInfo, number>();

/**
 * A context that is given is the run's own. Else, inside another run it is that run's child, or its handler's. Inside
 * an inbound message it is caused by the message's sender and stands beside the message's own span, so that two runs
 * of one message have spans of their own. Inside anything else (a command) it is a child of that, and outside of
 * everything a new root.
 */
export function runContext(given: Context | undefined, isInRun: boolean): RunContext {
  if (given !== undefined) return withPart(given, requestOf(given));
  const ambient = currentContext();
  if (ambient === undefined) return withPart(Context.begin(), undefined);
  // A run may have been given its message's own span: what it starts is its child and not its sibling.
  if (isInRun) return withPart(ambient.child(), undefined);
  const request = requestOf(ambient);
  if (request !== undefined) return withPart(ambient.sibling(), request);
  // The span that a debounce or a cache fill runs in is in no stream: what it serves is recorded with what it starts.
  return withPart(ambient.child({ links: ambient.links }), undefined);
}

function withPart(context: Context, request: RequestInfo | undefined): RunContext {
  if (request === undefined) return { context, request, part: 1 };
  const part = (runsOf.get(request) ?? 0) + 1;
  runsOf.set(request, part);
  return { context, request, part };
}
