/**
 * The clock in responses between hosts: `_meta: { tracestate: "tl=<hlc>" }` and nothing else, so that what a caller
 * does after an answer sorts after what the answerer did before it. A response never carries a context.
 */
import { parseTracestate, processClock } from '../context/index.js';
import type { JsonRpcMessage } from './types.js';

const memberKey = 'tl';
const plainStart = 'tl=';
const plainChars = plainStart.length + 13;

/** The response with this process's clock in it, as a copy; the response itself when it holds a `_meta`. */
export function stampResponse(message: JsonRpcMessage): JsonRpcMessage {
  if ((message as { _meta?: unknown })._meta !== undefined) return message;
  return Object.assign({}, message, { _meta: { tracestate: plainStart + processClock().tick() } });
}

/** Follows the clock in a response, if there is one. */
export function followResponse(message: unknown): void {
  const meta = (message as { _meta?: unknown } | null | undefined)?._meta;
  if (typeof meta !== 'object' || meta === null) return;
  const { tracestate } = meta as { tracestate?: unknown };
  if (isPlain(tracestate)) {
    processClock().merge(tracestate.slice(plainStart.length));
    return;
  }
  const members = parseTracestate(tracestate);
  const own = members?.find((member) => member.key === memberKey);
  if (own !== undefined) processClock().merge(own.value.split(';', 1)[0]);
}

/** What `stampResponse` writes, which is what nearly every response carries: our member with a reading and no more. */
function isPlain(tracestate: unknown): tracestate is string {
  return (
    typeof tracestate === 'string' &&
    tracestate.length === plainChars &&
    tracestate.startsWith(plainStart)
  );
}
