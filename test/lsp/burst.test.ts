/** 300 mixed messages in one chunk through a real language server into a real workspace manager; ids are compared. */
import { afterEach, expect, test } from 'vitest';
import { Editor, type Message } from './editor.js';

interface Observation {
  readonly marker: number;
  readonly at: string;
  readonly trace?: string;
  readonly parent?: string;
  readonly origin?: Message;
}
interface Report {
  readonly observations: readonly Observation[];
  readonly envelopes: readonly {
    readonly method: string;
    readonly params: { readonly marker: number };
    readonly _meta?: { readonly traceparent: string; readonly tracestate: string };
  }[];
}

/** A front writes nothing, so it needs no permission to. The server starts a child, which is not the adapter's doing. */
const readOnly = [
  process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission',
  '--allow-fs-read=*',
  '--allow-child-process',
];

let editor: Editor;
afterEach(() => editor.stop());

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const traceOf = (marker: number): string => `0af7651916cd43dd8448eb211c80${hex(marker, 4)}`;
const spanOf = (marker: number): string => `00f067aa0ba9${hex(marker, 4)}`;
const carrierOf = (marker: number): Message => ({
  _meta: { traceparent: `00-${traceOf(marker)}-${spanOf(marker)}-01` },
});

/** One message of each kind; `m7m` marks the seventh. */
function messagesFor(marker: number): Message {
  const mark = `m${marker}m`;
  const textDocument = { uri: `file:///${mark}.txt` };
  const position = { line: 0, character: 0 };
  const range = { start: position, end: position };
  const kinds: Message[] = [
    { method: 'textDocument/hover', params: { textDocument, position } },
    {
      method: 'textDocument/completion',
      params: { textDocument, position, workDoneToken: `w${mark}`, partialResultToken: `p${mark}` },
    },
    { method: 'workspace/executeCommand', params: { command: 'acme.fix', arguments: [mark] } },
    { method: 'acme/ask', params: { mark } },
    { method: 'star/ask', params: { mark } },
    { method: 'textDocument/semanticTokens/full', params: { textDocument } },
    { method: 'textDocument/inlayHint', params: { textDocument, range } },
    { method: 'textDocument/diagnostic', params: { textDocument } },
    { method: 'workspace/willRenameFiles', params: { files: [{ oldUri: mark, newUri: 'b' }] } },
    { method: 'workspace/didRenameFiles', params: { files: [{ oldUri: mark, newUri: 'b' }] } },
    { method: 'workspace/didChangeConfiguration', params: { settings: { mark } } },
    { method: 'acme/tell', params: { mark } },
    { method: 'star/tell', params: { mark } },
    {
      method: 'textDocument/didOpen',
      params: { textDocument: { ...textDocument, languageId: 'text', version: 1, text: '' } },
    },
  ];
  return kinds[marker % kinds.length] ?? {};
}

const notifications = new Set([
  'workspace/didRenameFiles',
  'workspace/didChangeConfiguration',
  'acme/tell',
  'star/tell',
  'textDocument/didOpen',
]);

function burst(count: number, isCarried: boolean): Message[] {
  return Array.from({ length: count }, (_, marker) => {
    const message = messagesFor(marker);
    return {
      ...message,
      ...(notifications.has(String(message['method'])) ? {} : { id: editor.nextId() }),
      ...(isCarried ? carrierOf(marker) : {}),
    };
  });
}

async function run(messages: readonly Message[]): Promise<Report> {
  editor.send(...messages);
  for (const message of messages) {
    if (message['id'] === undefined) continue;
    expect(await editor.response(message['id'] as number)).not.toHaveProperty('error');
  }
  const { result } = await editor.request('acme/report');
  return result as Report;
}

const moments = [
  'entry',
  'microtask',
  'tick',
  'timer',
  'immediate',
  'fs',
  'pool',
  'progress',
  'after-call',
  'after-two',
];

test('every one of 3000 observations and 900 envelopes of a burst of 300 messages has its own id', async () => {
  editor = new Editor();
  await editor.start();
  const { observations, envelopes } = await run(burst(300, true));
  const seen = observations.filter((one) => one.marker >= 0);
  expect(seen).toHaveLength(300 * moments.length);
  expect(seen.filter((one) => one.trace !== traceOf(one.marker))).toEqual([]);
  expect(seen.filter((one) => one.parent !== spanOf(one.marker))).toEqual([]);
  expect(envelopes).toHaveLength(900);
  expect(
    envelopes.filter((one) => one._meta?.traceparent.slice(3, 35) !== traceOf(one.params.marker)),
  ).toEqual([]);
  expect(editor.unknownMembers).toEqual([]);
});

