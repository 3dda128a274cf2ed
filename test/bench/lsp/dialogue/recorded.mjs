/** The dialogue of the proxy's benchmark, as an editor plays it: what it sends, and what it is answered. */
import { clientToServer, serverToClient } from '../../lsp-proxy/dialogue.mjs';

const body = (framed) => JSON.parse(framed.subarray(framed.indexOf('{')).toString());
const location = {
  uri: 'file:///home/somebody/projects/workspace/packages/client/src/lib.dom.d.ts',
  range: { start: { line: 41, character: 17 }, end: { line: 41, character: 24 } },
};
const starting = ['initialize', 'textDocument/didOpen'];

/** What the editor sends: `opening` once, `pass` as often as wanted. */
export function sent() {
  const messages = clientToServer()
    .map(body)
    .map(({ id, method, params }) => ({ method, params, isRequest: id !== undefined }));
  // A server ends with the process that is named here, so it is not the recorded one.
  const initialize = { processId: process.pid, rootUri: null, capabilities: {} };
  return {
    opening: messages
      .filter(({ method }) => starting.includes(method))
      .map((one) => (one.method === 'initialize' ? { ...one, params: initialize } : one)),
    pass: messages.filter(({ method }) => ![...starting, 'shutdown'].includes(method)),
  };
}

/** One for each request of a pass: every recorded result once, and a location in between. */
export function answers() {
  const results = serverToClient()
    .map(body)
    .filter(({ result }) => result !== undefined);
  const { length } = sent().pass.filter(({ isRequest }) => isRequest);
  return Array.from({ length }, (_, index) =>
    index % 2 === 0 ? (results[index / 2]?.result ?? null) : [location],
  );
}
