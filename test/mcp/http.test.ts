import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { correlate, correlatedFetch, type CorrelateOptions } from '../../adapters/mcp/index.js';
import { Context, runInContext } from '../../src/context/index.js';
import { answerServer, call, foreign, newClient } from './harness.js';

const fixture = fileURLToPath(new URL('fixtures/http-server.mjs', import.meta.url));

interface Site extends AsyncDisposable {
  readonly url: URL;
}

async function startSite(env: Record<string, string>): Promise<Site> {
  const child = spawn(process.execPath, [fixture], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: new URL(`http://127.0.0.1:${String(port).trim()}/mcp`),
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

interface ConnectOptions {
  readonly correlated?: CorrelateOptions;
  readonly transport?: ConstructorParameters<typeof StreamableHTTPClientTransport>[1];
}

async function connect(url: URL, options: ConnectOptions = {}): Promise<Client> {
  const client = newClient();
  answerServer(client);
  if (options.correlated !== undefined) correlate(client, options.correlated);
  const transport = new StreamableHTTPClientTransport(url, options.transport);
  await client.connect(transport);
  return client;
}

describe('over loopback HTTP', () => {
  for (const mode of ['stateless', 'json', 'stateful']) {
    it(`joins 50 concurrent calls of a correlated client to a ${mode} server, each to its own scope`, async () => {
      await using site = await startSite({ MODE: mode });
      const client = await connect(site.url, { correlated: {} });
      const calls = await Promise.all(
        Array.from({ length: 50 }, (_, number) => {
          const context = Context.begin();
          return runInContext(context, async () => ({
            context,
            answer: await call(client, 'seen', `call-${number}`),
          }));
        }),
      );
      await client.close();
      const wrong = calls.filter(
        ({ context, answer }, number) =>
          answer.trace !== context.traceId ||
          answer.parent !== context.spanId ||
          answer.marker !== `call-${number}`,
      );
      expect(wrong).toEqual([]);
    });
  }

  it('carries the id into an elicitation and back in a stateful session, in a burst of 20', async () => {
    await using site = await startSite({ MODE: 'stateful' });
    const client = await connect(site.url, { correlated: {} });
    const calls = await Promise.all(
      Array.from({ length: 20 }, (_, number) => {
        const context = Context.begin();
        return runInContext(context, async () => {
          const answer = await call(client, 'asks', `call-${number}`);
          const { content } = answer['elicited'] as { content: { marker: string; trace: string } };
          return [answer.trace === context.traceId, content.trace === context.traceId];
        });
      }),
    );
    await client.close();
    expect(calls).toEqual(Array.from({ length: 20 }, () => [true, true]));
  });

  it('sends 20 concurrent calls that share one params object under 20 ids', async () => {
    await using site = await startSite({ MODE: 'stateless' });
    const client = await connect(site.url, { correlated: {} });
    const shared = { name: 'seen', arguments: { marker: 'shared' }, _meta: {} };
    const calls = await Promise.all(
      Array.from({ length: 20 }, () => {
        const context = Context.begin();
        return runInContext(context, async () => {
          const result = await client.callTool(shared);
          const [{ text }] = result.content as [{ text: string }];
          return [(JSON.parse(text) as { trace: string }).trace, context.traceId];
        });
      }),
    );
    await client.close();
    expect(calls.filter(([seen, sent]) => seen !== sent)).toEqual([]);
    expect(shared).toEqual({ name: 'seen', arguments: { marker: 'shared' }, _meta: {} });
  });

  it('reads the header where `_meta` carries nothing, and prefers `_meta` where both do', async () => {
    await using site = await startSite({ MODE: 'stateless' });
    const header = foreign(1).traceparent;
    const client = await connect(site.url, {
      transport: { requestInit: { headers: { traceparent: header } } },
    });
    const bare = await call(client, 'seen', 'header');
    const both = await call(client, 'seen', 'both', {
      meta: { traceparent: foreign(2).traceparent },
    });
    const unreadable = await call(client, 'seen', 'unreadable', { meta: { traceparent: 'x' } });
    await client.close();
    expect(bare.trace).toBe('f0000000000000000000000000000001');
    expect(both.trace).toBe('f0000000000000000000000000000002');
    expect(unreadable.trace).toBe('f0000000000000000000000000000001');
  });

  it('links instead of joining when the request came through a proxy or to another name', async () => {
    await using site = await startSite({ MODE: 'stateless' });
    const carrier = { traceparent: foreign(4).traceparent };
    const client = await connect(site.url, {
      transport: { requestInit: { headers: { 'x-forwarded-for': '203.0.113.7' } } },
    });
    const forwarded = await call(client, 'seen', 'forwarded', { meta: carrier });
    await client.close();
    expect(forwarded.trace).toMatch(/^01/);
    expect(forwarded.links).toEqual([
      { traceId: 'f0000000000000000000000000000004', spanId: 'e000000000000004' },
    ]);
  });

  it('joins whatever it is told to trust', async () => {
    await using site = await startSite({ MODE: 'stateless', CORRELATE: '{"trust":"join"}' });
    const client = await connect(site.url, {
      transport: { requestInit: { headers: { 'x-forwarded-for': '203.0.113.7' } } },
    });
    const seen = await call(client, 'seen', 'trusted', {
      meta: { traceparent: foreign(4).traceparent },
    });
    await client.close();
    expect(seen.trace).toBe('f0000000000000000000000000000004');
  });

  it('sends the header beside `_meta` through correlatedFetch, with the same id', async () => {
    await using site = await startSite({ MODE: 'stateless' });
    const client = await connect(site.url, {
      correlated: {},
      transport: { fetch: correlatedFetch(fetch) },
    });
    const context = Context.begin();
    const scoped = await runInContext(context, () => call(client, 'seen', 'scoped'));
    const alone = await call(client, 'seen', 'alone');
    await client.close();
    expect(scoped['header']).toBe(context.traceparent);
    expect(scoped.trace).toBe(context.traceId);
    expect(String(alone['header']).slice(3, 35)).toBe(alone.trace);
  });
});
