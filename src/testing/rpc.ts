/** A JSON-RPC client over the front's stdio: enough to be an editor or an agent for one burst. */
import { once } from 'node:events';
import { ThroughlineError } from '../context/index.js';
import {
  contentLengthFramer,
  frameContentLength,
  frameLine,
  lineFramer,
} from '../protocol/index.js';
import { isObject, parseJson, type JsonObject } from './json.js';
import { within, type FrontProcess } from './process.js';

/** What the front answered: its result, or its error as text. */
export type Answer = { readonly result: unknown } | { readonly error: string };

export interface RpcClient {
  request(message: JsonObject): Promise<Answer>;
  notify(message: JsonObject): void;
}

const lastWordsMsMax = 200;

export function openRpc(front: FrontProcess, protocol: 'mcp' | 'lsp'): RpcClient {
  const framer = protocol === 'mcp' ? lineFramer() : contentLengthFramer();
  const frame = protocol === 'mcp' ? frameLine : frameContentLength;
  const waiting = new Map<string, (answer: Answer) => void>();
  let lastId = 0;
  const send = (message: JsonObject): void => {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', ...message }));
    front.child.stdin?.write(frame(body));
  };
  const receive = (message: JsonObject): void => {
    const { id, method } = message;
    if (typeof method === 'string') {
      if (id !== undefined) send({ id, ...answerTo(method, message['params']) });
      return;
    }
    const settle = waiting.get(String(id));
    waiting.delete(String(id));
    settle?.(answerIn(message));
  };
  front.child.stdout?.on('data', (chunk: Uint8Array) => {
    for (const item of framer.push(chunk)) {
      const message = item.kind === 'message' ? parseJson(item.body) : undefined;
      if (isObject(message)) receive(message);
    }
  });
  const gone = front.exited.then((exit) => exitedEarly(front, exit));
  gone.catch(() => undefined);
  return {
    notify: send,
    request: (message) => {
      lastId += 1;
      const id = lastId;
      const answered = new Promise<Answer>((resolve) => waiting.set(String(id), resolve));
      send({ ...message, id });
      return Promise.race([answered, gone]);
    },
  };
}

async function exitedEarly(front: FrontProcess, exit: number | string): Promise<never> {
  // What it printed last may still be in the pipe.
  await within(once(front.child, 'close'), lastWordsMsMax);
  const printed = front.stderr();
  throw new ThroughlineError(
    'FRONT_FAILED',
    `The front exited (${exit}) before it had answered.${printed === '' ? '' : ` It printed: ${printed}`}`,
  );
}

function answerIn(message: JsonObject): Answer {
  const { result, error } = message;
  if (error !== undefined) return { error: JSON.stringify(error) };
  // MCP's tools fail inside their result.
  if (isObject(result) && result['isError'] === true) return { error: JSON.stringify(result) };
  return { result };
}

/** What servers ask their clients, answered as if by one that has nothing to say. */
function answerTo(method: string, params: unknown): JsonObject {
  const items = isObject(params) ? params['items'] : undefined;
  switch (method) {
    case 'ping':
      return { result: {} };
    case 'roots/list':
      return { result: { roots: [] } };
    case 'workspace/configuration':
      return { result: Array.isArray(items) ? items.map(() => null) : [] };
    case 'workspace/applyEdit':
      return { result: { applied: true } };
    case 'elicitation/create':
      return { result: { action: 'decline' } };
    case 'sampling/createMessage':
      return { error: { code: -32601, message: 'This client samples nothing.' } };
    default:
      return { result: null };
  }
}
