/** `recordJsonRpc` on the library's own connections, in one process, on a stream in memory. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createMessageConnection,
  NotificationType,
  RequestType,
  RequestType2,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { correlated, type ConnectionOptions } from '../../adapters/json-rpc/index.js';
import { recordJsonRpc, type RecordedMethods } from '../../src/hook/record-json-rpc.js';
import { currentRun } from '../../src/hook/current-run.js';
import { memoryRecorder } from '../hook/memory-stream.js';

const open: MessageConnection[] = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose();
});

function connect(options?: ConnectionOptions) {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const client = createMessageConnection(
    new StreamMessageReader(back),
    new StreamMessageWriter(there),
  );
  const server = createMessageConnection(
    new StreamMessageReader(there),
    new StreamMessageWriter(back),
    undefined,
    options,
  );
  open.push(client, server);
  const { recorder, stream } = memoryRecorder();
  const listen = (): void => {
    client.listen();
    server.listen();
  };
  return { client, server, recorder, stream, listen };
}

function recording(methods: RecordedMethods) {
  const parts = connect(correlated({ env: {} }));
  const recorded = recordJsonRpc(parts.server, parts.recorder, methods);
  return { ...parts, recorded };
}

describe('handlers are recorded however they are registered', () => {
  test('by a string, with parameters by name', async () => {
    const { client, server, stream, listen } = recording({
      'acme/do': { summary: ['n', 'deep.m'] },
    });
    server.onRequest('acme/do', ({ n }: { n: number }) => n + 1);
    listen();
    expect(await client.sendRequest('acme/do', { n: 1, deep: { m: 'x' }, secret: 's' })).toBe(2);
    expect(stream.events()).toEqual(['run.accepted', 'run.completed']);
    const accepted = stream.find('run.accepted');
    expect(accepted.action_name).toBe('acme/do');
    expect(accepted.payload).toMatchObject({ summary: { n: 1, 'deep.m': 'x' }, rpc: { id: 0 } });
    expect(accepted.payload).toHaveProperty('params_hash');
    expect(JSON.stringify(stream.records)).not.toContain('secret');
  });

  test('by a type object, also with parameters by position', async () => {
    const { client, server, stream, listen } = recording({
      'acme/one': { hash: false },
      'acme/two': { summary: ([a, b]: [number, number]) => ({ sum: a + b }) },
    });
    server.onRequest(new RequestType<{ n: number }, number, void>('acme/one'), ({ n }) => n);
    server.onRequest(new RequestType2<number, number, number, void>('acme/two'), (a, b) => a * b);
    listen();
    expect(await client.sendRequest('acme/one', { n: 5 })).toBe(5);
    expect(await client.sendRequest('acme/two', 3, 4)).toBe(12);
    const [one, two] = stream.records.filter((record) => record.event_type === 'run.accepted');
    expect(one?.payload).not.toHaveProperty('params_hash');
    expect(two?.payload).toMatchObject({ summary: { sum: 7 } });
  });

  test('by a handler for all methods, of which the listed ones are recorded', async () => {
    const { client, server, stream, listen } = recording({ 'acme/do': { action: 'do' } });
    server.onRequest((method, params) => ({ method, params, run: currentRun() !== undefined }));
    listen();
    const [listed, other] = await Promise.all([
      client.sendRequest('acme/do', { n: 1 }),
      client.sendRequest('acme/other', { n: 2 }),
    ]);
    expect(listed).toEqual({ method: 'acme/do', params: { n: 1 }, run: true });
    expect(other).toEqual({ method: 'acme/other', params: { n: 2 }, run: false });
    expect(stream.events()).toEqual(['run.accepted', 'run.completed']);
  });

  test('and those of methods that are not listed are left alone', async () => {
    const { client, server, stream, listen } = recording({ 'acme/do': {} });
    server.onRequest('acme/other', () => (currentRun() === undefined ? 'no run' : 'a run'));
    const told = new Promise((resolve) => {
      server.onNotification(new NotificationType('acme/tell'), resolve);
    });
    listen();
    expect(await client.sendRequest('acme/other')).toBe('no run');
    expect(await client.sendRequest('toString').catch((error: ResponseError) => error.code)).toBe(
      -32601,
    );
    await client.sendNotification(new NotificationType('acme/tell'), {});
    await told;
    expect(stream.records).toEqual([]);
  });
});

describe('notifications that execute work are runs that nobody is answered for', () => {
  test('by a string, by a type and by a handler for all methods', async () => {
    const { client, server, stream, listen } = recording({
      'acme/string': { summary: ['n'] },
      'acme/type': {},
      'acme/star': {},
    });
    const handled: unknown[] = [];
    const note = (what: unknown): void => {
      handled.push([what, currentRun() !== undefined]);
    };
    server.onNotification('acme/string', ({ n }: { n: number }) => note(n));
    server.onNotification(new NotificationType<{ n: number }>('acme/type'), ({ n }) => note(n));
    server.onNotification((method) => note(method));
    listen();
    for (const [n, method] of ['string', 'type', 'star', 'other'].entries()) {
      await client.sendNotification(`acme/${method}`, { n });
      await expect.poll(() => handled).toHaveLength(n + 1);
    }
    expect(handled).toEqual([
      [0, true],
      [1, true],
      ['acme/star', true],
      ['acme/other', false],
    ]);
    await expect.poll(() => stream.events()).toHaveLength(6);
    const accepted = stream.records.filter((record) => record.event_type === 'run.accepted');
    expect(accepted.map((record) => record.action_name)).toEqual([
      'acme/string',
      'acme/type',
      'acme/star',
    ]);
    expect(accepted[0]?.payload).toMatchObject({ summary: { n: 0 } });
    // A notification has no id; its connection is known.
    expect(accepted[0]?.payload?.['rpc']).toEqual({ connection: expect.any(String) as string });
    const ends = stream.records.filter((record) => record.event_type === 'run.completed');
    expect(ends.map((record) => record.payload?.['answered'])).toEqual([false, false, false]);
  });

  test('500 of one chunk keep their order', async () => {
    const { client, server, listen } = recording({ 'acme/tell': { durability: 'relaxed' } });
    const seen: number[] = [];
    server.onNotification('acme/tell', ({ n }: { n: number }) => void seen.push(n));
    listen();
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    await Promise.all(numbers.map((n) => client.sendNotification('acme/tell', { n })));
    await expect.poll(() => seen).toHaveLength(500);
    expect(seen).toEqual(numbers);
  });

  test('one whose handler throws has failed, and ends neither connection nor process', async () => {
    const printed = vi.spyOn(console, 'error').mockReturnValue();
    const { client, server, stream, listen } = recording({ 'acme/tell': {} });
    server.onNotification('acme/tell', () => {
      throw new Error('no such file');
    });
    server.onRequest('acme/ask', () => 1);
    listen();
    await client.sendNotification('acme/tell', {});
    await expect.poll(() => stream.events()).toEqual(['run.accepted', 'run.failed']);
    expect(await client.sendRequest('acme/ask')).toBe(1);
    expect(stream.find('run.failed').payload).toMatchObject({ answered: false });
    expect(printed).toHaveBeenCalledTimes(1);
    printed.mockRestore();
  });
});

describe('the end of a run', () => {
  test.each([
    [
      'thrown',
      () => {
        throw new ResponseError(-32001, 'no such file', { file: 'a' });
      },
    ],
    ['returned', () => new ResponseError(-32001, 'no such file', { file: 'a' })],
    ['rejected', () => Promise.reject(new ResponseError(-32001, 'no such file', { file: 'a' }))],
  ])('is a failure when the error is %s, and the client gets it as it is', async (_, handler) => {
    const { client, server, stream, listen } = recording({ 'acme/do': {} });
    server.onRequest('acme/do', handler);
    listen();
    const error: unknown = await client.sendRequest('acme/do').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: -32001, message: 'no such file', data: { file: 'a' } });
    expect(stream.find('run.failed').payload).toMatchObject({
      error: { code: -32001, class: 'ResponseError', message: 'no such file' },
    });
  });

  test('comes before the answer', async () => {
    const { client, server, stream, listen } = recording({ 'acme/do': {} });
    server.onRequest('acme/do', () => 1);
    listen();
    stream.mode = 'hold';
    let answer: unknown = 'none';
    const answered = client.sendRequest('acme/do').then((result) => (answer = result));
    await expect.poll(() => stream.events()).toEqual(['run.accepted']);
    stream.release();
    stream.mode = 'hold';
    await expect.poll(() => stream.events()).toEqual(['run.accepted', 'run.completed']);
    expect(answer).toBe('none');
    stream.release();
    await answered;
    expect(answer).toBe(1);
  });
});

test('what the table says is read from the parameters, and a mistake in it costs that field alone', async () => {
  const { client, server, stream, listen } = recording({
    'acme/do': {
      action: (params: { action: string }) => params.action,
      project: '/a-project',
      env: () => 'dev',
      trigger: 'save',
      devEnv: () => {
        throw new Error('a mistake');
      },
      dispatch: { runner: 'er-1' },
      durability: 'relaxed',
    },
  });
  server.onRequest('acme/do', () => null);
  listen();
  await client.sendRequest('acme/do', { action: 'lint' });
  expect(stream.events()).toEqual(['run.accepted', 'run.dispatched', 'run.completed']);
  const accepted = stream.find('run.accepted');
  expect(accepted).toMatchObject({
    action_name: 'lint',
    project_path: '/a-project',
    env_name: 'dev',
    trigger: 'save',
    durability: 'relaxed',
  });
  expect(accepted).not.toHaveProperty('dev_env');
});

test('a run that a handler starts is the child of the recorded one', async () => {
  const { client, server, recorder, stream, listen } = recording({ 'acme/do': {} });
  server.onRequest('acme/do', () => recorder.run({ action: 'inner' }, () => null));
  listen();
  await client.sendRequest('acme/do');
  const [outer, inner] = stream.records.filter((record) => record.event_type === 'run.accepted');
  expect(inner?.parent_span_id).toBe(outer?.span_id);
});

test('a connection without correlated() is refused at its first recorded request', async () => {
  const { client, server, recorder, stream, listen } = connect();
  recordJsonRpc(server, recorder, { 'acme/do': {} });
  server.onRequest('acme/do', () => 1);
  server.onRequest('acme/other', () => 2);
  listen();
  await expect(client.sendRequest('acme/do')).rejects.toThrow(
    /create its connection with correlated\(\)/,
  );
  expect(await client.sendRequest('acme/other')).toBe(2);
  expect(stream.records).toEqual([]);
});

test.each([
  ['has no onRequest', {}],
  ['is frozen', Object.freeze({ onRequest: () => undefined })],
])('a connection that %s is refused at once', (_, connection) => {
  const { recorder } = memoryRecorder();
  expect(() => recordJsonRpc(connection as { onRequest(): void }, recorder, {})).toThrow(
    expect.objectContaining({ code: 'CONNECTION_UNSUPPORTED' }),
  );
});

test('dispose stops recording, for registered handlers too, and gives the connection back', async () => {
  const { client, server, recorder, stream, listen } = connect(correlated({ env: {} }));
  const members = ['onRequest', 'onNotification'] as const satisfies (keyof MessageConnection)[];
  const originals: readonly unknown[] = members.map((member) => server[member]);
  const recorded = recordJsonRpc(server, recorder, { 'acme/do': {} });
  server.onRequest('acme/do', () => 1);
  listen();
  recorded.dispose();
  expect(members.map((member) => server[member])).toEqual(originals);
  expect(await client.sendRequest('acme/do')).toBe(1);
  expect(stream.records).toEqual([]);
});

test('a handler can be taken back as the library allows', async () => {
  const { client, server, listen } = recording({ 'acme/do': {} });
  const registration = server.onRequest('acme/do', () => 1);
  listen();
  registration.dispose();
  await expect(client.sendRequest('acme/do')).rejects.toMatchObject({ code: -32601 });
});
