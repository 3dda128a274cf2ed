import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Context,
  currentContext,
  hlcAt,
  hlcMicroseconds,
  processClock,
  runInContext,
} from '../../src/context/index.js';
import { requestOf } from '../../src/protocol/index.js';
import { correlated } from '../../adapters/json-rpc/index.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const request = { jsonrpc: '2.0', id: 7, method: 'acme/do', params: { a: 1 } };
const carried = { ...request, _meta: { traceparent } };
const quiet = { env: {} };

afterEach(() => vi.restoreAllMocks());

const fails = (): never => {
  throw new Error('mine');
};

/** What the library does with one message, and the context its handler saw. */
function handle(
  options: ReturnType<typeof correlated>,
  message: object,
  next: (message: object) => void | Promise<void> = () => undefined,
): { readonly context: Context | undefined; readonly result: unknown } {
  let context: Context | undefined;
  const result = options.messageStrategy.handleMessage(message as typeof request, (passed) => {
    context = currentContext();
    return next(passed);
  });
  return { context, result };
}

describe('a message', () => {
  test('is handed on at once, as the same object', () => {
    const passed: unknown[] = [];
    handle(correlated(quiet), carried, (message) => void passed.push(message));
    expect(passed).toEqual([carried]);
    expect(passed[0]).toBe(carried);
  });

  test('runs in a child of the context it carries', () => {
    const { context } = handle(correlated(quiet), carried);
    expect(context?.traceId).toBe(traceId);
    expect(context?.parentSpanId).toBe('00f067aa0ba902b7');
    expect(context?.origin).toBeUndefined();
  });

  test('without a carrier runs in a fresh scope, never in the ambient one', () => {
    const opener = Context.begin();
    const { context } = runInContext(opener, () => handle(correlated(quiet), request));
    expect(context).toBeDefined();
    expect(context).not.toBe(opener);
    expect(context?.isRoot).toBe(true);
    expect(context?.isMinted).toBe(false);
  });

  test('with a carrier that cannot be read runs in a new root', () => {
    const broken = { ...request, _meta: { traceparent: '00-zz' } };
    expect(handle(correlated(quiet), broken).context?.isRoot).toBe(true);
  });

  test('is joined, linked or ignored as the trust says', () => {
    const link = { traceId, spanId: '00f067aa0ba902b7' };
    const linked = handle(correlated({ ...quiet, trust: 'link' }), carried).context;
    expect(linked?.isRoot).toBe(true);
    expect(linked?.links).toEqual([link]);
    const ignored = handle(correlated({ ...quiet, trust: 'ignore' }), carried).context;
    expect(ignored?.isRoot).toBe(true);
    expect(ignored?.links).toEqual([]);
  });

  test('of a front says so; the sender is believed by a host', () => {
    const sent = {
      ...request,
      _meta: { traceparent, tracestate: 'tl=3X5QZ0000000F;mcp;tools/call;fix;agent' },
    };
    const host = handle(correlated(quiet), sent).context;
    expect(host?.origin).toEqual({
      front: 'mcp',
      method: 'tools/call',
      name: 'fix',
      client: 'agent',
    });
    const front = handle(correlated({ ...quiet, front: 'editor', client: 'ed' }), sent).context;
    expect(front?.origin).toEqual({ front: 'editor', method: 'acme/do', client: 'ed' });
  });

  test('of a front says its own method, however many there are', () => {
    const options = correlated({ ...quiet, front: 'editor' });
    const methods = Array.from({ length: 600 }, (_, index) => `acme/${index % 300}`);
    const said = methods.map(
      (method) => handle(options, { ...request, method }).context?.origin?.method,
    );
    expect(said).toEqual(methods);
  });

  test('is linked to the context the process was started under', () => {
    const env = { TRACEPARENT: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };
    const started = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
    expect(handle(correlated({ env }), request).context?.links).toEqual([started]);
    const joined = handle(correlated({ env }), carried).context;
    expect(joined?.traceId).toBe(traceId);
    expect(joined?.links).toEqual([started]);
  });

  test('is known to the hook by method, id, connection and clock', () => {
    const ahead = processClock().tick();
    const sent = { ...request, _meta: { traceparent, tracestate: `tl=${ahead}` } };
    const options = correlated(quiet);
    let info: unknown;
    void options.messageStrategy.handleMessage(sent, () => {
      info = requestOf(currentContext());
    });
    expect(info).toMatchObject({ method: 'acme/do', rpcId: 7, clock: 'followed' });
    expect(requestOf(handle(options, request).context)).toMatchObject({ clock: 'invalid' });
    const { context } = handle(options, { jsonrpc: '2.0', method: 'acme/tell' });
    expect(requestOf(context)?.rpcId).toBeUndefined();
    expect(requestOf(context?.child())).toBeUndefined();
  });

  test('names its connection, the same for all messages of one and another for the next', () => {
    const { messageStrategy } = correlated(quiet);
    const names: (string | undefined)[] = [];
    const next = (): void => void names.push(requestOf(currentContext())?.connection);
    const other = (): void => void names.push(requestOf(currentContext())?.connection);
    void messageStrategy.handleMessage(request, next);
    void messageStrategy.handleMessage(request, next);
    void messageStrategy.handleMessage(request, other);
    expect(names[0]).toMatch(/^c\d+$/);
    expect(names[1]).toBe(names[0]);
    expect(names[2]).not.toBe(names[0]);
  });

  test('is told by its own extractor, and one that throws costs the context and nothing else', () => {
    const { context } = handle(correlated({ ...quiet, extract: fails }), carried);
    expect(context?.isRoot).toBe(true);
  });
});

