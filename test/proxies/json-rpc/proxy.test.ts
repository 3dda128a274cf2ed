/** `throughline proxy json-rpc` as a process, between sockets of this one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { bin, plainEnv, start, type Started } from '../../cli/bin.js';
import { framed, notification, request } from '../lsp/editor.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Target {
  readonly address: string;
  readonly connections: Connection[];
}

/** One end of a connection, and what came out of it. */
class Connection {
  readonly socket: Socket;
  text = '';
  hasEnded = false;
  isClosed = false;

  constructor(socket: Socket, isPaused = false) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('end', () => {
      this.hasEnded = true;
    });
    if (!isPaused) {
      socket.setEncoding('latin1').on('data', (text: string) => {
        this.text += text;
      });
    }
  }
}

/** What the proxy connects to. */
async function target(path?: string): Promise<Target> {
  const connections: Connection[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(new Connection(socket));
  });
  await new Promise<void>((listening) => {
    server.listen(path ?? { port: 0, host: '127.0.0.1' }, listening);
  });
  closing.push(() => {
    for (const { socket } of connections) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return {
    address: typeof bound === 'object' && bound !== null ? String(bound.port) : `unix:${path}`,
    connections,
  };
}

interface Proxy {
  readonly process: Started;
  readonly port: number;
  readonly client: (options?: { readonly isPaused?: boolean }) => Connection;
}

async function proxy(to: string, ...options: readonly string[]): Promise<Proxy> {
  const given = options.includes('--listen') ? options : ['--listen', '0', ...options];
  const started = start(['proxy', 'json-rpc', '--connect', to, ...given]);
  closing.push(async () => {
    started.kill('SIGTERM');
    await started.ended;
  });
  await started.said('\n');
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n/.exec(started.stdout())?.[1]);
  return {
    process: started,
    port,
    client: ({ isPaused } = {}) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      closing.push(() => socket.destroy());
      return new Connection(socket, isPaused);
    },
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo();) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((wake) => {
      setTimeout(wake, 5);
    });
  }
}

const parentOf = (text: string): string | undefined =>
  /"_meta":\{"traceparent":"(00-[0-9a-f]{32}-[0-9a-f]{16}-03)"/.exec(text)?.[1];

describe('messages', () => {
  it.each([
    ['Content-Length frames', framed],
    ['lines', (body: string) => `${body}\n`],
  ])('in %s get an id each, told by the first byte', async (_, wire) => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const { socket } = client();
    const bodies = Array.from({ length: 50 }, (_none, id) => request(id, 'actions/run', { id }));
    socket.write(bodies.map(wire).join(''));
    await until(() => connections[0]?.text.includes('"id":49}}') === true, 'the last message');
    const { text = '' } = connections[0] ?? {};
    const parents = [...text.matchAll(/"traceparent":"([^"]+)"/g)].map(([, parent]) => parent);
    expect(new Set(parents).size).toBe(50);
    const ours = /"_meta":\{"traceparent":"[^"]+","tracestate":"[^"]+"\},/g;
    const without = text.replaceAll(ours, '').replaceAll(/Content-Length: \d+\r\n\r\n/g, '');
    expect(without).toBe(bodies.map((body) => (wire === framed ? body : `${body}\n`)).join(''));
  });

  it('that are responses, or carry a context, stay as they are', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const bodies = [
      '{"jsonrpc":"2.0","id":1,"result":{"big":9007199254740993}}',
      '{"jsonrpc":"2.0","id":2,"method":"m","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}',
      notification('$/cancelRequest', { id: 1 }),
    ];
    const wire = bodies.map(framed).join('');
    client().socket.write(wire);
    await until(() => connections[0]?.text.length === wire.length, 'all of it');
    expect(connections[0]?.text).toBe(wire);
  });

  it('go to a client byte for byte', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const one = client();
    one.socket.write(`${request(1, 'm', {})}\n`);
    await until(() => connections[0] !== undefined && connections[0].text !== '', 'the request');
    const wire = `content-length:3\n\n\u00e9{}\r\nnoise${request(7, 'server/asks', {})}`;
    connections[0]?.socket.write(wire, 'latin1');
    await until(() => one.text.length === wire.length, 'all of it');
    expect(one.text).toBe(wire);
  });

  it('over Unix sockets that only we may connect to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tl-json-rpc-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'proxy.sock');
    const { connections } = await target(join(folder, 'wm.sock'));
    const proxied = await proxy(`unix:${join(folder, 'wm.sock')}`, '--listen', path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const socket = connect(path);
    closing.push(() => socket.destroy());
    socket.write(`${request(1, 'm', {})}\n`);
    await until(() => parentOf(connections[0]?.text ?? '') !== undefined, 'the request');
    proxied.process.kill('SIGTERM');
    expect(await proxied.process.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(existsSync(path)).toBe(false);
  });
});

