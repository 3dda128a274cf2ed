/** `throughline proxy lsp` between a raw editor and real servers: what arrives on either side, and nothing else. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../support/process.js';
import { fixture, framed, notification, RawEditor, request } from './editor.js';

const stamped =
  /^\{"_meta":\{"traceparent":"00-([0-9a-f]{32})-([0-9a-f]{16})-03","tracestate":"tl=[^"]*"\},/;

describe.concurrent('what the server gets', () => {
  it('is the message as it was, but for one member', async () => {
    using editor = new RawEditor();
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"x/echo","params":{"big":9007199254740993,"b":1.0,"10":"é","9":1e400,"a":1,"a":2}}';
    editor.send(body);
    const got = await editor.got(1);
    expect(got).toMatch(stamped);
    expect(got.replace(stamped, '{')).toBe(body);
  });

  it('says what front, method and editor it came from', async () => {
    using editor = new RawEditor();
    editor.send(
      request(1, 'initialize', { processId: null, clientInfo: { name: 'Strict Editor' } }),
      request(2, 'workspace/executeCommand', { command: 'lint.fix all' }),
    );
    expect(await editor.got(2)).toMatch(
      /"tl=[0-9A-Z]{13};lsp;workspace\/executeCommand;lint\.fix%20all;Strict%20Editor"/,
    );
  });

  it('has another id in every message of a burst', async () => {
    using editor = new RawEditor();
    const ids = Array.from({ length: 300 }, (_, index) => index + 1);
    editor.send(...ids.map((id) => request(id, 'textDocument/hover', { n: id })));
    const traces = new Set<string>();
    for (const id of ids) {
      const got = await editor.got(id);
      expect(got).toContain(`"params":{"n":${id}}`);
      traces.add(stamped.exec(got)?.[1] ?? '');
    }
    expect(traces.size).toBe(300);
  });

  it.each([
    ['w3c', /^\{"traceparent":"00-[^"]{49}-03"?,?"tracestate"|^\{"traceparent":"00-/],
    ['params-meta', /"params":\{"_meta":\{"traceparent":"00-/],
    ['none', /^\{"jsonrpc":"2\.0","id":1,"method":"m","params":\{"a":1\}\}$/],
  ])('has the context where --inject %s says', async (form, expected) => {
    using editor = new RawEditor({ options: ['--inject', form] });
    editor.send(request(1, 'm', { a: 1 }));
    expect(await editor.got(1)).toMatch(expected);
  });

  it.each([
    ['a method without params', '{"jsonrpc":"2.0","id":1,"method":"shutdown"}'],
    ['a message about another one', '{"jsonrpc":"2.0","id":1,"method":"$/test","params":{"id":7}}'],
    [
      'a context of its own',
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}',
    ],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"m","params":{}}'],
  ])('is left alone: %s', async (_, body) => {
    using editor = new RawEditor();
    editor.send(body);
    await editor.until(() => editor.messages.length > 0, 'an answer');
    expect(editor.messages[0]?.['result']).toMatchObject({ got: body });
  });

  it('names what the proxy was started under as a cause, and never as the parent', async () => {
    using editor = new RawEditor({
      env: { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    editor.send(request(1, 'm', {}));
    const got = await editor.got(1);
    expect(got).toContain('tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331');
    expect(stamped.exec(got)?.[1]).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('arrives one byte at a time, with headers as odd as they come', async () => {
    using editor = new RawEditor();
    const body = request(1, 'm', { text: 'é ✓' });
    const wire = Buffer.from(
      `Content-Type: x/y\r\ncontent-length:${Buffer.byteLength(body)}\n\n${body}`,
    );
    for (const byte of wire) editor.write(Uint8Array.of(byte));
    expect((await editor.got(1)).replace(stamped, '{')).toBe(body);
  });

  it('is asked to watch the proxy with --own-process-id, else the editor', async () => {
    const body = request(1, 'initialize', { processId: 4242, capabilities: {} });
    using editor = new RawEditor({ options: ['--own-process-id'] });
    editor.send(body);
    expect(await editor.got(1)).toContain(`"processId":${editor.process.pid},`);
    using other = new RawEditor();
    other.send(body);
    expect(await other.got(1)).toContain('"processId":4242,');
  });

  it('is whole for 700 kB of didOpen', async () => {
    using editor = new RawEditor();
    const text = 'const a = "b";\n\t// é\n'.repeat(33_000);
    editor.send(
      notification('textDocument/didOpen', { text }),
      request(2, 'textDocument/didOpen', { text }),
    );
    const got = JSON.parse(await editor.got(2)) as { params: { text: string } };
    expect(got.params.text).toBe(text);
  });
});

describe.concurrent('what the editor gets', () => {
  it('is nothing it does not know', async () => {
    using editor = new RawEditor({
      server: [process.execPath, fixture('vscode-server.mjs'), '--stdio'],
    });
    editor.send(request(1, 'initialize', { processId: null, capabilities: {} }));
    await editor.result(1);
    editor.send(notification('initialized', {}), request(2, 'custom/report', {}));
    await editor.result(2);
    expect(editor.refused).toEqual([]);
  });

  it.each(['stray', 'stray-open', 'lower', 'lf-only', 'before'])(
    'is framed as it should be by a server that is not: %s',
    async (mode) => {
      using editor = new RawEditor({ env: { SERVER_MODE: mode } });
      for (let id = 1; id <= 20; id += 1) editor.send(request(id, 'm', { id }));
      for (let id = 1; id <= 20; id += 1) expect(await editor.got(id)).toContain(`{"id":${id}}`);
      expect(editor.refused).toEqual([]);
      const printed = { stray: 'a line for people\n', 'stray-open': 'no newline here: ' }[mode];
      if (printed !== undefined) {
        await editor.until(() => editor.stderr === printed.repeat(20), 'what was printed');
      }
    },
  );

  it('is whole for a megabyte, and for five that are written before the server exits', async () => {
    using editor = new RawEditor();
    editor.send(request(1, 'big', { chars: 1_000_000 }));
    expect(await editor.result(1)).toBe('x'.repeat(1_000_000));
    editor.send(request(2, 'bigExit', { chars: 5_000_000 }));
    expect(await editor.ended).toEqual({ code: 0, signal: null });
    expect(editor.messages.at(-1)?.['params']).toBe('y'.repeat(5_000_000));
  });

  it('waits for an editor that stops reading, in less than 64 MiB', async () => {
    using editor = new RawEditor();
    editor.send(request(1, 'm', {}));
    await editor.result(1);
    const before = residentMiB(editor.process.pid);
    editor.process.stdout.pause();
    editor.send(request(2, 'flood', {}));
    let peak = 0;
    const deadline = Date.now() + 1500;
    await editor.until(() => {
      peak = Math.max(peak, residentMiB(editor.process.pid));
      return Date.now() > deadline;
    }, 'the time to fill');
    expect(peak - before).toBeLessThan(64);
    editor.process.kill('SIGKILL');
    await editor.ended;
  });
});

describe.concurrent('a server on vscode-languageserver', () => {
  it('runs each of 300 handlers of one chunk in the context of its own message', async () => {
    using editor = new RawEditor({
      server: [process.execPath, fixture('vscode-server.mjs'), '--stdio'],
    });
    editor.send(request(0, 'initialize', { processId: null, capabilities: {} }));
    await editor.result(0);
    const bodies = Array.from({ length: 300 }, (_, index) => {
      const params = { marker: `m${index}`, command: 'c', textDocument: { uri: 'a' } };
      switch (index % 4) {
        case 0:
          return request(index + 1, 'textDocument/hover', params);
        case 1:
          return request(index + 1, 'workspace/executeCommand', params);
        case 2:
          return request(index + 1, 'custom/request', params);
        default:
          return notification('custom/notification', params);
      }
    });
    editor.send(...bodies, request(999, 'custom/report', {}));
    const { envelopes, seen } = (await editor.result(999)) as {
      envelopes: Record<string, string>;
      seen: Record<string, readonly string[]>;
    };
    expect(Object.keys(seen).length).toBe(300);
    expect(new Set(Object.values(envelopes)).size).toBe(300);
    for (const [marker, contexts] of Object.entries(seen)) {
      expect(contexts).toEqual([envelopes[marker], envelopes[marker]]);
    }
  });
});

describe.concurrent('the end', () => {
  it('is the exit code of the server, at once and while the editor is there', async () => {
    using editor = new RawEditor();
    editor.send(request(1, 'm', {}));
    await editor.result(1);
    const sinceMs = performance.now();
    editor.send(notification('exit', { code: 5 }));
    expect(await editor.ended).toEqual({ code: 5, signal: null });
    // A server's patience is 2 s and 2 s more: none of it is spent on one that is gone.
    expect(performance.now() - sinceMs).toBeLessThan(1900);
  });

  it('is the signal that killed it', async () => {
    using editor = new RawEditor();
    editor.send(notification('die'));
    expect(await editor.ended).toEqual({ code: null, signal: 'SIGSEGV' });
  });

  it('is 127 for a server that is not there, 126 for one that is no program', async () => {
    using none = new RawEditor({ server: ['no-such-server'] });
    expect(await none.ended).toEqual({ code: 127, signal: null });
    expect(none.stderr).toBe('throughline: no-such-server: command not found\n');
    using plain = new RawEditor({ server: ['/dev/null'] });
    expect(await plain.ended).toEqual({ code: 126, signal: null });
  });

  it('waits 3 s for a server that was told to end, and 2 s for one that was not', async () => {
    using told = new RawEditor({ env: { SERVER_MODE: 'lingers' } });
    using untold = new RawEditor({ env: { SERVER_MODE: 'lingers' } });
    for (const editor of [told, untold]) editor.send(request(1, 'm', {}));
    await Promise.all([told.result(1), untold.result(1)]);
    told.send(notification('exit'));
    told.process.stdin.end();
    untold.send(notification('exit'), request(2, 'm', {}));
    untold.process.stdin.end();
    expect(await told.ended).toEqual({ code: 7, signal: null });
    expect(await untold.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('comes for a server that was told and stays, within 5 s', async () => {
    using editor = new RawEditor({ env: { SERVER_MODE: 'stays' } });
    editor.send(request(1, 'm', {}));
    const { pid } = (await editor.result(1)) as { pid: number };
    editor.send(notification('exit'));
    const sinceMs = performance.now();
    editor.process.stdin.end();
    await editor.ended;
    expect(isAlive(pid)).toBe(false);
    // Five seconds are promised; the rest is for a busy machine. Who waits on SIGTERM alone is here until the test ends.
    expect(performance.now() - sinceMs).toBeLessThan(10_000);
  });

  it('comes for a server that heeds neither EOF nor SIGTERM, within 5 s', async () => {
    using editor = new RawEditor({ env: { SERVER_MODE: 'stays' } });
    editor.send(request(1, 'm', {}));
    const { pid } = (await editor.result(1)) as { pid: number };
    editor.process.stdin.end();
    await editor.ended;
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ['proxy lsp', ['proxy', 'lsp']],
    ['record lsp', ['record', 'lsp', '--root', '/dev/null/none']],
  ])('comes for a server of %s that goes on talking when nobody reads', async (_, command) => {
    using editor = new RawEditor({ command, env: { SERVER_MODE: 'stays' } });
    editor.send(request(1, 'ticks', {}));
    const { pid } = (await editor.result(1)) as { pid: number };
    editor.process.stdout.destroy();
    await editor.until(() => !isAlive(pid), 'its end', 6000);
    editor.process.stdin.end();
  });

  it('comes for a server that heeds nothing, too, when the proxy is killed', async () => {
    using editor = new RawEditor({ env: { SERVER_MODE: 'stays' } });
    editor.send(request(1, 'm', {}));
    const { pid } = (await editor.result(1)) as { pid: number };
    editor.process.kill('SIGKILL');
    await editor.until(() => !isAlive(pid), 'its end', 5000);
  });
});

describe.concurrent('a message that is framed by hand', () => {
  it('of no bytes goes on as it is', async () => {
    using editor = new RawEditor();
    editor.write(`Content-Length: 0\r\n\r\n${framed(request(1, 'm', { a: 1 }))}`);
    expect(await editor.got(1)).toMatch(stamped);
  });

  it('of several in a list goes on as it is', async () => {
    const body = `[${request(1, 'm', {})}]`;
    using editor = new RawEditor({ server: ['cat'] });
    editor.send(body);
    await editor.until(() => editor.messages.length > 0, 'the echo');
    expect(editor.messages[0]).toEqual([{ jsonrpc: '2.0', id: 1, method: 'm', params: {} }]);
  });
});

function residentMiB(pid: number | undefined): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(stdout) / 1024;
}
