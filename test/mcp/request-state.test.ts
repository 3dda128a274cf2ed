// oxlint-disable unicorn/prefer-add-event-listener -- An MCP transport has handlers, not listeners.
/** The legs of a multi-round-trip call, for clients that send no context. With the SDK's own client: test/interop/mcp. */
import { describe, expect, it } from 'vitest';
import { correlate, type CorrelateOptions } from '../../adapters/mcp/index.js';
import { currentContext, type Context } from '../../src/context/index.js';
import { foreign } from './harness.js';

interface Leg {
  readonly params: Record<string, unknown>;
  readonly context: Context | undefined;
}

const key = 'a key of thirty-two bytes or more';
const otherKey = 'quite another key of thirty-two bytes';

/** A server that asks for input on every leg; the handler's own state is what `own` says. */
async function serve(
  options: CorrelateOptions,
  own?: string,
): Promise<(params?: object) => Promise<{ leg: Leg; state: unknown }>> {
  const legs: Leg[] = [];
  const sent: { result: Record<string, unknown> }[] = [];
  const transport = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    send: async (message: unknown) => void sent.push(message as (typeof sent)[number]),
  };
  const peer = {
    connect: async (given: typeof transport) => {
      given.onmessage = (message) => {
        const { params } = message as { params: Record<string, unknown> };
        legs.push({ params, context: currentContext() });
      };
    },
  };
  correlate(peer, { env: {}, ...options });
  await peer.connect(transport);
  let id = 0;
  return async (params = {}) => {
    id += 1;
    const message = { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 't', ...params } };
    const before = JSON.stringify(message);
    transport.onmessage?.(message);
    expect(JSON.stringify(message)).toBe(before);
    const result = { resultType: 'input_required', inputRequests: {} };
    await transport.send({
      id,
      result: own === undefined ? result : { ...result, requestState: own },
    });
    const leg = legs.at(-1) ?? { params: {}, context: undefined };
    return { leg, state: sent.at(-1)?.result['requestState'] };
  };
}

function flipped(state: unknown, index: number): string {
  const text = String(state);
  const at = index < 0 ? text.length + index : index;
  const other = text.charAt(at) === 'a' ? 'b' : 'a';
  return text.slice(0, at) + other + text.slice(at + 1);
}

