// oxlint-disable unicorn/prefer-add-event-listener -- An MCP transport has handlers, not listeners.
import { describe, expect, it } from 'vitest';
import { correlate, type CorrelateOptions } from '../../adapters/mcp/index.js';
import { Channel } from '../../src/protocol/mcp/channel.js';
import { RequestState } from '../../src/protocol/mcp/request-state.js';
import { Context, currentContext, runInContext } from '../../src/context/index.js';
import { foreign } from './harness.js';

type Message = Record<string, unknown>;
type OnMessage = (message: unknown, extra?: unknown) => void;

/** The least a transport is: what the SDKs' stdio transports look like to us. */
class PlainTransport {
  onmessage?: OnMessage | undefined;
  onclose?: (() => void) | undefined;
  readonly sent: Message[] = [];
  async send(message: unknown, _options?: unknown): Promise<void> {
    this.sent.push(message as Message);
  }
}

/** The handlers live behind accessors of the prototype, as in SDK 1's HTTP server transport. */
class DelegatingTransport {
  readonly inner: { onmessage?: OnMessage | undefined } = {};
  readonly sent: Message[] = [];
  get onmessage(): OnMessage | undefined {
    return this.inner.onmessage;
  }
  set onmessage(handler: OnMessage | undefined) {
    this.inner.onmessage = handler;
  }
  async send(message: unknown): Promise<void> {
    this.sent.push(message as Message);
  }
}

type AnyTransport = PlainTransport | DelegatingTransport;

/** Keeps what it is handed, and the scope it was handed it in. */
class Peer {
  transport: AnyTransport | undefined;
  readonly scopes: (Context | undefined)[] = [];
  async connect(transport: AnyTransport): Promise<void> {
    this.transport = transport;
    const before = transport.onmessage;
    // Both SDKs chain the handler that they find.
    transport.onmessage = (message, extra) => {
      before?.(message, extra);
      this.scopes.push(currentContext());
    };
  }
}

async function connected(
  options: CorrelateOptions = {},
): Promise<{ peer: Peer; transport: PlainTransport; dispose: () => void }> {
  const peer = new Peer();
  const transport = new PlainTransport();
  const { dispose } = correlate(peer, { env: {}, ...options });
  await peer.connect(transport);
  return { peer, transport, dispose };
}

/** Without `onmessage`, which the peer assigns. */
function ownNames(transport: object): readonly string[] {
  const names = Object.getOwnPropertyNames(transport).filter((name) => name !== 'onmessage');
  return names.toSorted((first, second) => first.localeCompare(second));
}

/** Whether a context leaves through an HTTP client's transport for `url`. */
async function isSentTo(url: string, options: CorrelateOptions): Promise<boolean> {
  const peer = new Peer();
  const transport = Object.assign(new PlainTransport(), {
    _url: new URL(url),
    finishAuth: () => undefined,
  });
  correlate(peer, { env: {}, ...options });
  await peer.connect(transport);
  await runInContext(Context.begin(), () => transport.send({ id: 1, method: 'ping' }));
  return transport.sent[0]?.['params'] !== undefined;
}

function newChannel(): Channel {
  return new Channel(
    {},
    { env: {} },
    {
      links: [],
      state: new RequestState(false),
      watcher: () => undefined,
    },
  );
}

function ask(id: number): object {
  return { id, method: 'tools/call', params: { _meta: { progressToken: id } } };
}

function cancelled(requestId: number): object {
  return { method: 'notifications/cancelled', params: { requestId } };
}

const carrier = { traceparent: foreign(9).traceparent };
const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { _meta: carrier } };

