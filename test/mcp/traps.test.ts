// oxlint-disable unicorn/prefer-add-event-listener -- An MCP transport has handlers, not listeners.
/** What instrumentations of MCP are known to get wrong, and where no other test of this folder stands on it. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { describe, expect, it, vi } from 'vitest';
import { correlate, type CorrelateOptions } from '../../adapters/mcp/index.js';
import { Context, currentContext, runInContext } from '../../src/context/index.js';
import { call, foreign, startFixture } from './harness.js';

interface Sent {
  readonly id?: number;
  readonly method?: string;
  readonly params: { readonly _meta: Readonly<Record<string, unknown>> };
}

/** A peer on a transport whose messages stay here. */
async function connected(
  options: CorrelateOptions = {},
  members: object = {},
): Promise<{
  receive: (message: object, extra?: object) => void;
  send: (message: object, options?: object) => Promise<unknown>;
  sent: Sent[];
  sentWith: (Record<string, unknown> | undefined)[];
  onReceived: (listener: () => void) => void;
}> {
  const sent: Sent[] = [];
  const sentWith: (Record<string, unknown> | undefined)[] = [];
  let listener: (() => void) | undefined;
  const transport = {
    onmessage: undefined as ((message: unknown, extra?: unknown) => void) | undefined,
    send: (message: unknown, sendOptions?: Record<string, unknown>) => {
      sent.push(message as Sent);
      sentWith.push(sendOptions);
      return Promise.resolve();
    },
    ...members,
  };
  const peer = {
    connect: async (given: typeof transport) => {
      given.onmessage = () => listener?.();
    },
  };
  correlate(peer, { env: {}, ...options });
  await peer.connect(transport);
  return {
    receive: (message, extra) => transport.onmessage?.(message, extra),
    send: (message, sendOptions) =>
      transport.send(message, sendOptions as Record<string, unknown> | undefined),
    sent,
    sentWith,
    onReceived: (next) => {
      listener = next;
    },
  };
}

const traceIn = (message: Sent | undefined): string =>
  String(message?.params._meta['traceparent']).slice(3, 35);

describe('an instrumentation of MCP', () => {
  it('keeps the id of a call whose client asks again from inside the answer', async () => {
    const { receive, send, sent, onReceived } = await connected();
    // As SDK 2 retries a multi-round-trip call: from the transport's callback, under a new JSON-RPC id.
    let id = 100;
    onReceived(() => {
      id += 1;
      void send({ id, method: 'tools/call', params: { name: 'retried' } });
    });
    const contexts = Array.from({ length: 20 }, () => Context.begin());
    for (const [number, context] of contexts.entries()) {
      runInContext(context, () => void send({ id: number, method: 'tools/call', params: {} }));
    }
    for (const number of contexts.keys()) {
      receive({ id: number, result: { resultType: 'input_required' } });
    }
    expect(sent.slice(20).map((leg) => traceIn(leg))).toEqual(contexts.map((one) => one.traceId));
  });

  it('is not fooled by a transport in memory, through which a scope leaks by itself', async () => {
    const info = { name: 'memory', version: '1.0.0' };
    const seen: (Context | undefined)[] = [];
    for (const isCorrelated of [false, true]) {
      const [client, server] = [new Client(info), new McpServer(info)];
      server.registerTool('seen', {}, async () => {
        seen.push(currentContext());
        return { content: [] };
      });
      if (isCorrelated) correlate(server, { env: {} });
      const [here, there] = InMemoryTransport.createLinkedPair();
      await server.connect(there);
      await client.connect(here);
      const context = Context.begin();
      await runInContext(context, () => client.callTool({ name: 'seen', arguments: {} }));
      // Nothing was carried: without the adapter the client's scope is there all the same.
      expect(seen.at(-1) === context).toBe(!isCorrelated);
      await client.close();
    }
    expect(seen[1]?.isRoot).toBe(true);
  });

  it('hands on each message by itself, in order and at once: two in one write lose a progress callback', async () => {
    const { send, sent } = await connected();
    const token = { progressToken: 1, progress: 1 };
    runInContext(Context.begin(), () => {
      void send({ method: 'notifications/progress', params: token });
      void send({ id: 1, result: {} });
      void send({ method: 'notifications/progress', params: token });
    });
    expect(sent.map((message) => message.method)).toEqual([
      'notifications/progress',
      undefined,
      'notifications/progress',
    ]);
  });

  it('takes no progress token for an id: requests that share one have ids of their own, and keep it', async () => {
    const { receive, send, sent, onReceived } = await connected();
    const scopes: (string | undefined)[] = [];
    onReceived(() => scopes.push(currentContext()?.traceId));
    for (const id of [1, 2]) {
      receive({ id, method: 'tools/call', params: { _meta: { progressToken: 'same' } } });
      void send({ id, method: 'tools/call', params: { _meta: { progressToken: 'same', own: 1 } } });
    }
    expect(new Set(scopes).size).toBe(2);
    expect(new Set(sent.map((message) => traceIn(message))).size).toBe(2);
    expect(sent.map(({ params }) => params._meta)).toEqual([
      expect.objectContaining({ progressToken: 'same', own: 1 }),
      expect.objectContaining({ progressToken: 'same', own: 1 }),
    ]);
  });

  it('draws ids from a pool: 1000 calls ask the system for randomness a few times', async () => {
    const draws = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const { send } = await connected();
    for (let id = 0; id < 1000; id += 1) void send({ id, method: 'ping' });
    // 18 bytes a call, 4096 a draw.
    expect(draws.mock.calls.length).toBeLessThanOrEqual(6);
    draws.mockRestore();
  });

  it('works with a server that prints what is no message', async () => {
    await using fixture = await startFixture({ correlated: {}, env: { NOISE: '1' } });
    const contexts = Array.from({ length: 20 }, () => Context.begin());
    const answers = await Promise.all(
      contexts.map((context) =>
        runInContext(context, () => call(fixture.client, 'before', 'noisy')),
      ),
    );
    expect(answers.map((answer) => answer.trace)).toEqual(contexts.map((one) => one.traceId));
  });

  it.each([
    ['http://127.0.0.1:80/mcp', true],
    ['https://mcp.example.com/mcp', true],
    ['https://elsewhere.example.com/mcp', false],
  ])('sends header and `_meta` with one id, and neither elsewhere: %s', async (url, isSent) => {
    const http = { _url: new URL(url), finishAuth: () => undefined };
    const options = { propagateTo: ['https://mcp.example.com'] };
    const { send, sent, sentWith } = await connected(options, http);
    const context = Context.begin();
    await runInContext(context, () => send({ id: 1, method: 'tools/call', params: {} }));
    const headers = sentWith[0]?.['headers'] as Record<string, string> | undefined;
    const meta = sent[0]?.params._meta;
    expect(headers?.['traceparent']).toBe(isSent ? context.traceparent : undefined);
    expect(meta?.['traceparent']).toBe(isSent ? context.traceparent : undefined);
    expect(headers?.['tracestate']).toBe(meta?.['tracestate']);
  });

  it("keeps a caller's own header beside ours", async () => {
    const http = { _url: new URL('http://localhost/mcp'), finishAuth: () => undefined };
    const { send, sentWith } = await connected({}, http);
    const own = { headers: { traceparent: foreign(1).traceparent, accept: 'x/y' } };
    await runInContext(Context.begin(), () => send({ id: 1, method: 'ping' }, own));
    expect(sentWith[0]?.['headers']).toMatchObject(own.headers);
    expect(own).toEqual({ headers: { traceparent: foreign(1).traceparent, accept: 'x/y' } });
  });
});

