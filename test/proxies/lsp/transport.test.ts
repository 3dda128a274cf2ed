/** Servers that are reached over a port of the loopback, and what the proxy may do to a file system. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { start } from '../../cli/bin.js';
import { fixture, notification, RawEditor, request } from './editor.js';

const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const portServer = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  fixture('port-server.mjs'),
  ...args,
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const bound = server.address();
  await new Promise((closed) => {
    server.close(closed);
  });
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

describe.concurrent('a server on a port', () => {
  it('that it prints is reached there, and what it prints goes to stderr', async () => {
    using editor = new RawEditor({ options: ['--socket', 'printed'], server: portServer() });
    editor.send(request(1, 'm', { a: 1 }));
    expect(await editor.got(1)).toMatch(/^\{"_meta":\{"traceparent":"00-.*"params":\{"a":1\}\}$/);
    await editor.until(() => editor.stderr.includes('answered 1'), 'what it printed');
    expect(editor.stderr).toMatch(/^starting up\nlistening on port:\d+\nanswered 1\n$/);
    expect(editor.refused).toEqual([]);
    editor.send(notification('exit', {}));
    expect(await editor.ended).toEqual({ code: 6, signal: null });
  });

  it('that it was told is reached as soon as it listens', async () => {
    const port = await freePort();
    using editor = new RawEditor({
      options: ['--socket', String(port)],
      server: portServer(String(port)),
    });
    editor.send(request(1, 'm', { a: 1 }));
    expect(await editor.got(1)).toContain('"params":{"a":1}');
  });

  it.each(['', 'stays'])('ends with the editor: %s', async (mode) => {
    using editor = new RawEditor({
      options: ['--socket', 'printed'],
      server: portServer('0', mode),
    });
    editor.send(request(1, 'm', {}));
    await editor.got(1);
    editor.process.stdin.end();
    const end = await editor.ended;
    expect(end).toEqual(
      mode === '' ? { code: 0, signal: null } : { code: null, signal: 'SIGTERM' },
    );
  });

  it('that ends before it listens ends the proxy', async () => {
    using editor = new RawEditor({
      options: ['--socket', 'printed'],
      server: ['sh', '-c', 'echo no; exit 9'],
    });
    expect(await editor.ended).toEqual({ code: 9, signal: null });
    expect(editor.stderr).toBe('no\n');
  });
});

describe.concurrent('without permission to write', () => {
  it('the LSP proxy does its work', async () => {
    using editor = new RawEditor({
      node: [permission, '--allow-fs-read=*', '--allow-child-process'],
      server: ['env', '-u', 'NODE_OPTIONS', process.execPath, fixture('raw-server.mjs')],
    });
    editor.send(request(1, 'm', {}));
    expect(await editor.got(1)).toContain('"traceparent":"00-');
    editor.process.stdin.end();
    expect(await editor.ended).toEqual({ code: 0, signal: null });
  });
});

it.each([
  [['proxy', 'lsp'], 'no server is given'],
  [['proxy', 'lsp', '--inject', 'x', '--', 'cat'], '--inject is meta, w3c, params-meta or none'],
  [
    ['proxy', 'lsp', '--socket', '0', '--', 'cat'],
    '--socket is printed, or a port from 1 to 65535',
  ],
  [['proxy', 'lsp', '--tcp', '--socket', '1', '--', 'cat'], 'two ways to reach a server'],
  [['record', 'lsp', '--inject', 'none', '--', 'cat'], 'record lsp always puts its own span in'],
])('%j is refused in one sentence', async (args, sentence) => {
  const ran = await start(args).ended;
  expect(ran.code).toBe(125);
  expect(ran.stderr).toContain(sentence);
});