describe('correlate on the objects it is given', () => {
  it.each([
    ['keeps its handlers itself', PlainTransport],
    ['delegates them to another object', DelegatingTransport],
  ])('instruments a transport that %s, and takes it off again', async (_, Transport) => {
    const peer = new Peer();
    const transport = new Transport();
    const before = ownNames(transport);
    const { dispose } = correlate(peer, { env: {} });
    await peer.connect(transport);
    transport.onmessage?.(request);
    expect(peer.scopes.map((scope) => scope?.traceId)).toEqual([foreign(9).trace]);

    dispose();
    dispose();
    transport.onmessage?.(request);
    await runInContext(Context.begin(), () =>
      transport.send({ jsonrpc: '2.0', id: 5, method: 'ping' }),
    );
    expect(peer.scopes.at(-1)).toBeUndefined();
    expect(transport.sent).toEqual([{ jsonrpc: '2.0', id: 5, method: 'ping' }]);
    expect(ownNames(transport)).toEqual(before);
    expect(Object.getOwnPropertyNames(peer)).not.toContain('connect');
    expect(transport.send).toBe(Transport.prototype.send);
  });

  it('counts a second correlate for nothing, and starts anew after dispose', () => {
    const peer = new Peer();
    const first = correlate(peer, { env: {} });
    expect(correlate(peer, { env: {}, trust: 'ignore' })).toBe(first);
    first.dispose();
    expect(correlate(peer, { env: {} })).not.toBe(first);
  });

  it('works from the next message on when the transport is open already', async () => {
    const peer = new Peer();
    const transport = new PlainTransport();
    await peer.connect(transport);
    transport.onmessage?.(request);
    correlate(peer, { env: {} });
    transport.onmessage?.(request);
    expect(peer.scopes.map((scope) => scope?.traceId)).toEqual([undefined, foreign(9).trace]);
  });

  it('sets one scope for a chain of handlers, and knows its own when a handler is put back', async () => {
    const { peer, transport } = await connected();
    const saved = transport.onmessage;
    transport.onmessage = (message) => saved?.(message);
    transport.onmessage?.(request);
    transport.onmessage = saved;
    transport.onmessage?.(request);
    const [chained, restored] = peer.scopes;
    expect(peer.scopes).toHaveLength(2);
    expect(chained?.traceId).toBe(foreign(9).trace);
    expect(restored?.traceId).toBe(foreign(9).trace);
    expect(transport.onmessage).toBe(saved);
  });

  it('keeps working under an instrumentation that wraps it afterwards', async () => {
    const { peer, transport, dispose } = await connected();
    const ours = transport.send.bind(transport);
    const wrapped: unknown[] = [];
    transport.send = (message) => {
      wrapped.push(message);
      return ours(message);
    };
    dispose();
    await transport.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(wrapped).toEqual(transport.sent);
    expect(peer.transport?.sent).toEqual([{ jsonrpc: '2.0', id: 1, method: 'ping' }]);
  });

  it('refuses an object that is no server and no client with a typed error', () => {
    expect(() => correlate({} as Peer)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_UNSUPPORTED' }),
    );
  });
});

describe('what goes over the wire', () => {
  it.each([
    ['a request without params gets them', { id: 1, method: 'ping' }, ['_meta']],
    ['a request keeps its params', { id: 1, method: 'm', params: { a: 1 } }, ['a', '_meta']],
    ['a notification with params is stamped', { method: 'n', params: { a: 1 } }, ['a', '_meta']],
  ])('%s', async (_, message, keys) => {
    const { transport } = await connected();
    const context = Context.begin();
    const given = structuredClone(message);
    await runInContext(context, () => transport.send(given));
    const [sent] = transport.sent;
    expect(Object.keys(sent?.['params'] as object)).toEqual(keys);
    expect(sent?.['params']).toMatchObject({ _meta: { traceparent: context.traceparent } });
    // The envelope is strict in both SDKs: no member may come or go.
    expect(Object.keys(sent ?? {}).toSorted()).toEqual(
      [...new Set([...Object.keys(message), 'params'])].toSorted(),
    );
    expect(given).toEqual(message);
  });

  it.each([
    ['params null', { id: 1, method: 'm', params: null }],
    ['params an array', { id: 1, method: 'm', params: [1, 2] }],
    ['params a string', { id: 1, method: 'm', params: 'x' }],
    ['`_meta` null', { id: 1, method: 'm', params: { _meta: 'x' } }],
    ['a notification without params', { method: 'notifications/initialized' }],
    ['params that spell themselves', { id: 1, method: 'm', params: { toJSON: () => ({ a: 1 }) } }],
    ['a valid carrier of the caller', { id: 1, method: 'm', params: { _meta: carrier } }],
    ['a batch', [{ id: 1, method: 'm', params: {} }]],
    ['no object at all', 'text'],
  ])('leaves alone: %s', async (_, message) => {
    const { transport } = await connected();
    await runInContext(Context.begin(), () => transport.send(message));
    expect(transport.sent[0]).toBe(message);
  });

  it('stamps nothing on a notification that is sent outside of every scope', async () => {
    const { transport } = await connected();
    await transport.send({ method: 'notifications/message', params: { data: 1 } });
    expect(transport.sent).toEqual([{ method: 'notifications/message', params: { data: 1 } }]);
  });

  it('stamps a notification from outside of every scope with the request it says it belongs to', async () => {
    const { peer, transport } = await connected();
    transport.onmessage?.({ id: 'a', method: 'tools/call', params: { name: 'slow' } });
    const note = { method: 'notifications/message', params: { data: 1 } };
    await transport.send(note, { relatedRequestId: 'a' });
    expect(transport.sent[0]?.['params']).toMatchObject({
      data: 1,
      _meta: { traceparent: peer.scopes[0]?.traceparent },
    });
  });

  it('puts the id into the data of an error when the request was a root and its id was used', async () => {
    const { peer, transport } = await connected();
    transport.onmessage?.({ jsonrpc: '2.0', id: 'a', method: 'm', params: {} });
    const traceparent = peer.scopes[0]?.traceparent;
    const answer = { jsonrpc: '2.0', id: 'a', error: { code: -1, message: 'no' } };
    await transport.send(answer);
    expect(transport.sent).toEqual([
      { jsonrpc: '2.0', id: 'a', error: { code: -1, message: 'no', data: { traceparent } } },
    ]);
    expect(answer.error).toEqual({ code: -1, message: 'no' });
  });

  it.each([
    ['data is text', { error: { code: -1, message: 'no', data: 'text' } }],
    ['`_meta` names one', { result: { _meta: { traceparent: 'theirs' } } }],
    ['the result spells itself', { result: { toJSON: () => ({}) } }],
  ])('leaves an answer alone when %s', async (_, body) => {
    const { peer, transport } = await connected();
    transport.onmessage?.({ jsonrpc: '2.0', id: 'a', method: 'm' });
    expect(peer.scopes[0]?.traceId).toMatch(/^01/);
    const answer = { jsonrpc: '2.0', id: 'a', ...body };
    await transport.send(answer);
    expect(transport.sent[0]).toBe(answer);
  });

  it('delivers and sends what it cannot read: a message whose members throw', async () => {
    const { peer, transport } = await connected();
    const hostile = Object.defineProperty({}, 'method', {
      enumerable: true,
      get() {
        throw new Error('hostile');
      },
    });
    transport.onmessage?.(hostile);
    await transport.send(hostile);
    expect(peer.scopes).toEqual([undefined]);
    expect(transport.sent[0]).toBe(hostile);
  });

  it('sends its context to loopback and to the origins named, and to no other', async () => {
    const propagateTo = ['https://mcp.example.com'];
    expect(await isSentTo('http://127.0.0.1:80/mcp', {})).toBe(true);
    expect(await isSentTo('http://[::1]:80/mcp', {})).toBe(true);
    expect(await isSentTo('https://mcp.example.com/mcp', {})).toBe(false);
    expect(await isSentTo('https://mcp.example.com/mcp', { propagateTo })).toBe(true);
    expect(await isSentTo('https://mcp.example.com.evil.test/mcp', { propagateTo })).toBe(false);
    expect(await isSentTo('https://127.0.0.1.evil.test/mcp', {})).toBe(false);
  });
});

