/** HTTP between real processes, in bursts, with every id compared. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correlatedFetch, correlateHttp } from '../../adapters/http/index.js';
import { Context, currentContext, runInContext } from '../../src/context/index.js';

const fixture = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
const ask = correlatedFetch(fetch);
const traceId = '0af7651916cd43dd8448eb211c80319c';
const sent = `00-${traceId}-b7ad6b7169203331-01`;

interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

interface Seen {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | null;
  readonly links: readonly string[];
  readonly origin: { readonly front: string; readonly [part: string]: string };
  readonly same: boolean;
  readonly next: Seen | null;
  readonly inEvents?: readonly string[];
}

async function site(env: Record<string, string>): Promise<Site> {
  const child = spawn(process.execPath, [fixture], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

const sites: Record<string, Site> = {};
beforeAll(async () => {
  const kinds: Record<string, Record<string, string>> = {
    node: { KIND: 'node' },
    express: { KIND: 'express' },
    started: { KIND: 'node', TRACEPARENT: sent },
  };
  for (const [name, env] of Object.entries(kinds)) sites[name] = await site(env);
});
afterAll(() => Promise.all(Object.values(sites).map((one) => one.stop())));

const urlOf = (name: string): string => sites[name]?.url ?? '';

async function get(url: string, headers: Record<string, string> = {}): Promise<Seen> {
  const response = await fetch(url, { headers });
  return (await response.json()) as Seen;
}

describe.each(['node', 'express'])('a server on %s', (kind) => {
  it('runs 60 concurrent requests, two hops deep, each in the context it carries', async () => {
    const other = urlOf(kind === 'node' ? 'express' : 'node');
    const calls = await Promise.all(
      Array.from({ length: 60 }, (_, number) => {
        const context = Context.begin();
        return runInContext(context, async () => {
          const init = { method: 'POST', body: `${other}/next?${number}` };
          const response = await ask(`${urlOf(kind)}/first`, init);
          return { context, seen: (await response.json()) as Seen };
        });
      }),
    );
    for (const { context, seen } of calls) {
      expect(seen).toMatchObject({ traceId: context.traceId, parent: context.spanId, same: true });
      expect(seen.next).toMatchObject({ traceId: context.traceId, parent: seen.spanId });
      for (const id of seen.inEvents ?? []) expect(id).toBe(seen.spanId);
    }
    const spans = calls.flatMap(({ seen }) => [seen.spanId, seen.next?.spanId]);
    expect(new Set(spans).size).toBe(120);
  });

  it('begins a root for a request without a carrier, one for each on the same connection', async () => {
    const headers = { 'user-agent': 'curl/7.88.1 (linux)' };
    const [one, two] = [
      await get(`${urlOf(kind)}/path?secret=1`, headers),
      await get(urlOf(kind), headers),
    ];
    expect(one).toMatchObject({
      parent: null,
      links: [],
      origin: { front: 'http', method: 'GET', name: '/path', client: 'curl/7.88.1' },
    });
    expect(one?.traceId).not.toBe(two?.traceId);
  });

  it('joins a loopback peer, and links to a carrier that a proxy handed on', async () => {
    const direct = await get(urlOf(kind), { traceparent: sent, tracestate: 'tl=;lsp;;;emacs' });
    expect(direct).toMatchObject({ traceId, parent: 'b7ad6b7169203331' });
    expect(direct.origin).toEqual({ front: 'lsp', client: 'emacs' });
    for (const header of ['forwarded', 'x-forwarded-for', 'via']) {
      const seen = await get(urlOf(kind), { traceparent: sent, [header]: '203.0.113.7' });
      expect(seen).toMatchObject({ parent: null, links: [`${traceId}-b7ad6b7169203331`] });
      expect(seen.traceId).not.toBe(traceId);
      expect(seen.origin.front).toBe('http');
    }
  });

  it('ignores a carrier that is not valid', async () => {
    for (const traceparent of ['nonsense', `${sent}, ${sent}`, `00-${'0'.repeat(32)}-1-01`]) {
      expect(await get(urlOf(kind), { traceparent })).toMatchObject({ parent: null, links: [] });
    }
  });
});

function fails(): never {
  throw new TypeError('mine');
}

describe('correlateHttp', () => {
  it('links every request to what the server was started under', async () => {
    const seen = await get(urlOf('started'));
    expect(seen).toMatchObject({ parent: null, links: [`${traceId}-b7ad6b7169203331`] });
    expect(seen.traceId).not.toBe(traceId);
  });

  it('joins over a Unix socket, which has no address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tl-http-'));
    const socketPath = join(folder, 'socket');
    const server = await site({ SOCKET: socketPath });
    const seen = await new Promise<Seen>((settle, fail) => {
      httpRequest({ socketPath, headers: { traceparent: sent } }, (response) => {
        response.setEncoding('utf8').once('data', (text: string) => settle(JSON.parse(text)));
      })
        .once('error', fail)
        .end();
    });
    expect(seen).toMatchObject({ traceId, parent: 'b7ad6b7169203331' });
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('leaves what a handler throws to Express', async () => {
    const response = await fetch(`${urlOf('express')}/fails`, { headers: { traceparent: sent } });
    const body = (await response.json()) as { message: string; spanId: string | null };
    expect(body.message).toBe('mine');
    expect(body.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  const peer = (remoteAddress: string | undefined, destroyed = false): object => ({
    headers: { traceparent: sent },
    socket: { remoteAddress, destroyed },
  });
  it.each([
    ['127.0.0.1', peer('127.0.0.1'), true],
    ['another address of the loopback net', peer('127.8.8.8'), true],
    ['::1', peer('::1'), true],
    ['an IPv4 loopback address in IPv6', peer('::ffff:127.0.0.1'), true],
    ['the local network', peer('192.168.1.7'), false],
    ['a name that looks like loopback', peer('127.0.0.1.example.com'), false],
    ['a connection that is gone', peer(undefined, true), false],
    ['a request without a socket', { headers: { traceparent: sent } }, false],
  ])('takes a context from %s as it should', (_, request, joins) => {
    const trace = correlateHttp({ env: {} })(request as never, {}, () => currentContext()?.traceId);
    expect(trace === traceId).toBe(joins);
  });

  it.each([
    ['nothing at all', undefined],
    ['a request without headers', {}],
    [
      'a request that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('runs the handler all the same, given %s', (_, request) => {
    const middleware = correlateHttp({
      env: {},
      name: () => {
        throw new Error('no');
      },
    });
    expect(middleware(request as never, undefined as never, () => 7)).toBe(7);
  });

  it('lets what the handler throws through', () => {
    expect(() => correlateHttp({ env: {} })({ headers: {} }, {}, fails)).toThrow(
      new TypeError('mine'),
    );
  });
});

/** The headers that a request with this input leaves with. */
async function sentBy(
  input: unknown,
  init?: unknown,
  propagateTo?: readonly string[],
): Promise<Headers> {
  let headers = new Headers();
  const spy = (given: Request | string | URL, options?: RequestInit): void => {
    headers = new Request(given, options).headers;
  };
  const options = propagateTo === undefined ? {} : { propagateTo };
  runInContext(Context.begin(), () =>
    correlatedFetch(spy, options)(input as string, init as RequestInit),
  );
  return headers;
}

