/** What the LSP proxy says of each message of one editor, in order. */
import { describe, expect, it } from 'vitest';
import { lspFront, type LspFrontOptions } from '../../../adapters/proxies/lsp-front.js';
import { inserted } from '../../../src/protocol/index.js';
import { notification, request } from './editor.js';

/** Sends one message after the other; what each became. */
function editor(options: Partial<LspFrontOptions> = {}): (body: string) => string {
  const front = lspFront({ inject: 'meta', env: {}, ...options });
  return (text) => {
    const body = Buffer.from(text);
    const written = front(body);
    return String(written instanceof Uint8Array ? written : inserted(body, written));
  };
}

/** What `tracestate` says behind the clock. */
function saidIn(text: string): string | undefined {
  return /"tl=[0-9A-HJKMNP-TV-Z]{13};([^"]*)"/.exec(text)?.[1];
}

const hover = request(1, 'textDocument/hover', { a: 1 });
const named = (name: string, more: object = {}): string =>
  request(2, 'initialize', { ...more, clientInfo: { name } });

const command = (name: string): string =>
  notification('workspace/executeCommand', { command: name });

describe('the editor’s name', () => {
  it('is said from initialize on, also of a method that was stamped before', () => {
    const send = editor();
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover');
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover');
    expect(saidIn(send(named('one')))).toBe('lsp;initialize;;one');
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover;;one');
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover;;one');
  });

  it.each([
    ['has a `_meta` already', `{"_meta":{"a":1},${named('one').slice(1)}`],
    [
      'carries a context already',
      `{"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},${named('one').slice(1)}`,
    ],
  ])('is heard in an initialize that %s', (_, initialize) => {
    const send = editor();
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover');
    send(initialize);
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover;;one');
  });

  it('stays the first one, and may come with a second initialize', () => {
    const send = editor();
    expect(saidIn(send(request(1, 'initialize', {})))).toBe('lsp;initialize');
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover');
    expect(saidIn(send(named('late')))).toBe('lsp;initialize;;late');
    expect(saidIn(send(named('other')))).toBe('lsp;initialize;;late');
    expect(saidIn(send(hover))).toBe('lsp;textDocument/hover;;late');
  });

  it('is another editor’s on another connection', () => {
    const [one, other] = [editor(), editor()];
    one(named('one'));
    other(named('other'));
    expect(saidIn(one(hover))).toBe('lsp;textDocument/hover;;one');
    expect(saidIn(other(hover))).toBe('lsp;textDocument/hover;;other');
    expect(saidIn(one(hover))).toBe('lsp;textDocument/hover;;one');
  });
});

describe('what is said', () => {
  it('is each command’s own name, also when the same method comes again', () => {
    const send = editor();
    expect(saidIn(send(command('a b')))).toBe('lsp;workspace/executeCommand;a%20b');
    expect(saidIn(send(command('c')))).toBe('lsp;workspace/executeCommand;c');
    expect(saidIn(send(command('a b')))).toBe('lsp;workspace/executeCommand;a%20b');
  });

  it('is right for more methods than are kept', () => {
    const send = editor();
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 300; index += 1) {
        expect(saidIn(send(request(index, `x/m${index}`, { a: 1 })))).toBe(`lsp;x/m${index}`);
      }
    }
  });

  it('names the proxy’s own context as a cause in every message', () => {
    const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const send = editor({ env: { TRACEPARENT } });
    const links = 'tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';
    for (const body of [hover, hover, named('one'), hover]) {
      expect(saidIn(send(body))).toMatch(new RegExp(`,${links}$`));
    }
  });
});

describe('--own-process-id', () => {
  it('is put into the first initialize together with a context, and into no other', () => {
    const send = editor({ ownProcessId: 77 });
    expect(send(named('one', { processId: 1 }))).toMatch(
      /^\{"_meta":\{"traceparent":"[^"]+","tracestate":"[^"]+"\},"jsonrpc":"2\.0","id":2,"method":"initialize","params":\{"processId":77,"clientInfo":\{"name":"one"\}\}\}$/,
    );
    expect(send(named('one', { processId: 1 }))).toContain('"processId":1,');
  });

  it.each(['null', '"1"'])('leaves a process id of %s', (value) => {
    const send = editor({ ownProcessId: 77, inject: 'none' });
    const body = `{"id":1,"method":"initialize","params":{"processId":${value}}}`;
    expect(send(body)).toBe(body);
  });
});
