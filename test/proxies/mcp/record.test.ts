/** `throughline record mcp`: what stands in the stream, whoever ends first and however. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughline } from '../../cli/bin.js';
import { linesOf, type Line } from '../../hook/host.js';
import { startProxy, until, type Proxy } from '../core/proxy.js';
import { can } from '../../wal/support/child.js';
import { connect, echo, fixture } from './client.js';

const foreign = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-record-mcp-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let roots = 0;
function newRoot(): string {
  roots += 1;
  return join(scratch, `root-${roots}`);
}

function recording(root: string, env: NodeJS.ProcessEnv = {}): Proxy {
  const server = [process.execPath, fixture('slow.mjs')];
  return startProxy(['record', 'mcp', '--root', root, '--', ...server], env);
}

function send(proxy: Proxy, ...messages: readonly object[]): void {
  const text = messages.map((one) => `${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`).join('');
  proxy.process.stdin.write(text);
}

function call(id: number | string, name: string, meta?: object): object {
  const params = { name, arguments: { a: 1 }, ...(meta === undefined ? {} : { _meta: meta }) };
  return { id, method: 'tools/call', params };
}

async function said(proxy: Proxy, text: string): Promise<void> {
  await until(
    () => `${proxy.stdout().toString()}${proxy.stderr()}`.includes(text),
    () => `${text} in ${proxy.stdout().toString()}${proxy.stderr()}`,
  );
}

/** The records of runs: event, action and outcome. */
function runsOf(root: string): readonly string[] {
  return linesOf(root)
    .filter((line) => line.event_type.startsWith('run.'))
    .map((line) => `${line.event_type} ${actionOf(line)} ${outcomeOf(line)}`.trim());
}

function outcomeOf({ payload }: Line): string {
  const { outcome } = payload;
  return typeof outcome === 'string' ? outcome : '';
}

function actionOf(line: Line): string {
  return String((line as unknown as { readonly action_name?: unknown }).action_name);
}

/** What `throughline inflight` says is open: state and action. */
function inFlight(root: string): readonly string[] {
  const ran = throughline(['inflight', '--root', root, '--json']);
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((line) => typeof line['name'] === 'string')
    .map((line) => `${String(line['state'])} ${String(line['name'])}`);
}

describe('record mcp', () => {
  it('records 500 concurrent calls of the SDK, each as one run whose span the server sees', async () => {
    const root = newRoot();
    const { client } = await connect(['record', 'mcp', '--root', root]);
    const texts = Array.from({ length: 500 }, (_, index) => `call ${index}`);
    const answers = await Promise.all(texts.map((text) => echo(client, text)));
    await client.callTool({ name: 'fail', arguments: {} });
    await client.close();
    expect(answers.map(({ text }) => text)).toEqual(texts);
    const lines = linesOf(root);
    const accepted = lines.filter((line) => line.event_type === 'run.accepted');
    const spans = new Map(accepted.map((line) => [line.span_id, line]));
    expect(spans.size).toBe(501);
    for (const { traceparent } of answers) {
      const line = spans.get(traceparent?.slice(36, 52) ?? '');
      expect(line).toMatchObject({
        origin: { front: 'mcp', method: 'tools/call', name: 'echo', client: 'tester' },
        payload: { durability: 'barrier', summary: { method: 'tools/call', name: 'echo' } },
      });
    }
    expect(new Set(answers.map(({ traceparent }) => traceparent)).size).toBe(500);
    const ends = lines.filter((line) =>
      /^run\.(?:completed|failed|cancelled)$/.test(line.event_type),
    );
    expect(new Set(ends.map((line) => line.span_id))).toEqual(new Set(spans.keys()));
    const failed = ends.filter((line) => line.event_type === 'run.failed');
    expect(failed.map(({ payload }) => [payload['outcome'], payload['error']])).toEqual([
      ['tool_error', { code: 'tool_error', class: 'McpFailure', message: 'no such tape' }],
    ]);
    expect(inFlight(root)).toEqual([]);
  });

  it('puts its own span where the caller’s was, and a server with a hook nests under it', async () => {
    const root = newRoot();
    const proxy = recording(root, { THROUGHLINE_HOOK: '1' });
    send(proxy, call(1, 'edit', { traceparent: foreign, progressToken: 9 }));
    await said(proxy, '"id":1');
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    const { params } = (JSON.parse(proxy.stdout().toString()) as { result: { params: unknown } })
      .result;
    const accepted = linesOf(root).filter((line) => line.event_type === 'run.accepted');
    const outer = accepted.find((line) => actionOf(line) === 'edit');
    const inner = accepted.find((line) => actionOf(line) === 'work of edit');
    expect(outer).toMatchObject({ parent_span_id: 'b7ad6b7169203331' });
    expect(inner).toMatchObject({ parent_span_id: outer?.span_id });
    expect(params).toMatchObject({
      _meta: {
        traceparent: `00-0af7651916cd43dd8448eb211c80319c-${String(outer?.span_id)}-01`,
        progressToken: 9,
      },
    });
    const seen = throughline(['runs', '--root', root, '--json']).stdout.trim().split('\n');
    expect(seen.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ state: 'completed' }]);
  });

  it('tells the outcomes apart, and records what does no work not at all', async () => {
    const root = newRoot();
    const proxy = recording(root);
    const info = { clientInfo: { name: 'tester', version: '1' }, capabilities: {} };
    send(
      proxy,
      { id: 0, method: 'initialize', params: info },
      { id: 1, method: 'ping' },
      { id: 2, method: 'tools/list' },
      call(3, 'good'),
      call(4, 'refused'),
      { id: 5, method: 'resources/read', params: { uri: 'file:///secret' } },
      call(6, 'slow'),
      { method: 'notifications/cancelled', params: { requestId: 6, reason: 'user' } },
      call(7, 'slow'),
    );
    await said(proxy, 'notifications/cancelled');
    await said(proxy, '"id":5');
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(runsOf(root).toSorted()).toEqual([
      'run.accepted good',
      'run.accepted refused',
      'run.accepted resources/read',
      'run.accepted slow',
      'run.accepted slow',
      'run.accepted tools/list',
      'run.cancel_requested slow',
      'run.cancelled slow cancelled',
      'run.completed good complete',
      'run.completed resources/read complete',
      'run.completed tools/list complete',
      'run.failed refused rpc_error',
      'run.failed slow connection_closed',
    ]);
    const text = JSON.stringify(linesOf(root));
    expect(text).toContain('"client":{"name":"tester","version":"1"}');
    expect(text).toContain('"execution":"unknown"');
    // Neither arguments nor what looks like a secret.
    expect(text).not.toContain('secret');
    expect(text).not.toContain('hunter2');
    expect(inFlight(root)).toEqual([]);
  });

  it('keeps the order of everything that goes through it', async () => {
    const root = newRoot();
    const proxy = recording(root);
    const messages = Array.from({ length: 200 }, (_, index) => [
      call(index, 'good'),
      { method: 'notifications/progress', params: { progressToken: index, progress: 1 } },
      { id: `p${index}`, method: 'ping' },
    ]).flat();
    send(proxy, ...messages);
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    const ids = proxy
      .stdout()
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: unknown }).id);
    expect(ids).toEqual(Array.from({ length: 200 }, (_, index) => [index, `p${index}`]).flat());
    const tokens = [...proxy.stderr().matchAll(/"progressToken":(\d+)/g)].map(([, token]) =>
      Number(token),
    );
    expect(tokens).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });
});

