/** One request where one is meant, and how to name it from then on. */
import { parseCorrelationId, parseTraceId } from '../../context/index.js';
import { walk, type Request } from '../../read/index.js';
import { AgentError } from './error.js';

/**
 * Of requests that share an id the one that has the span, else the newest. `span`: an id or handle that tells them apart;
 * empty where there is none.
 */
export function onlyRequest(requests: readonly Request[], span = ''): Request {
  const [newest, second] = requests;
  if (newest === undefined) throw new AgentError('this run has no spans');
  if (second === undefined || span === '') return newest;
  const wanted = span.replace(/^~/, '').replace(/\*$/, '').toLowerCase();
  const having = requests.find((request) => {
    for (const visit of walk(request.roots)) if (visit.span.spanId.endsWith(wanted)) return true;
    return false;
  });
  return having ?? newest;
}

/** The request's name in the next call: `@0` is another one by then, and of several with one id it must be its own. */
export function nameOf(request: Request, given: string, requests: readonly Request[]): string {
  const isWhole = parseCorrelationId(given) !== undefined || parseTraceId(given) !== undefined;
  return isWhole && requests.length === 1 ? request.correlationId : request.entrySpanId;
}
