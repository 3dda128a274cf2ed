/** An editor as strict as Emacs, before the same server with the adapter and without: it is sent the same bytes. */
import { afterEach, expect, test } from 'vitest';
import { Editor, type Message } from './editor.js';

let editor: Editor;
afterEach(() => editor.stop());

const position = { line: 0, character: 0 };
const range = { start: position, end: position };
const document = (mark: string): Message => ({ textDocument: { uri: `file:///${mark}` } });

/** All that a server may send: answers, errors, progress, requests of its own, notifications, a cancelled request. */
async function dialogue(settings: Message): Promise<readonly string[]> {
  editor = new Editor({ settings });
  await editor.start({ trace: 'off' });
  // What the server asks at its start is asked before anything else is answered.
  await editor.message((message) => message['method'] === 'workspace/configuration');
  await editor.request('textDocument/completion', {
    ...document('m1m'),
    position,
    workDoneToken: 'w1',
    partialResultToken: 'p1',
  });
  for (const [method, params] of [
    ['textDocument/hover', { ...document('m2m'), position }],
    ['workspace/executeCommand', { command: 'acme.fix', arguments: ['m3m'] }],
    ['textDocument/semanticTokens/full', document('m4m')],
    ['textDocument/inlayHint', { ...document('m5m'), range }],
    ['textDocument/diagnostic', document('m6m')],
    ['workspace/willRenameFiles', { files: [{ oldUri: 'm7m', newUri: 'b' }] }],
    ['acme/ask', { mark: 'm8m' }],
    ['star/ask', { mark: 'm9m' }],
    ['textDocument/definition', { ...document('m10m'), position }],
  ] as const) {
    await editor.request(method, params);
  }
  // With a carrier of the editor's own, which is not sent back either.
  await editor.request(
    'acme/ask',
    { mark: 'm11m' },
    {
      _meta: { traceparent: `00-${'a'.repeat(32)}-${'a'.repeat(16)}-01` },
    },
  );
  const id = editor.nextId();
  editor.send({ id, method: 'acme/wait', params: { mark: 'm12m' } });
  await editor.message((message) => message['method'] === 'acme/waiting');
  editor.send({ method: '$/cancelRequest', params: { id } });
  await editor.response(id);
  await editor.request('shutdown');
  expect(editor.unknownMembers).toEqual([]);
  // A registration's id is a random one of the library's.
  return editor.received.map((message) =>
    JSON.stringify(message).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a random id'),
  );
}

test('a strict editor is sent the same messages, member by member, as without the adapter', async () => {
  const without = await dialogue({ plain: true });
  await editor.stop();
  const withAdapter = await dialogue({ showIds: true });
  expect(without.length).toBeGreaterThan(18);
  expect(withAdapter).toEqual(without);
});
