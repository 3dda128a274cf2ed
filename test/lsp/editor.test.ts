/** What an editor sees of the adapter (nothing new), and which scope its messages run in. Real processes throughout. */
import { afterEach, expect, test } from 'vitest';
import { Editor, type Message } from './editor.js';

interface Observation {
  readonly marker: number;
  readonly at: string;
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  readonly origin: Message;
  readonly links: readonly Message[];
}
interface Envelope {
  readonly method: string;
  readonly params: Message;
  readonly _meta?: { readonly traceparent: string; readonly tracestate: string };
}
interface Report {
  readonly observations: readonly Observation[];
  readonly envelopes: readonly Envelope[];
}

const carrier = (digit: string): Message => ({
  _meta: { traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-01` },
});
const position = { line: 0, character: 0 };
const hover = (mark: string): Message => ({ textDocument: { uri: `file:///${mark}` }, position });

const digits = (marker: number): string => marker.toString(16).padStart(2, '0');
const tracesOf = (list: readonly Envelope[]): ReadonlySet<string | undefined> =>
  new Set(list.map((one) => one._meta?.traceparent));

const own = (kind: string, marker: number): Message => ({
  _meta: {
    traceparent: `00-${kind.repeat(30)}${digits(marker)}-${kind.repeat(14)}${digits(marker)}-01`,
  },
});

let editor: Editor;
afterEach(() => editor.stop());

async function report(): Promise<Report> {
  const { result } = await editor.request('acme/report');
  return result as Report;
}

/** Everything noted, once the server has said that it is configured. */
async function configured(): Promise<readonly Observation[]> {
  const all: Observation[] = [];
  await expect
    .poll(async () => {
      all.push(...(await report()).observations);
      return all.some((one) => one.at === 'configured');
    })
    .toBe(true);
  return all;
}

test('starting up, registration and configuration run in one scope of the connection', async () => {
  editor = new Editor();
  await editor.start({}, carrier('a'));
  const startup = await configured();
  expect(startup.map((one) => one.at)).toEqual([
    'initialize',
    'initialized',
    'registered',
    'configured',
  ]);
  editor.send({ method: 'workspace/didChangeConfiguration', params: { settings: 'm1m' } });
  const { observations } = await report();
  const all = [...startup, ...observations];
  expect(new Set(all.map((one) => one.span)).size).toBe(1);
  // The editor's context at its start is a cause of the connection, not the id of all that follows.
  expect(all[0]?.trace).not.toBe('a'.repeat(32));
  expect(all[0]?.parent).toBeUndefined();
  expect(all[0]?.links).toEqual([{ traceId: 'a'.repeat(32), spanId: 'a'.repeat(16) }]);
  expect(all[0]?.origin).toEqual({ front: 'lsp', method: 'initialize', client: 'Strict Editor' });
});

test('configuration that carries a context of its own is a request of its own', async () => {
  editor = new Editor();
  await editor.start();
  editor.send({
    method: 'workspace/didChangeConfiguration',
    params: { settings: 'm1m' },
    ...carrier('b'),
  });
  const { observations } = await report();
  const configuration = observations.find((one) => one.marker === 1);
  expect(configuration).toMatchObject({ trace: 'b'.repeat(32), parent: 'b'.repeat(16) });
});

test('the workspace manager is told which front, method, command and editor it was', async () => {
  editor = new Editor();
  await editor.start();
  await editor.request('workspace/executeCommand', { command: 'acme.fix', arguments: ['m1m'] });
  await editor.request('textDocument/hover', hover('m2m'));
  const { envelopes } = await report();
  const stateOf = (marker: number): string | undefined =>
    envelopes
      .find((one) => one.params['marker'] === marker)
      ?._meta?.tracestate.replace(/^tl=[0-9A-Z]{13};/, '');
  expect(stateOf(1)).toBe('lsp;workspace/executeCommand;acme.fix;Strict%20Editor');
  expect(stateOf(2)).toBe('lsp;textDocument/hover;;Strict%20Editor');
});

test('a request that asks no workspace manager mints no id', async () => {
  editor = new Editor();
  await editor.start();
  const { result } = await editor.request('acme/quiet');
  expect(result).toEqual({ isMinted: false, isRoot: true });
});

test('a server started under TRACEPARENT links every request to it and continues none', async () => {
  const started = `00-${'c'.repeat(32)}-${'c'.repeat(16)}-01`;
  editor = new Editor({ env: { TRACEPARENT: started } });
  await editor.start();
  await editor.request('textDocument/hover', hover('m1m'));
  await editor.request('textDocument/hover', hover('m2m'), carrier('d'));
  const { observations, envelopes } = await report();
  const link = { traceId: 'c'.repeat(32), spanId: 'c'.repeat(16) };
  expect(observations.length).toBeGreaterThan(16);
  expect(observations.filter((one) => one.trace === link.traceId)).toEqual([]);
  for (const one of observations) expect(one.links).toEqual([link]);
  for (const one of envelopes) {
    expect(one._meta?.tracestate).toContain(`tl-links=${'c'.repeat(32)}-${'c'.repeat(16)}`);
  }
  const joined = observations.filter((one) => one.marker === 2);
  expect(new Set(joined.map((one) => one.trace))).toEqual(new Set(['d'.repeat(32)]));
});

test.each([
  ['one copy of vscode-jsonrpc', {}],
  ['two copies of it', { secondCopy: true }],
])(
  'with %s a cancel is heard, and sent on, in the scope of the request it cancels',
  async (_, settings) => {
    editor = new Editor({ settings });
    await editor.start();
    const ids = Array.from({ length: 40 }, () => editor.nextId());
    editor.send(
      ...ids.map((id, marker) => ({
        id,
        method: 'acme/wait',
        params: { mark: `m${marker}m` },
        ...own('a', marker),
      })),
    );
    for (const marker of ids.keys()) {
      await editor.message(
        (message) =>
          message['method'] === 'acme/waiting' &&
          (message['params'] as Message)['marker'] === marker,
      );
    }
    // The cancels carry ids of their own, which must not win, and come in one chunk in another order.
    editor.send(
      ...ids
        .map((id, marker) => ({ method: '$/cancelRequest', params: { id }, ...own('e', marker) }))
        .toReversed(),
    );
    for (const id of ids) {
      expect(await editor.response(id)).toMatchObject({ result: 'cancelled' });
    }
    const { observations, envelopes } = await report();
    const heard = observations.filter((one) => one.at === 'cancel');
    expect(heard).toHaveLength(40);
    expect(heard.filter((one) => one.trace !== `${'a'.repeat(30)}${digits(one.marker)}`)).toEqual(
      [],
    );
    const asked = envelopes.filter((one) => one.method === 'wm/work');
    const sentOn = envelopes.filter((one) => one.method === '$/cancelRequest');
    expect(sentOn).toHaveLength(40);
    expect(tracesOf(sentOn).size).toBe(40);
    expect(tracesOf(sentOn)).toEqual(tracesOf(asked));
  },
);

test('a debounce that serves several edits links the one request it makes to all of them', async () => {
  editor = new Editor();
  await editor.start();
  editor.send(
    ...Array.from({ length: 4 }, (_, marker) => ({
      method: 'acme/edit',
      params: {},
      ...own('a', marker),
    })),
  );
  const all: Envelope[] = [];
  await expect
    .poll(async () => {
      all.splice(0, all.length, ...(await report()).envelopes);
      return all.length;
    })
    .toBe(3);
  for (const { _meta } of all) {
    expect(_meta?.traceparent).not.toContain('a'.repeat(30));
    // Each is linked by trace and by the span of the edit's message in this server.
    expect(_meta?.tracestate.match(/a{30}0[0-3]-[0-9a-f]{16}/g)).toHaveLength(4);
  }
});

test('with trace on, the editor is shown the id of each request that was given one', async () => {
  editor = new Editor({ settings: { showIds: true } });
  await editor.start();
  await editor.request('textDocument/hover', hover('m1m'));
  editor.send({ method: '$/setTrace', params: { value: 'verbose' } });
  await editor.request('acme/quiet');
  await editor.request('textDocument/hover', hover('m2m'));
  await editor.request('workspace/executeCommand', { command: 'acme.fix', arguments: ['m3m'] });
  await editor.message((message) => JSON.stringify(message).includes('acme.fix → '));
  const traces = editor.received.filter((message) => message['method'] === '$/logTrace');
  const { observations } = await report();
  expect(traces.map((message) => (message['params'] as Message)['message'])).toEqual([
    expect.stringMatching(/^textDocument\/hover → 01[0-9A-HJKMNP-TV-Z]{24}$/),
    expect.stringMatching(/^workspace\/executeCommand acme\.fix → 01[0-9A-HJKMNP-TV-Z]{24}$/),
  ]);
  const hovered = observations.find((one) => one.marker === 2);
  expect(traces[0]?.['params']).toMatchObject({
    verbose: `00-${String(hovered?.trace)}-${String(hovered?.span)}-03`,
  });
});

test('an editor that refuses unknown members sees none, whatever it asks for', async () => {
  editor = new Editor({ settings: { showIds: true } });
  await editor.start({ trace: 'off' });
  await configured();
  await editor.request('textDocument/completion', {
    ...hover('m1m'),
    workDoneToken: 'w1',
    partialResultToken: 'p1',
  });
  await editor.request('textDocument/hover', hover('m2m'), carrier('f'));
  await editor.request('acme/unheard-of', { mark: 'm3m' });
  await editor.request('shutdown');
  expect(editor.unknownMembers).toEqual([]);
  expect(JSON.stringify(editor.received)).not.toMatch(/traceparent|tracestate|_meta|logTrace/);
});

test('a server whose editor is gone exits within a second', async () => {
  editor = new Editor();
  await editor.start();
  await editor.request('textDocument/hover', hover('m1m'));
  const startMs = Date.now();
  editor.child.stdin?.end();
  expect(await editor.exited).toBe(1);
  expect(Date.now() - startMs).toBeLessThan(1000);
});

test.each(['meta', 'w3c', 'params-meta', 'finecode'])(
  'the workspace manager is stamped in the form %s',
  async (form) => {
    editor = new Editor({ settings: { carrier: form } });
    await editor.start();
    await editor.request('textDocument/hover', hover('m1m'), carrier('9'));
    const { envelopes } = await report();
    const carriers = (envelopes as readonly object[] as readonly Message[]).map((one) => {
      const params = one['params'] as Message;
      const holder = form === 'meta' ? one['_meta'] : form === 'w3c' ? one : params['_meta'];
      return (holder as Message | undefined)?.['traceparent'];
    });
    expect(carriers).toHaveLength(3);
    for (const traceparent of carriers) {
      // FineCode reads its carrier on two methods only, and gets none on others.
      if (form === 'finecode') expect(traceparent).toBeUndefined();
      else expect(traceparent).toMatch(/^00-9{32}-[0-9a-f]{16}-01$/);
    }
  },
);