describe('what is remembered of pending requests', () => {
  it('is emptied by answers, also when a peer spells the number as text', () => {
    const ours = newChannel();
    for (let id = 0; id < 100; id += 1) {
      ours.outbound(ask(id), undefined);
      ours.inbound(ask(id), undefined);
    }
    expect(ours.size).toBe(300);
    for (let id = 0; id < 100; id += 1) {
      expect(ours.inbound({ id: String(id), result: {} }, undefined).context).toBeDefined();
      ours.outbound({ id, result: {} }, undefined);
    }
    expect(ours.size).toBe(0);
  });

  it('is emptied by cancellations in both directions, and by close', async () => {
    const ours = newChannel();
    for (let id = 0; id < 100; id += 1) {
      ours.outbound(ask(id), undefined);
      ours.inbound(ask(id), undefined);
    }
    for (let id = 0; id < 50; id += 1) {
      expect(ours.outbound(cancelled(id), undefined).context).toBeDefined();
      expect(ours.inbound(cancelled(id), undefined).context).toBeDefined();
    }
    expect(ours.size).toBe(150);
    ours.clear();
    expect(ours.size).toBe(0);
  });

  it('never exceeds 8192 requests a direction, however many stay unanswered', () => {
    const ours = newChannel();
    for (let id = 0; id < 10_000; id += 1) {
      ours.outbound(ask(id), undefined);
      ours.inbound(ask(id), undefined);
    }
    expect(ours.size).toBe(3 * 8192);
  });

  it('keeps a progress token beyond an answer that names a task', () => {
    const ours = newChannel();
    const { context } = ours.outbound(ask(7), undefined);
    ours.inbound({ id: 7, result: { task: { taskId: 't' } } }, undefined);
    const progress = { method: 'notifications/progress', params: { progressToken: 7 } };
    expect(ours.inbound(progress, undefined).context).toBe(context);
  });
});

describe('without a carrier', () => {
  it('a message runs in a fresh root, not in the scope of whoever delivers it', async () => {
    const { peer, transport } = await connected();
    const opener = Context.begin();
    runInContext(opener, () => {
      transport.onmessage?.({ id: 1, method: 'm' });
      transport.onmessage?.({ id: 99, result: {} });
    });
    const [asked, answered] = peer.scopes;
    expect(asked?.isRoot).toBe(true);
    expect(asked?.traceId).not.toBe(opener.traceId);
    expect(answered).toBeUndefined();
  });

  it('mints no id until somebody asks for one', async () => {
    const { peer, transport } = await connected();
    transport.onmessage?.({ id: 1, method: 'm', params: {} });
    await transport.send({ id: 1, result: {} });
    expect(peer.scopes[0]?.isMinted).toBe(false);
    expect(transport.sent).toEqual([{ id: 1, result: {} }]);
  });

  it("continues OpenTelemetry's active span when a request is sent outside of every scope", async () => {
    const otel = {
      context: { active: () => undefined },
      trace: {
        getSpanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
      },
    };
    const { transport } = await connected({ otel });
    await transport.send({ id: 1, method: 'ping' });
    expect(JSON.stringify(transport.sent[0])).toContain(`00-${'a'.repeat(32)}-`);
  });
});