async function scopeOf(headers: object, options: CorrelateOptions = {}): Promise<Context> {
  const { receive, onReceived } = await connected(options);
  let scope: Context | undefined;
  onReceived(() => {
    scope = currentContext();
  });
  receive({ id: 1, method: 'tools/call', params: {} }, { requestInfo: { headers } });
  if (scope === undefined) throw new Error('it ran in no scope');
  return scope;
}

describe('over HTTP, as a server sees it', () => {
  const local = { host: '127.0.0.1:80' };
  const trace = foreign(1).trace;

  it.each([
    ['nothing', undefined],
    ['an empty one', ''],
    ['one of 257 characters', `${foreign(1).traceparent}-${'x'.repeat(201)}`],
    ['one with a blank in front', ` ${foreign(1).traceparent}`],
    ['one in upper case', foreign(1).traceparent.toUpperCase()],
    ['one of version ff', `ff${foreign(1).traceparent.slice(2)}`],
    ['one of zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['one that came twice', `${foreign(1).traceparent}, ${foreign(1).traceparent}`],
    ['two', [foreign(1).traceparent, foreign(2).traceparent]],
  ])('a header with %s is a new root, without a link', async (_, traceparent) => {
    const scope = await scopeOf({
      ...local,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    expect(scope.isRoot).toBe(true);
    expect(scope.links).toEqual([]);
    expect(scope.traceId).not.toBe(trace);
  });

  it('an over-long tracestate is left out, and its traceparent is not', async () => {
    const traceparent = foreign(1).traceparent;
    const long = await scopeOf({ ...local, traceparent, tracestate: `a=${'x'.repeat(8191)}` });
    expect(long.traceId).toBe(trace);
    expect(long.tracestate).toEqual([]);
    const short = await scopeOf({ ...local, traceparent, tracestate: 'a=1' });
    expect(short.tracestate).toEqual([{ key: 'a', value: '1' }]);
  });

  it.each([
    ['join', true, 0],
    ['link', false, 1],
    ['ignore', false, 0],
  ] as const)(
    'trust: %s does what it says, wherever the request came from',
    async (trust, isJoined, links) => {
      for (const headers of [
        local,
        { host: 'mcp.example.com', 'x-forwarded-for': '203.0.113.7' },
      ]) {
        const scope = await scopeOf({ ...headers, traceparent: foreign(1).traceparent }, { trust });
        expect(scope.traceId === trace).toBe(isJoined);
        expect(scope.links).toHaveLength(links);
      }
    },
  );
});
