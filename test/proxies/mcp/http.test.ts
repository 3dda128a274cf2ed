/** `throughline proxy mcp --http`: the SDK's client on stdio, the SDK's server behind HTTP, in every mode it has. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxyHttp } from '../../../adapters/proxies/http.js';
import { bin, plainEnv } from '../../cli/bin.js';
import { startProxy, until } from '../core/proxy.js';
import { fixture } from './client.js';

let server: ChildProcessByStdio<Writable, Readable, Readable>;
let origin = '';
let log = '';
beforeAll(async () => {
  server = spawn(process.execPath, [fixture('http-server.mjs')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  server.stderr.setEncoding('utf8').on('data', (said: string) => {
    log += said;
  });
  const [port] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
  origin = `http://127.0.0.1:${port.trim()}`;
});
afterAll(() => {
  server.stdin.end();
});

/** The requests that came to this path. */
function requestsTo(path: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith(`${path} `))
    .map((line) => line.slice(path.length + 1));
}

/** What one ping is answered with. */
function ping(url: string): string {
  const ran = spawnSync(process.execPath, [bin, 'proxy', 'mcp', '--http', url], {
    input: '{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}\n',
    encoding: 'utf8',
    env: plainEnv,
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout;
}

async function connect(url: string, more: readonly string[] = []): Promise<Client> {
  const client = new Client({ name: 'tester', version: '1' }, { capabilities: { roots: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///ws' }] }));
  const args = [bin, 'proxy', 'mcp', '--http', url, ...more];
  const env = { PATH: plainEnv['PATH'] ?? '', OWN: 'from the environment' };
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  return client;
}

async function call(client: Client, name: string, args: object = {}): Promise<unknown> {
  const result = await client.callTool({ name, arguments: { ...args } });
  return JSON.parse((result.content as { readonly text: string }[])[0]?.text ?? '') as unknown;
}

interface Echo {
  readonly text: string;
  readonly traceparent: string;
  readonly header: string;
  readonly own: string;
}

describe.concurrent.each([
  ['stateful', 'sse'],
  ['stateful', 'json'],
  ['stateless', 'sse'],
  ['stateless', 'json'],
])('a %s server that answers with %s', (mode, kind) => {
  it('gets 50 concurrent calls with 50 ids, the same in _meta and header', async () => {
    const path = `/${mode}/${kind}`;
    const client = await connect(`${origin}${path}`, ['--header', 'X-Own: ${OWN}']);
    const texts = Array.from({ length: 50 }, (_, index) => `call ${index}`);
    const answers = (await Promise.all(
      texts.map((one) => call(client, 'echo', { text: one })),
    )) as Echo[];
    expect(answers.map((answer) => answer.text)).toEqual(texts);
    expect(new Set(answers.map(({ traceparent }) => traceparent)).size).toBe(50);
    for (const { traceparent, header, own } of answers) {
      expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
      expect([header, own]).toEqual([traceparent, 'from the environment']);
    }
    await client.close();
    const session = mode === 'stateful' ? 'session' : 'no session';
    expect(requestsTo(path)).toContain('POST no session undefined');
    expect(requestsTo(path)).toContain(`POST ${session} 2025-11-25`);
    expect(requestsTo(path).includes('DELETE session 2025-11-25')).toBe(mode === 'stateful');
  });
});

describe.concurrent('over HTTP', () => {
  it('the server asks the client by itself, and gets an answer', async () => {
    const client = await connect(`${origin}/stateful/sse/asks`);
    await until(
      () => requestsTo('/stateful/sse/asks').includes('GET session 2025-11-25'),
      () => log,
    );
    expect(await call(client, 'ask')).toEqual([{ uri: 'file:///ws' }]);
    await client.close();
  });

  it('a cancelled call is given up, and its cancel reaches the server', async () => {
    const client = await connect(`${origin}/stateful/sse`);
    const abort = new AbortController();
    const hanging = client.callTool({ name: 'hang', arguments: {} }, undefined, {
      signal: abort.signal,
    });
    setTimeout(() => abort.abort('enough'), 200);
    await expect(hanging).rejects.toThrow('enough');
    expect(await call(client, 'echo', { text: 'still there' })).toMatchObject({
      text: 'still there',
    });
    const startedMs = performance.now();
    await client.close();
    expect(performance.now() - startedMs).toBeLessThan(1500);
  });

  it('a redirect within the origin is followed', async () => {
    const client = await connect(`${origin}/moved`);
    expect(await call(client, 'echo', { text: 'moved' })).toMatchObject({ text: 'moved' });
    await client.close();
  });

  it('every request gets an answer, if need be one that says why there is none', () => {
    expect(ping(`${origin}/broken`)).toBe(
      `{"jsonrpc":"2.0","id":12345678901234567890,"error":{"code":-32000,"message":"${new URL(origin).host}: HTTP 503 Service Unavailable"}}\n`,
    );
    expect(ping('http://127.0.0.1:9/')).toMatch(
      /^\{"jsonrpc":"2.0","id":12345678901234567890,"error":\{"code":-32000,"message":"127\.0\.0\.1:9: .+"\}\}\n$/,
    );
  });

  it('a request over 64 MiB gets an answer that says so, and what follows it goes on', () => {
    const text = 'x'.repeat(64 * 1024 * 1024);
    const large = { method: 'tools/call', params: { name: 'a', arguments: { text } } };
    // Where the SDK puts its id: behind it all.
    const messages = [
      { ...large, jsonrpc: '2.0', id: 7 },
      { jsonrpc: '2.0', id: 'next', method: 'ping' },
    ];
    const ran = spawnSync(process.execPath, [bin, 'proxy', 'mcp', '--http', `${origin}/broken`], {
      input: messages.map((one) => `${JSON.stringify(one)}\n`).join(''),
      encoding: 'utf8',
      env: plainEnv,
    });
    const { host } = new URL(origin);
    const why = 'a message over 67108864 bytes cannot be sent';
    expect(ran.stdout.split('\n')).toEqual([
      `{"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"${host}: ${why}"}}`,
      `{"jsonrpc":"2.0","id":"next","error":{"code":-32000,"message":"${host}: HTTP 503 Service Unavailable"}}`,
      '',
    ]);
    expect(ran).toMatchObject({ status: 0, stderr: `throughline: ${why}\n` });
  });

  it.each([
    [
      'before what is large',
      '{"id":"a\\"}","method":"x","params":{"t":["{}]\\"[",{"id":3}],"u":"LARGE"}}\n',
    ],
    [
      'behind it',
      '{"params":{"t":"\\\\","u":"LARGE","id":3},"_meta":{"id":4},"method":"x","id":"a\\"}"}\n',
    ],
    ['in a last line without an end', '{"params":["LARGE",{"id":3}],"method":"x","id":"a\\"}"}'],
  ])(
    'finds the id of a message that is too large %s, in chunks of any size',
    async (_where, line) => {
      const message = line.replace('LARGE', 'x'.repeat(400));
      for (const size of [1, 7, 100, 1000]) {
        const [input, output] = [new PassThrough(), new PassThrough()];
        const done = proxyHttp({
          url: new URL('http://example.invalid/mcp'),
          headers: {},
          stamp: (body) => body,
          warn: () => undefined,
          client: { input, output },
          messageBytesMax: 300,
          fetch: () => Promise.reject(new Error('nothing is sent')),
        });
        for (let at = 0; at < message.length; at += size) input.write(message.slice(at, at + size));
        input.end();
        await done;
        expect(String(output.read())).toBe(
          '{"jsonrpc":"2.0","id":"a\\"}","error":{"code":-32000,"message":"example.invalid: a message over 300 bytes cannot be sent"}}\n',
        );
      }
    },
  );

  it('a stream that breaks off is taken up again where it was', async () => {
    const asked: string[] = [];
    const http = createServer((request, response) => {
      asked.push(`${request.method} ${String(request.headers['last-event-id'])}`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (request.method === 'POST') response.end('retry: 10\r\nid: 7\r\ndata:\r\n\r\n');
      else
        response.end(
          ': hello\n\nid: 8\ndata: {"jsonrpc":"2.0",\ndata: "id":1,"result":{"é":1.0}}\n\n',
        );
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const proxy = startProxy(['proxy', 'mcp', '--http', `http://127.0.0.1:${port}`]);
    proxy.process.stdin.end(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}\n',
    );
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    http.close();
    expect(asked).toEqual(['POST undefined', 'GET 7']);
    expect(proxy.stdout().toString()).toBe('{"jsonrpc":"2.0", "id":1,"result":{"é":1.0}}\n');
  });

  it('a request of 2026-07-28 says in its headers what it says in its body', async () => {
    const seen: unknown[] = [];
    const http = createServer((request, response) => {
      const { headers } = request;
      seen.push([headers['mcp-protocol-version'], headers['mcp-method'], headers['mcp-name']]);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0",\r\n "id":1,\n"result":{}}');
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const proxy = startProxy(['proxy', 'mcp', '--http', `http://127.0.0.1:${port}`]);
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    for (const [method, params] of [
      ['tools/call', { name: 'grün', _meta }],
      ['resources/read', { uri: 'file:///a', _meta }],
    ]) {
      proxy.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    }
    await until(
      () => seen.length === 2,
      () => proxy.stderr(),
    );
    proxy.process.stdin.end();
    await proxy.ended;
    http.close();
    expect(seen.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
      ['2026-07-28', 'resources/read', 'file:///a'],
      ['2026-07-28', 'tools/call', '=?base64?Z3LDvG4=?='],
    ]);
    expect(proxy.stdout().toString()).toBe('{"jsonrpc":"2.0",   "id":1, "result":{}}\n'.repeat(2));
  });
});

it.each([
  [['--http', 'ftp://a'], '--http is a URL that begins with http: or https:, not "ftp://a"'],
  [
    ['--http', 'http://a', '--', 'cat'],
    'there is either --http URL or a server behind --, not both',
  ],
  [['--header', 'a: b', '--', 'cat'], '--header goes with --http URL'],
  [['--http', 'http://a', '--header', 'x'], '--header is "NAME: VALUE"; one of them has no name'],
  [
    ['--http', 'http://a', '--header', 'x: ${NOT_THERE}'],
    '--header names the environment variable NOT_THERE, which is not set',
  ],
])('proxy mcp refuses %j', (args, message) => {
  const ran = spawnSync(process.execPath, [bin, 'proxy', 'mcp', ...args], {
    encoding: 'utf8',
    env: plainEnv,
  });
  expect(ran).toMatchObject({ status: 125, stdout: '', stderr: `throughline: ${message}\n` });
});
