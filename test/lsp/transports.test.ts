/** The editor's side without a process: what is stamped, with which context, and what is left alone. */
import { expect, test } from 'vitest';
import { correlatedTransports, type TransportOptions } from '../../adapters/lsp/index.js';
import { Context, extractMessage, runInContext } from '../../src/context/index.js';

type Message = Record<string, unknown>;

interface Writer {
  write(message: Message): Promise<void>;
  onError(): void;
  onClose(): void;
}

async function connected(options: TransportOptions = {}) {
  const sent: Message[] = [];
  const start = correlatedTransports<{ reader: object; writer: Writer; detached: boolean }>(
    async () => ({
      reader: {},
      writer: {
        write: async (message) => void sent.push(message),
        onError() {},
        onClose() {},
      },
      detached: true,
    }),
    { env: {}, ...options },
  );
  const transports = await start();
  const send = (message: Message): Message => {
    void transports.writer.write({ jsonrpc: '2.0', ...message });
    return sent.at(-1) ?? {};
  };
  return { transports, send };
}

const carried = (message: Message) => extractMessage(message)?.traceId;
const hover = {
  id: 1,
  method: 'textDocument/hover',
  params: { textDocument: { uri: 'file:///a' } },
};

test('a request of a scope carries the scope, one of none a new root that says who asked', async () => {
  const { send, transports } = await connected({ client: 'Acme' });
  expect(transports.detached).toBe(true);
  const context = Context.begin();
  expect(extractMessage(runInContext(context, () => send(hover)))).toMatchObject({
    traceId: context.traceId,
    spanId: context.spanId,
  });
  const message = { id: 2, method: 'workspace/executeCommand', params: { command: 'acme.fix' } };
  const [one, other] = [send(message), send(message)];
  expect(extractMessage(one)?.origin).toEqual({
    front: 'lsp',
    method: 'workspace/executeCommand',
    name: 'acme.fix',
    client: 'Acme',
  });
  expect(carried(one)).not.toBe(carried(other));
  expect(message).toEqual({
    id: 2,
    method: 'workspace/executeCommand',
    params: { command: 'acme.fix' },
  });
});

test.each(['initialize', 'initialized', 'shutdown', 'exit', '$/setTrace'])(
  '%s is nobody’s request and is sent as it is, within a scope too',
  async (method) => {
    const { send } = await connected();
    const message = { jsonrpc: '2.0', method };
    expect(send(message)).toEqual(message);
    expect(runInContext(Context.begin(), () => send(message))).toEqual(message);
  },
);

test('answers to the server are sent as they are', async () => {
  const { send } = await connected();
  const answer = { jsonrpc: '2.0', id: 1, result: null };
  expect(runInContext(Context.begin(), () => send(answer))).toEqual(answer);
});

test('in the form params-meta a message without params is left alone', async () => {
  const { send } = await connected({ carrier: 'params-meta' });
  expect(send({ method: 'acme/refresh' })).toEqual({ jsonrpc: '2.0', method: 'acme/refresh' });
  expect(send(hover)['params']).toMatchObject({ _meta: { traceparent: expect.any(String) } });
});

test('the environment the editor was started under is a link of every request', async () => {
  const { send } = await connected({
    env: { TRACEPARENT: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` },
  });
  const remote = extractMessage(send(hover));
  expect(remote?.links).toEqual([{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }]);
  expect(remote?.traceId).not.toBe('c'.repeat(32));
});

test('a cancel carries the context of its request for 1024 requests, and then none', async () => {
  const { send } = await connected();
  const traces = Array.from({ length: 1025 }, (_, id) => carried(send({ ...hover, id })));
  const cancel = (id: number | string): Message =>
    runInContext(Context.begin(), () => send({ method: '$/cancelRequest', params: { id } }));
  expect(carried(cancel(1))).toBe(traces[1]);
  expect(carried(cancel(1024))).toBe(traces[1024]);
  expect(cancel(0)).not.toHaveProperty('_meta');
  // 1 and "1" are two ids.
  expect(cancel('1')).not.toHaveProperty('_meta');
});