describe('connections', () => {
  it('are one for one, and keep apart what is on them', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const clients = Array.from({ length: 20 }, () => client());
    for (const [index, { socket }] of clients.entries()) {
      socket.write(`${request(1, `m${index}`, {})}\n`);
    }
    await until(() => connections.filter(({ text }) => text !== '').length === 20, 'all of them');
    const methods = connections.map(({ text }) => /"method":"(m\d+)"/.exec(text)?.[1]);
    expect(new Set(methods).size).toBe(20);
    for (const { socket, text } of connections) socket.write(text);
    await until(() => clients.every(({ text }) => text !== ''), 'the answers');
    for (const [index, { text }] of clients.entries()) expect(text).toContain(`"m${index}"`);
  });

  it('that are closed at once are opened and closed on the other side, too', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    for (let count = 0; count < 10; count += 1) client().socket.end();
    await until(() => connections.filter(({ hasEnded }) => hasEnded).length === 10, 'ten ends');
  });

  it('can be ended on one side while the other goes on', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const one = client();
    one.socket.end(`${request(1, 'm', {})}\n`);
    await until(() => connections[0]?.hasEnded === true, 'the end of the input');
    connections[0]?.socket.end('{"jsonrpc":"2.0","id":1,"result":0}\n');
    await until(() => one.hasEnded, 'the answer');
    expect(one.text).toBe('{"jsonrpc":"2.0","id":1,"result":0}\n');
  });

  it.each(['client', 'server'] as const)('end when the %s is gone', async (who) => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const one = client();
    one.socket.write(`${request(1, 'm', {})}\n`);
    await until(() => connections[0] !== undefined && connections[0].text !== '', 'the request');
    if (who === 'client') one.socket.resetAndDestroy();
    else connections[0]?.socket.resetAndDestroy();
    await until(
      () => (who === 'client' ? connections[0]?.hasEnded === true : one.hasEnded || one.isClosed),
      'its end',
    );
  });

  it('are refused, and said so, when there is no server', async () => {
    const { address, connections } = await target();
    for (const close of closing.splice(0)) await close();
    expect(connections).toEqual([]);
    const { client, process: started } = await proxy(address);
    const one = client();
    await until(() => one.isClosed || one.hasEnded, 'the end');
    started.kill('SIGTERM');
    expect((await started.ended).stderr).toMatch(
      /^throughline: a client was turned away: cannot connect to 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    );
  });

  it('wait for a client that stops reading', async () => {
    const { address, connections } = await target();
    const { client } = await proxy(address);
    const one = client({ isPaused: true });
    one.socket.write(`${request(1, 'm', {})}\n`);
    await until(() => connections[0] !== undefined && connections[0].text !== '', 'the request');
    const socket = connections[0]?.socket;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    // What the system's buffers and ours hold is some megabytes; after that nothing more is taken.
    for (let isTaken = true; isTaken && sent < 200; sent += 1) {
      isTaken = await new Promise<boolean>((settle) => {
        socket?.write(chunk, () => settle(true));
        setTimeout(() => settle(false), 300);
      });
    }
    expect(sent).toBeLessThan(64);
    one.socket.resume();
    await until(() => socket?.writableLength === 0, 'the rest');
  });
});

it.each([
  [['proxy', 'json-rpc', '--connect', '1'], '--listen is missing'],
  [
    ['proxy', 'json-rpc', '--listen', '0', '--connect', 'nowhere'],
    '--connect is PORT, HOST:PORT or unix:PATH',
  ],
  [['proxy', 'json-rpc', '--listen', '0', '--connect', '65536'], '--connect is PORT'],
  [
    ['proxy', 'json-rpc', '--listen', '0', '--connect', '1', '--inject', 'x'],
    '--inject is meta, w3c, params-meta or none',
  ],
])('%j is refused in one sentence', async (args, sentence) => {
  const ran = await start(args).ended;
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(`throughline: ${sentence}`);
});

it('works without permission to write and to start programs', () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? ['--permission']
    : ['--experimental-permission'];
  // Later versions ask for this, too.
  if (process.allowedNodeEnvironmentFlags.has('--allow-net')) permission.push('--allow-net');
  const session = fileURLToPath(new URL('fixtures/session.mjs', import.meta.url));
  const args = [session, ...permission, '--allow-fs-read=*', '--no-warnings', bin];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', env: plainEnv });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
});