describe('correlatedFetch', () => {
  it.each([
    ['http://127.0.0.1:7/', true],
    ['http://localhost:7/', true],
    ['http://[::1]:7/', true],
    ['https://wm.example.com/deep', true],
    ['https://wm.example.com:444/', false],
    ['http://wm.example.com/', false],
    ['https://wm.example.com.evil.example/', false],
    ['http://127.0.0.1.evil.example/', false],
    ['https://evil.example/?https://wm.example.com', false],
  ])('sends its context to %s: %s', async (url, isSent) => {
    for (const input of [url, new URL(url), new Request(url)]) {
      const headers = await sentBy(input, undefined, ['https://wm.example.com']);
      expect(headers.has('traceparent')).toBe(isSent);
      expect(headers.has('tracestate')).toBe(isSent);
    }
  });

  it('keeps the headers of a Request, of init, and a traceparent that is there', async () => {
    const request = new Request('http://localhost/', { headers: { accept: 'x/y' } });
    expect((await sentBy(request)).get('accept')).toBe('x/y');
    expect(
      (await sentBy('http://localhost/', { headers: [['accept', 'x/z']] })).get('accept'),
    ).toBe('x/z');
    const own = await sentBy('http://localhost/', { headers: { traceparent: sent } });
    expect(own.get('traceparent')).toBe(sent);
    expect(own.has('tracestate')).toBe(false);
  });

  it('passes baggage on, and makes none', async () => {
    const remote = {
      traceId,
      spanId: 'b7ad6b7169203331',
      flags: 1,
      tracestate: [],
      links: [],
      baggage: 'a=1',
    };
    const context = Context.begin({ remote: remote as never });
    const response = await runInContext(context, () => sentBy('http://localhost/'));
    expect(response.has('baggage')).toBe(false);
    let headers = new Headers();
    runInContext(context, () =>
      correlatedFetch((_: string, init?: RequestInit) => {
        headers = new Headers(init?.headers);
      })('http://localhost/'),
    );
    expect(headers.get('baggage')).toBe('a=1');
  });

  it('sends nothing outside of every context, and leaves errors to fetch', async () => {
    await expect(runInContext(undefined, () => ask('http://127.0.0.1:1/'))).rejects.toThrow(
      TypeError,
    );
    await expect(
      runInContext(Context.begin(), () => ask('http://127.0.0.1:1/', { headers: { 'a b': 'c' } })),
    ).rejects.toThrow(TypeError);
  });
});
