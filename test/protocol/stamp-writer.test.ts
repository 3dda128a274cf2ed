import { describe, expect, test } from 'vitest';
import { Context, runInContext, processClock } from '../../src/context/index.js';
import { stampWriter } from '../../adapters/json-rpc/index.js';

type Written = Record<string, unknown>;

class Writer {
  readonly written: Written[] = [];
  readonly #calls: string[] = [];
  get calls(): readonly string[] {
    return this.#calls;
  }
  get onError(): () => string {
    return () => 'onError';
  }
  readonly onClose = (): string => 'onClose';
  write(message: object): Promise<void> {
    this.written.push(message as Written);
    return Promise.resolve();
  }
  end(): void {
    this.#calls.push('end');
  }
  dispose(): void {
    this.#calls.push('dispose');
  }
}

const request = (): object => ({ jsonrpc: '2.0', id: 1, method: 'actions/run', params: { a: 1 } });

describe('stampWriter', () => {
  test.each([
    ['meta', (traceparent: string) => ({ _meta: { traceparent } })],
    ['w3c', (traceparent: string) => ({ traceparent })],
    ['params-meta', (traceparent: string) => ({ params: { a: 1, _meta: { traceparent } } })],
    ['finecode', (traceparent: string) => ({ params: { a: 1, _traceparent: traceparent } })],
  ] as const)('stamps a copy in the form %s', async (carrier, expected) => {
    const writer = new Writer();
    const context = Context.begin();
    const message = Object.freeze(request());
    await runInContext(context, () => stampWriter(writer, { carrier }).write(message));
    expect(writer.written).toHaveLength(1);
    expect(writer.written[0]).toMatchObject(expected(context.traceparent));
    expect(message).toEqual(request());
  });

  test.each(['meta', 'w3c', 'params-meta'] as const)(
    'in the form %s a member named __proto__ is sent like any other',
    async (carrier) => {
      const writer = new Writer();
      const text = '{"method":"a","params":{"__proto__":{"b":1}},"__proto__":{"c":2}}';
      const message = JSON.parse(text) as object;
      await runInContext(Context.begin(), () => stampWriter(writer, { carrier }).write(message));
      expect(writer.written[0]).not.toBe(message);
      const sent = JSON.stringify(writer.written[0]);
      expect(sent).toContain('"__proto__":{"b":1}');
      expect(sent).toContain('"__proto__":{"c":2}');
    },
  );

  test('stamps at the call, not when the bytes are written', async () => {
    const writer = new Writer();
    const stamped = stampWriter(writer);
    const contexts = [Context.begin(), Context.begin(), Context.begin()];
    await Promise.all(
      contexts.map((context) => runInContext(context, () => stamped.write(request()))),
    );
    expect(writer.written.map((one) => (one['_meta'] as Written)['traceparent'])).toEqual(
      contexts.map((context) => context.traceparent),
    );
  });

  test('outside of any scope a message is sent as it is: no root is invented', async () => {
    const writer = new Writer();
    const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    await stampWriter(writer).write(message);
    expect(writer.written[0]).toBe(message);
  });

  test('outside of any scope the active OpenTelemetry span is continued, if it was asked for', async () => {
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    let active: typeof span | undefined = span;
    const otel = {
      context: { active: () => 'active' },
      trace: { getSpanContext: (context: unknown) => (context === 'active' ? active : undefined) },
    };
    const writer = new Writer();
    const stamped = stampWriter(writer, { otel });
    const scope = Context.begin();
    await stamped.write(request());
    await runInContext(scope, () => stamped.write(request()));
    active = undefined;
    await stamped.write(request());
    expect(writer.written[0]).toMatchObject({
      _meta: { traceparent: expect.stringMatching(/^00-a{32}-[0-9a-f]{16}-01$/) as string },
    });
    expect(writer.written[1]).toMatchObject({ _meta: { traceparent: scope.traceparent } });
    expect(writer.written[2]).not.toHaveProperty('_meta');
  });

  test('a message that carries a context already keeps it', async () => {
    const writer = new Writer();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const message = { ...request(), _meta: { traceparent } };
    await runInContext(Context.begin(), () => stampWriter(writer).write(message));
    expect(writer.written[0]).toBe(message);
  });

  test('leaves responses alone, or gives them the clock and nothing else', async () => {
    const response = { jsonrpc: '2.0', id: 1, result: {} };
    const plain = new Writer();
    const host = new Writer();
    await runInContext(Context.begin(), async () => {
      await stampWriter(plain).write(response);
      await stampWriter(host, { responses: true }).write(response);
    });
    expect(plain.written[0]).toBe(response);
    expect(host.written[0]).toEqual({
      ...response,
      _meta: { tracestate: expect.stringMatching(/^tl=[0-9A-HJKMNP-TV-Z]{13}$/) as string },
    });
    const sent = /tl=(\w+)/.exec(JSON.stringify(host.written[0]))?.[1] ?? 'none';
    expect(processClock().tick() > sent).toBe(true);
  });

  test('keeps every other member of the writer, private fields included', () => {
    const writer = new Writer();
    const stamped = stampWriter(writer);
    expect(stamped).toBeInstanceOf(Writer);
    expect(stamped.onError()).toBe('onError');
    expect(stamped.onClose()).toBe('onClose');
    stamped.end();
    stamped.dispose();
    expect(writer.calls).toEqual(['end', 'dispose']);
    expect(stamped.calls).toEqual(['end', 'dispose']);
    const member: keyof Writer = 'end';
    expect(stamped[member]).toBe(stamped[member]);
  });

  test('takes a frozen writer', async () => {
    const writer = Object.freeze(new Writer());
    await runInContext(Context.begin(), () => stampWriter(writer).write(request()));
    expect(writer.written[0]).toHaveProperty('_meta');
  });

  test('sends what it cannot stamp', async () => {
    const writer = new Writer();
    const hostile = new Proxy(request(), {
      ownKeys: () => {
        throw new Error('hostile');
      },
    });
    await runInContext(Context.begin(), () => stampWriter(writer).write(hostile));
    expect(writer.written[0]).toBe(hostile);
  });

  test('refuses a stream, which is no message writer', () => {
    expect(() => stampWriter(process.stdout)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    );
  });
});