/** How many observations and envelopes have the id of their own message, another's, or none. */
function tally({ observations, envelopes }: Report) {
  const found = observations
    .filter((one) => one.marker >= 0)
    .map(({ marker, trace }) => ({ marker, trace }))
    .concat(
      envelopes.map(({ params, _meta }) => ({
        marker: params.marker,
        trace: _meta?.traceparent.slice(3, 35),
      })),
    );
  const right = found.filter((one) => one.trace === traceOf(one.marker)).length;
  const lost = found.filter((one) => one.trace === undefined).length;
  return { right, lost, wrong: found.length - right - lost };
}

/** A server with a reader of its own does not notice that its editor has gone. */
async function kill({ child, exited }: Editor): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

// The numbers stand in docs/lsp.md. A test that sends one message at a time would pass all three.
test.each([
  ['the message strategy gives every message its own id', 'strategy', 0, 0],
  ['a wrapped reader gives most of them another’s', 'reader', 3000, 3900],
  ['a stamping encoder gives some of them another’s', 'encoder', 30, 3000],
])('in a burst %s; one at a time, hardly any is wrong', async (_, level, wrongMin, wrongMax) => {
  editor = new Editor({ settings: { level } });
  await editor.start();
  const together = tally(await run(burst(300, true)));
  await kill(editor);
  editor = new Editor({ settings: { level } });
  await editor.start();
  const observations: Observation[] = [];
  for (const message of burst(30, true)) observations.push(...(await run([message])).observations);
  const alone = tally({ observations, envelopes: [] });
  await kill(editor);
  if (process.env['SHOW_LEVELS'] !== undefined) console.log({ level, together, alone });
  expect(together.right + together.wrong).toBe(3900);
  expect(together.wrong).toBeGreaterThanOrEqual(wrongMin);
  expect(together.wrong).toBeLessThanOrEqual(wrongMax);
  expect(alone.right + alone.wrong).toBe(300);
  expect(alone.wrong).toBeLessThan(level === 'strategy' ? 1 : 50);
});

test.each([
  ['a parallelism of at most 1', { maxParallelism: 1 }, []],
  ['a parallelism of at most 2', { maxParallelism: 2 }, []],
  ['another copy of vscode-jsonrpc towards the workspace manager', { secondCopy: true }, []],
  ['no permission to write any file', {}, readOnly],
])('ids stay apart with %s', async (_, settings, node) => {
  editor = new Editor({ settings, node });
  await editor.start();
  const { observations, envelopes } = await run(burst(100, true));
  const seen = observations.filter((one) => one.marker >= 0);
  expect(seen).toHaveLength(100 * moments.length);
  expect(seen.filter((one) => one.trace !== traceOf(one.marker))).toEqual([]);
  expect(envelopes).toHaveLength(300);
  expect(
    envelopes.filter((one) => one._meta?.traceparent.slice(3, 35) !== traceOf(one.params.marker)),
  ).toEqual([]);
});

test('messages without a carrier get one new root each, which all they cause carries', async () => {
  editor = new Editor();
  await editor.start();
  // Configuration without a carrier is the connection's.
  const messages = burst(300, false).filter(
    (message) => message['method'] !== 'workspace/didChangeConfiguration',
  );
  const { observations, envelopes } = await run(messages);
  const traces = new Map<number, Set<string | undefined>>();
  for (const { marker, trace } of observations.filter((one) => one.marker >= 0)) {
    traces.set(marker, (traces.get(marker) ?? new Set()).add(trace));
  }
  for (const { params, _meta } of envelopes) {
    traces.get(params.marker)?.add(_meta?.traceparent.slice(3, 35));
  }
  expect(traces.size).toBe(messages.length);
  expect([...traces.values()].filter((ids) => ids.size !== 1)).toEqual([]);
  expect(new Set([...traces.values()].flatMap((ids) => [...ids])).size).toBe(messages.length);
});

test('a debounced edit keeps the id of the edit that set the timer', async () => {
  editor = new Editor();
  await editor.start();
  const open = Array.from({ length: 50 }, (_, index) => ({
    method: 'textDocument/didOpen',
    params: {
      textDocument: { uri: `file:///m${1000 + index}m`, languageId: 'text', version: 1, text: '' },
    },
    ...carrierOf(1000 + index),
  }));
  const change = Array.from({ length: 50 }, (_, index) => ({
    method: 'textDocument/didChange',
    params: {
      textDocument: { uri: `file:///m${1000 + index}m`, version: 2 },
      contentChanges: [{ text: `m${2000 + index}m` }],
    },
    ...carrierOf(2000 + index),
  }));
  await run([...open, ...change]);
  // The timers start after the report of what was pending then.
  await expect
    .poll(async () => {
      const { result } = await editor.request('acme/report');
      return new Set((result as Report).envelopes.map((one) => one.params.marker)).size;
    })
    .toBe(100);
  const { result } = await editor.request('acme/report');
  const wrong = (result as Report).envelopes.filter(
    (one) => one._meta?.traceparent.slice(3, 35) !== traceOf(one.params.marker),
  );
  expect(wrong).toEqual([]);
});
