/** Editors that start a server, read `port:N` off its stdout and connect: they read a port of ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Client } from '../../finecode/wire/wm.js';
import { linesOf } from '../../hook/host.js';
import { hasProc } from '../../support/process.js';
import { alive, startProxy, until, type Proxy } from '../core/proxy.js';
import { fixture } from './editor.js';

const carrier =
  /"_meta":\{"traceparent":"00-([0-9a-f]{32})-[0-9a-f]{16}-03","tracestate":"[^"]*"\},/;

function startTcp(mode: string, command: readonly string[] = ['proxy', 'lsp', '--tcp']): Proxy {
  return startProxy([...command, '--', process.execPath, fixture('port-server.mjs'), '0', mode]);
}

/** Connects as the editor does: to the port that it reads. */
async function connected(proxy: Proxy): Promise<Client> {
  const read = (): RegExpExecArray | null => /port:(\d+)\n/.exec(proxy.stdout().toString());
  await until(
    () => read() !== null,
    () => proxy.stdout().toString() + proxy.stderr(),
  );
  return Client.connect(Number(read()?.[1]));
}

describe.concurrent('an editor that connects', () => {
  it('gets the server’s own output but for the port, and the server its messages with ids', async () => {
    const proxy = startTcp('');
    const client = await connected(proxy);
    const result = await client.result('textDocument/hover', '{"a": 1.0}');
    expect(String(result['got']).replace(carrier, '')).toBe(
      '{"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {"a": 1.0}}',
    );
    expect(result['got']).toMatch(carrier);
    await client.close();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(proxy.stdout().toString()).toMatch(/^starting up\nlistening on port:\d+\nanswered 1\n$/);
    expect(proxy.stderr()).toBe('');
  });

  it('gets the right answer of 300 requests in one chunk, each with an id of its own', async () => {
    const proxy = startTcp('');
    const client = await connected(proxy);
    client.socket.cork();
    const asked = Array.from({ length: 300 }, (_, index) =>
      client.result('textDocument/hover', `{"n": ${index}.0}`),
    );
    client.socket.uncork();
    const got = (await Promise.all(asked)).map((result) => String(result['got']));
    expect(got.filter((text, index) => !text.endsWith(`"params": {"n": ${index}.0}}`))).toEqual([]);
    expect(new Set(got.map((text) => carrier.exec(text)?.[1])).size).toBe(300);
    await client.close();
    await proxy.ended;
  });

  it('is told the server’s end, as it was', async () => {
    const proxy = startTcp('stays');
    const client = await connected(proxy);
    client.send('{"jsonrpc": "2.0", "method": "exit", "params": {}}');
    expect(await proxy.ended).toEqual({ code: 6, signal: null });
    await client.closed;
  });

  it('may connect again, as long as its process is there; then the server is ended', async () => {
    const proxy = startTcp('stays');
    await (await connected(proxy)).close();
    const again = await connected(proxy);
    expect(await again.result('m', '{}')).toMatchObject({ got: expect.stringMatching(carrier) });
    await again.close();
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('whose process gives no input is waited for', async () => {
    const proxy = startTcp('');
    proxy.process.stdin.end();
    const client = await connected(proxy);
    expect(await client.result('m', '{}')).toMatchObject({ got: expect.stringMatching(carrier) });
    await client.close();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
  });

  it.runIf(hasProc)('and a proxy that is killed leave no server behind', async () => {
    const proxy = startTcp('stays');
    const client = await connected(proxy);
    const server = (await client.result('pid', '{}'))['pid'] as number;
    expect(alive(server)).toContain(server);
    proxy.process.kill('SIGKILL');
    await until(
      () => alive(server).length === 0,
      () => `${server} lives on`,
      5000,
    );
  });

  it('is recorded: a run for what it asks', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tl-lsp-tcp-'));
    const proxy = startTcp('', ['record', 'lsp', '--tcp', '--root', root]);
    const client = await connected(proxy);
    const result = await client.result('workspace/executeCommand', '{"command": "fix"}');
    await client.close();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    const runs = linesOf(root).filter((line) => line.event_type.startsWith('run.'));
    expect(runs.map((line) => line.event_type)).toEqual(['run.accepted', 'run.completed']);
    expect(result['got']).toContain(`-${String(runs[0]?.['span_id'])}-03`);
    rmSync(root, { recursive: true });
  });
});
