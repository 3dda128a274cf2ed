// oxlint-disable unicorn/prefer-add-event-listener -- An MCP transport has handlers, not listeners.
/** One rule for all adapters (docs/contract.md): a front names itself, joined or not; a host keeps what its sender said. */
import { describe, expect, it } from 'vitest';
import { correlateHttp } from '../../adapters/http/index.js';
import { correlated } from '../../adapters/json-rpc/index.js';
import { correlate } from '../../adapters/mcp/index.js';
import { currentContext, type Origin } from '../../src/context/index.js';

const carrier = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'tl=;cli;;deploy;bash',
};
const sender = { front: 'cli', name: 'deploy', client: 'bash' };

type Options = { readonly trust: 'join' | 'link'; readonly front?: string };

function throughHttp(meta: object, { trust, front }: Options): Origin | undefined {
  const request = { headers: meta, method: 'GET', url: '/lint?x=1' };
  const middleware = correlateHttp({ env: {}, trust, front });
  return middleware(request, {}, () => currentContext()?.origin);
}

function throughJsonRpc(meta: object, { trust, front }: Options): Origin | undefined {
  const { messageStrategy } = correlated({
    env: {},
    trust,
    ...(front === undefined ? {} : { front }),
  });
  let origin: Origin | undefined;
  const message = { jsonrpc: '2.0', id: 1, method: 'lint', _meta: meta };
  void messageStrategy.handleMessage(message, () => {
    origin = currentContext()?.origin;
  });
  return origin;
}

async function throughMcp(meta: object, { trust }: Options): Promise<Origin | undefined> {
  let origin: Origin | undefined;
  const transport = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    send: async () => undefined,
  };
  const peer = {
    connect: async (given: typeof transport) => {
      given.onmessage = () => {
        origin = currentContext()?.origin;
      };
    },
  };
  correlate(peer, { env: {}, trust });
  await peer.connect(transport);
  const params = { name: 'lint', _meta: meta };
  transport.onmessage?.({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  return origin;
}

describe.each(['join', 'link'] as const)('the origin of a request that is to %s', (trust) => {
  it('is what the front that serves it says of itself, not the front before it', async () => {
    expect(await throughMcp(carrier, { trust })).toEqual({
      front: 'mcp',
      method: 'tools/call',
      name: 'lint',
    });
    expect(throughHttp(carrier, { trust, front: 'portal' })).toEqual({
      front: 'portal',
      method: 'GET',
      name: '/lint',
    });
    expect(throughJsonRpc(carrier, { trust, front: 'ide' })).toMatchObject({ front: 'ide' });
  });

  it('is what the sender said where a host serves it', () => {
    expect(throughHttp(carrier, { trust })).toEqual(sender);
    expect(throughJsonRpc(carrier, { trust })).toEqual(sender);
  });

  it('is a name for want of a better one where nobody said anything', () => {
    expect(throughHttp({}, { trust })).toEqual({ front: 'http', method: 'GET', name: '/lint' });
    expect(throughJsonRpc({}, { trust })).toBeUndefined();
  });
});
