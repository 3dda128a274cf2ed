/** One request where one is meant: of those that share an id, the one that has the span, else the newest. */
import { walk, type Request } from '../../read/index.js';
import { AgentError } from './call.js';

/** `span`: an id or handle that tells them apart; empty where there is none. */
export function onlyRequest(requests: readonly Request[], span: string): Request {
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