describe('the legs of a multi-round-trip call', () => {
  it.each([
    ['that the handler gave a state', 'own.state/with "anything" in it é', 'key' as const],
    ['that the handler gave none', undefined, 'key' as const],
    ['without a key: under one of the process', 'own', undefined],
  ])('are one trace, each caused by the one before: a call %s', async (_, own, which) => {
    const stateKey = which === undefined ? {} : { stateKey: key };
    const ask = await serve(stateKey, own);
    const first = await ask();
    // Stateless HTTP: each leg may reach another server of the same deployment.
    const askOther = await serve(stateKey, own);
    const second = await askOther({ requestState: first.state });
    const third = await ask({ requestState: second.state });
    expect(first.leg.context?.isRoot).toBe(true);
    expect(second.leg.context?.traceId).toBe(first.leg.context?.traceId);
    expect(second.leg.context?.parentSpanId).toBe(first.leg.context?.spanId);
    expect(third.leg.context?.traceId).toBe(first.leg.context?.traceId);
    expect(third.leg.context?.parentSpanId).toBe(second.leg.context?.spanId);
    expect(first.leg.params).toEqual({ name: 't' });
    const seen = own === undefined ? { name: 't' } : { name: 't', requestState: own };
    expect(second.leg.params).toEqual(seen);
    expect(third.leg.params).toEqual(seen);
  });

  it('are told apart in a burst of 200 calls', async () => {
    const ask = await serve({ stateKey: key }, 'own');
    const firsts = await Promise.all(Array.from({ length: 200 }, () => ask()));
    const pairs = firsts.map((first) => [first.state, first.leg.context?.traceId] as const);
    const seconds = [];
    for (const [state] of pairs.toReversed()) seconds.push(await ask({ requestState: state }));
    expect(seconds.toReversed().map((second) => second.leg.context?.traceId)).toEqual(
      pairs.map(([, trace]) => trace),
    );
  });

  it.each([
    ['another key', { stateKey: otherKey }],
    ['none', { stateKey: false as const }],
  ])('are linked, and no more, by a server that has %s', async (_, options) => {
    const first = await (await serve({ stateKey: key }, 'own'))();
    const second = await (await serve(options, 'own'))({ requestState: first.state });
    expect(second.leg.context?.isRoot).toBe(true);
    expect(second.leg.context?.traceId).not.toBe(first.leg.context?.traceId);
    expect(second.leg.context?.links).toEqual([first.leg.context?.asLink()]);
    expect(second.leg.params['requestState']).toBe('own');
  });

  it('know nothing of each other where an unproven state may not even link', async () => {
    const first = await (await serve({ stateKey: key }, 'own'))();
    const ask = await serve({ stateKey: otherKey, trust: 'ignore' }, 'own');
    const { leg } = await ask({ requestState: first.state });
    expect(leg.context?.links).toEqual([]);
    expect(leg.params['requestState']).toBe('own');
  });

  it.each([
    ['the HMAC', 20],
    ['whose state it is', 36],
    ['the trace id', 45],
    ["the handler's own state", -1],
  ])('are strangers when %s was changed: the handler gets it as it came', async (_, index) => {
    const ask = await serve({ stateKey: key }, 'own');
    const first = await ask();
    const changed = flipped(first.state, index);
    const { leg } = await ask({ requestState: changed });
    expect(leg.params['requestState']).toBe(changed);
    expect(leg.context?.isRoot).toBe(true);
    expect(leg.context?.links).toEqual([]);
    expect(leg.context?.traceId).not.toBe(first.leg.context?.traceId);
  });

  it.each(['', 'tl1.', 'tl1.abc', 'somebody.elses', `tl1.${'x'.repeat(200)}`])(
    'are not looked for in the state %j',
    async (requestState) => {
      const { leg } = await (await serve({ stateKey: key }))({ requestState });
      expect(leg.params['requestState']).toBe(requestState);
      expect(leg.context?.links).toEqual([]);
    },
  );

  it('are joined by what the leg itself carries where it carries something', async () => {
    const ask = await serve({ stateKey: key }, 'own');
    const first = await ask();
    const _meta = { traceparent: foreign(4).traceparent };
    const { leg } = await ask({ requestState: first.state, _meta });
    expect(leg.context?.traceId).toBe('f0000000000000000000000000000004');
    expect(leg.context?.parentSpanId).toBe('e000000000000004');
    expect(leg.context?.links).toEqual([first.leg.context?.asLink()]);
    expect(leg.params['requestState']).toBe('own');
  });

  it('are joined by the state where a carrier may only link', async () => {
    const ask = await serve({ stateKey: key, trust: 'link' }, 'own');
    const _meta = { traceparent: foreign(4).traceparent };
    const first = await ask({ _meta });
    const { leg } = await ask({ requestState: first.state, _meta });
    expect(leg.context?.traceId).toBe(first.leg.context?.traceId);
    expect(leg.context?.links).toEqual([
      { traceId: 'f0000000000000000000000000000004', spanId: 'e000000000000004' },
    ]);
  });

  it('leave results that ask for nothing alone, and write nothing when told not to', async () => {
    const ask = await serve({ stateKey: false }, 'own');
    expect((await ask()).state).toBe('own');
    const silent = await serve({ stateKey: false });
    expect((await silent()).state).toBeUndefined();
  });

  it('pass a state of over a million characters on as it is', async () => {
    const large = 'x'.repeat(1024 * 1024);
    const wrapped = await (await serve({ stateKey: key }, large))();
    expect(String(wrapped.state)).toHaveLength(1024 * 1024 + 94);
    const resumed = await (await serve({ stateKey: key }))({ requestState: wrapped.state });
    expect(resumed.leg.params['requestState']).toBe(large);
    const larger = await (await serve({ stateKey: key }, `${large}x`))();
    expect(larger.state).toBe(`${large}x`);
    const unread = await (
      await serve({ stateKey: key })
    )({
      requestState: `${String(wrapped.state)}x`,
    });
    expect(unread.leg.params['requestState']).toBe(`${String(wrapped.state)}x`);
  });

  it('need a key that cannot be guessed', () => {
    const peer = { connect: async () => undefined };
    expect(() => correlate(peer, { stateKey: 'x'.repeat(31) })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    );
    expect(() => correlate(peer, { stateKey: new Uint8Array(32) })).not.toThrow();
  });
});