describe('record mcp tells the truth when', () => {
  it('the server is killed: its run failed, and nothing is in flight', async () => {
    const root = newRoot();
    const proxy = recording(root);
    send(proxy, call(1, 'slow'), call(2, 'die'));
    expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(runsOf(root).toSorted()).toEqual([
      'run.accepted die',
      'run.accepted slow',
      'run.failed die connection_closed',
      'run.failed slow connection_closed',
    ]);
    const [failed] = linesOf(root).filter((line) => line.event_type === 'run.failed');
    expect(failed?.payload).toMatchObject({
      execution: 'unknown',
      answered: false,
      signal: 'SIGKILL',
    });
    expect(inFlight(root)).toEqual([]);
  });

  it('the recorder is killed: its run is lost', async () => {
    const root = newRoot();
    const proxy = recording(root);
    send(proxy, call(1, 'good'), call(2, 'slow'));
    await said(proxy, 'slow\n');
    expect(inFlight(root)).toEqual(['in_flight slow']);
    proxy.process.kill('SIGKILL');
    await proxy.ended;
    expect(inFlight(root)).toEqual(['lost slow']);
  });

  it('the client is killed: nobody was answered', async () => {
    const root = newRoot();
    const proxy = recording(root);
    send(proxy, call(1, 'slow'));
    await said(proxy, 'slow\n');
    proxy.process.stdin.destroy();
    proxy.process.stdout.destroy();
    await proxy.ended;
    expect(runsOf(root)).toEqual(['run.accepted slow', 'run.failed slow connection_closed']);
    expect(inFlight(root)).toEqual([]);
  });

  it('the recorder is killed as soon as an answer came: its run has ended', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const root = newRoot();
        const proxy = recording(root);
        send(proxy, call(1, 'good'));
        proxy.process.stdout.once('data', () => proxy.process.kill('SIGKILL'));
        expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
        expect(proxy.stdout().toString()).toContain('"id":1');
        return runsOf(root).join();
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(['run.accepted good,run.completed good complete']));
  });

  it('nothing can be written: the server answers all the same', async () => {
    const root = join(scratch, 'a-file');
    writeFileSync(root, '');
    const proxy = recording(root);
    send(proxy, call(1, 'good'));
    await said(proxy, '"id":1');
    expect(proxy.stdout().toString()).toMatch(/"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-03"/);
    proxy.process.stdin.end();
    expect(await proxy.ended).toEqual({ code: 0, signal: null });
    expect(proxy.stderr()).toMatch(/^throughline: nothing is recorded: .+\n$/);
  });

  // Only the calls with the fault stop the process: the others would be slow.
  const options = '-f -qq --seccomp-bpf -o /dev/null -e trace=pwrite64,fdatasync'.split(' ');
  const hasStrace = can('fault injection', 'strace', ...options, 'true');

  it.skipIf(!hasStrace)('the disk hangs: a call is held for a second, there and back', async () => {
    const root = newRoot();
    const hang = [
      'strace',
      ...options,
      '-e',
      'inject=pwrite64,fdatasync:delay_enter=4000000:when=2+',
    ];
    const server = [process.execPath, fixture('slow.mjs')];
    const proxy = startProxy(['record', 'mcp', '--root', root, '--', ...server], {}, [], hang);
    // What does no work is not recorded, and says that all is running.
    send(proxy, { id: 'up', method: 'ping' });
    await said(proxy, '"id":"up"');
    const [sentMs, ids] = [performance.now(), [1, 2, 3]];
    send(proxy, ...ids.map((id) => call(id, 'good')));
    for (const id of ids) await said(proxy, `"id":${id}`);
    const heldMs = performance.now() - sentMs;
    expect(heldMs).toBeGreaterThan(900);
    expect(heldMs).toBeLessThan(1500);
    process.kill(-proxy.pid, 'SIGKILL');
    await proxy.ended;
  });
});