describe('a response', () => {
  const response = { jsonrpc: '2.0', id: 7, result: null };

  test('goes straight on, in whatever scope it came', () => {
    const { context } = handle(correlated(quiet), response);
    expect(context).toBeUndefined();
  });

  test('moves our clock to what its sender had reached', () => {
    const { messageStrategy } = correlated(quiet);
    const hlc = hlcAt(hlcMicroseconds(processClock().tick()) + 30_000_000);
    void messageStrategy.handleMessage(
      { ...response, _meta: { tracestate: `tl=${hlc}` } } as typeof response,
      () => undefined,
    );
    expect(processClock().tick() > hlc).toBe(true);
  });

  test.each([null, 1, {}, { tracestate: 5 }, { tracestate: 'tl=;;;' }, { tracestate: 'a=b' }])(
    'with the meta %j does no harm',
    (meta) => {
      expect(() => handle(correlated(quiet), { ...response, _meta: meta })).not.toThrow();
    },
  );
});

describe("a user's own strategy", () => {
  test('runs inside the scope and decides what is passed on', async () => {
    const seen: unknown[] = [];
    const options = correlated({
      ...quiet,
      messageStrategy: {
        handleMessage(message, next) {
          seen.push(currentContext()?.traceId);
          return next({ ...message, method: 'acme/renamed' } as typeof message);
        },
      },
    });
    const passed: unknown[] = [];
    const { context, result } = handle(options, carried, async (message) => {
      passed.push(message);
    });
    await result;
    expect(seen).toEqual([traceId]);
    expect(context?.traceId).toBe(traceId);
    expect(passed).toMatchObject([{ method: 'acme/renamed' }]);
  });

  test('that queues messages and passes them on later keeps their scopes', () => {
    const queue: (() => void)[] = [];
    const options = correlated({
      ...quiet,
      messageStrategy: {
        handleMessage: (message, next) => void queue.push(() => void next(message)),
      },
    });
    const traces: (string | undefined)[] = [];
    const next = (): void => void traces.push(currentContext()?.traceId);
    void options.messageStrategy.handleMessage(carried, next);
    void options.messageStrategy.handleMessage(
      { ...request, _meta: { traceparent: traceparent.replace('4bf9', 'aaaa') } } as typeof request,
      next,
    );
    for (const pass of queue) pass();
    expect(traces).toEqual([traceId, traceId.replace('4bf9', 'aaaa')]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('that %s is reported and neither throws nor rejects', async (_, handleMessage) => {
    const report = vi.spyOn(console, 'error').mockReturnValue();
    const options = correlated({ ...quiet, messageStrategy: { handleMessage } });
    const response = { jsonrpc: '2.0', id: 1, result: 0 };
    expect(await handle(options, carried).result).toBeUndefined();
    expect(await handle(options, response).result).toBeUndefined();
    expect(report).toHaveBeenCalledTimes(2);
  });
});

const fail = (): Promise<void> => Promise.reject(new Error('write'));

test('what the library rejects with does not wedge a queue that counts, and is the library’s to report otherwise', async () => {
  const counted = handle(correlated({ ...quiet, maxParallelism: 2 }), request, fail);
  await expect(counted.result).resolves.toBeUndefined();
  await expect(handle(correlated(quiet), request, fail).result).rejects.toThrow('write');
});

test('a library that calls no message strategy is refused at the first request', () => {
  const { cancellationStrategy } = correlated(quiet);
  expect(() => cancellationStrategy.receiver.createCancellationTokenSource(1)).toThrow(
    expect.objectContaining({ code: 'CONNECTION_UNSUPPORTED' }),
  );
});
