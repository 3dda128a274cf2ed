/**
 * A workspace manager that does no work: it listens on loopback, keeps every message with the call it belongs to, and
 * answers every request. Answers come back out of order on purpose, so that a front cannot live off their sequence.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { extractMessage } from '../context/index.js';
import {
  contentLengthFramer,
  frameContentLength,
  frameLine,
  lineFramer,
  type Framer,
} from '../protocol/index.js';
import type { Arrived } from './compare.js';
import { markersIn } from './marker.js';
import { isObject, parseJson, type JsonObject } from './json.js';
import type { PropagationOptions, RpcCall, WmAddress } from './types.js';

export interface FakeWm {
  readonly address: WmAddress;
  readonly arrived: readonly Arrived[];
  close(): Promise<void>;
}

type WmOptions = Pick<PropagationOptions, 'answer' | 'framing'>;

/** How far apart the answers to neighbouring requests are. */
const answerDelayMsMax = 8;

export async function startFakeWm(options: WmOptions): Promise<FakeWm> {
  const arrived: Arrived[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A front that is killed resets its connection; what it sent before has been kept.
    socket.on('error', () => undefined);
    serve(socket, options, arrived);
  });
  const port = await listen(server);
  return {
    address: { host: '127.0.0.1', port, address: `127.0.0.1:${port}` },
    arrived,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function serve(socket: Socket, options: WmOptions, arrived: Arrived[]): void {
  const framer: Framer = options.framing === 'lines' ? lineFramer() : contentLengthFramer();
  const frame = options.framing === 'lines' ? frameLine : frameContentLength;
  let requests = 0;
  socket.on('data', (chunk) => {
    for (const item of framer.push(chunk)) {
      const message = item.kind === 'message' ? parseJson(item.body) : undefined;
      if (!isObject(message) || typeof message['method'] !== 'string') continue;
      keep(message, message['method'], arrived);
      if (message['id'] === undefined) continue;
      requests += 1;
      const delayMs = (requests * 5) % answerDelayMsMax;
      const write = (body: JsonObject): boolean =>
        socket.writable && socket.write(frame(new TextEncoder().encode(JSON.stringify(body))));
      void answer(message, options, delayMs).then(write);
    }
  });
}

function keep(message: JsonObject, method: string, arrived: Arrived[]): void {
  const actual = extractMessage(message)?.traceId;
  for (const marker of markersIn(message['params'])) arrived.push({ marker, actual, method });
}

/** Never rejects: what the test's `answer` throws is the answer. */
async function answer(
  message: JsonObject,
  options: WmOptions,
  delayMs: number,
): Promise<JsonObject> {
  const { id, method, params } = message;
  const envelope = { jsonrpc: '2.0', id };
  await pause(delayMs);
  try {
    const call: RpcCall = { method: String(method), params };
    const result: unknown = await (options.answer ?? (() => ({})))(call);
    return { ...envelope, result: result ?? null };
  } catch (error) {
    return { ...envelope, error: { code: -32000, message: String(error) } };
  }
}
