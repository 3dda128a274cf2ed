/** `throughline record lsp`: what is in the stream after a dialogue with a real process. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { throughline } from '../../cli/bin.js';
import { fixture, notification, RawEditor, request, type Message } from './editor.js';

interface Wal extends Message {
  readonly event_type: string;
  readonly action_name?: string;
  readonly wal_run_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
  readonly correlation_id?: string;
  readonly payload: Message;
}

class Recorded extends RawEditor {
  readonly root: string;

  constructor(options: readonly string[] = []) {
    const root = mkdtempSync(join(tmpdir(), 'tl-record-lsp-'));
    super({
      command: ['record', 'lsp', '--root', root, ...options],
      server: [process.execPath, fixture('work-server.mjs')],
    });
    this.root = root;
    this.send(request(0, 'initialize', { clientInfo: { name: 'Strict Editor', version: '9' } }));
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The records, when everything has ended. */
  async records(): Promise<readonly Wal[]> {
    this.process.stdin.end();
    await this.ended;
    const folder = join(this.root, 'wal', 'lsp');
    const [writer = ''] = readdirSync(folder);
    return readFileSync(join(folder, writer, 'wal-000001.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Wal);
  }
}

const runsOf = (records: readonly Wal[], action: string): readonly (readonly Wal[])[] => {
  const runs = new Map<string, Wal[]>();
  for (const record of records) {
    if (record.action_name !== action || record.wal_run_id === undefined) continue;
    runs.set(record.wal_run_id, [...(runs.get(record.wal_run_id) ?? []), record]);
  }
  return [...runs.values()];
};
const events = (run: readonly Wal[] | undefined): readonly string[] =>
  (run ?? []).map(({ event_type: type }) => type);

const effects = (run: readonly Wal[] | undefined): readonly string[] =>
  (run ?? [])
    .filter(({ event_type: type }) => type === 'effect.applied')
    .map(({ payload }) => `${String(payload['change'])} ${String(payload['path'])}`);
const rpcId = (record: Wal | undefined): unknown =>
  (record?.payload['rpc'] as Message | undefined)?.['id'];
const message = (record: Wal | undefined): unknown =>
  (record?.payload['error'] as Message | undefined)?.['message'];
const change = (method: string, uri: string, version: number): string =>
  notification(method, { textDocument: { uri, version, text: 'x' } });

describe.concurrent('the record of a language server', () => {
  it('has a run for each request that does work, whose span the server was given', async () => {
    using editor = new Recorded();
    const ids = Array.from({ length: 50 }, (_, index) => index + 1);
    editor.send(
      ...ids.map((id) => request(id, 'workspace/executeCommand', { command: `c${id}` })),
      request(99, 'textDocument/hover', {}),
    );
    const given = new Map<number, string>();
    for (const id of ids) {
      const { traceparent } = (await editor.result(id)) as { traceparent: string };
      given.set(id, traceparent);
    }
    await editor.result(99);
    const runs = runsOf(await editor.records(), 'workspace/executeCommand');
    expect(runs).toHaveLength(50);
    for (const run of runs) {
      const [accepted, completed] = run;
      expect(events(run)).toEqual(['run.accepted', 'run.completed']);
      const id = rpcId(accepted) as number;
      expect(accepted?.payload['summary']).toEqual({ command: `c${id}` });
      expect(given.get(id)).toContain(`-${accepted?.span_id}-`);
      expect(completed?.payload).toMatchObject({
        matched: 'exact',
        matched_by: 'id',
        answered: true,
      });
      expect(accepted).toMatchObject({
        origin: { front: 'lsp', method: 'workspace/executeCommand', client: 'Strict Editor' },
        peer: { transport: 'stdio', client: { name: 'Strict Editor', version: '9' } },
      });
    }
    expect(editor.refused).toEqual([]);
  });

  it('has the files of the edits that were returned, and none for no edit', async () => {
    using editor = new Recorded();
    editor.send(
      request(1, 'textDocument/formatting', { textDocument: { uri: 'file:///w/a.ts' } }),
      request(2, 'textDocument/formatting', { textDocument: { uri: 'file:///w/clean.ts' } }),
      request(3, 'textDocument/rename', { textDocument: { uri: 'file:///w/a.ts' }, newName: 'b' }),
    );
    for (const id of [1, 2, 3]) await editor.result(id);
    const records = await editor.records();
    const [formatted, clean] = runsOf(records, 'textDocument/formatting');
    expect(effects(formatted)).toEqual(['modified /w/a.ts']);
    expect(effects(clean)).toEqual([]);
    const [renamed] = runsOf(records, 'textDocument/rename');
    expect(effects(renamed)).toEqual([
      'modified /w/a.ts',
      'created /w/new.ts',
      'deleted /w/old.ts',
      'created /w/moved.ts',
      'deleted /w/gone.ts',
    ]);
    expect(events(renamed).at(-1)).toBe('run.completed');
    const who = throughline(['who', '/w/a.ts', '--root', editor.root]);
    expect(who.stdout).toContain('textDocument/rename');
  });

  it('has what the editor applied for a command, below that command', async () => {
    using editor = new Recorded();
    editor.send(
      request(1, 'workspace/executeCommand', { command: 'edit', arguments: ['file:///w/b.ts'] }),
    );
    await editor.until(
      () => editor.messages.some(({ method }) => method === 'workspace/applyEdit'),
      'the request for an edit',
    );
    // The server's first id is the editor's first, too.
    editor.send('{"jsonrpc":"2.0","id":1,"result":{"applied":true}}');
    await editor.until(
      () => editor.messages.some(({ id, method }) => id === 1 && method === undefined),
      'the answer',
    );
    const records = await editor.records();
    const [command] = runsOf(records, 'workspace/executeCommand');
    const [applied] = runsOf(records, 'workspace/applyEdit');
    expect(events(command)).toEqual(['run.accepted', 'run.completed']);
    expect(events(applied)).toEqual(['run.accepted', 'effect.applied', 'run.completed']);
    expect(applied?.[0]).toMatchObject({
      parent_span_id: command?.[0]?.span_id,
      correlation_id: command?.[0]?.correlation_id,
      payload: { summary: { label: 'fix', matched: 'inferred', matched_by: 'only_open' } },
    });
    expect(applied?.[1]?.payload).toMatchObject({
      path: '/w/b.ts',
      change: 'modified',
      inferred: true,
    });
    expect(applied?.[2]?.payload).toMatchObject({
      applied: true,
      matched: 'exact',
      matched_by: 'id',
    });
  });

  it('does not guess which of two commands an edit belongs to', async () => {
    using editor = new Recorded();
    editor.send(
      request(1, 'workspace/executeCommand', { command: 'hang' }),
      request(2, 'workspace/executeCommand', { command: 'edit', arguments: ['file:///w/b.ts'] }),
    );
    await editor.until(
      () => editor.messages.some(({ method }) => method === 'workspace/applyEdit'),
      'the request for an edit',
    );
    editor.send('{"jsonrpc":"2.0","id":1,"result":{"applied":false,"failureReason":"busy"}}');
    await editor.result(2);
    const [applied] = runsOf(await editor.records(), 'workspace/applyEdit');
    expect(events(applied)).toEqual(['run.accepted', 'run.failed']);
    expect(applied?.[0]?.parent_span_id).toBeUndefined();
    expect(applied?.[0]?.payload['summary']).toMatchObject({ matched: 'none' });
    expect(applied?.[1]?.payload).toMatchObject({
      error: { code: 'not_applied', message: 'busy' },
    });
  });

  it('joins diagnostics to the change of their version, or says that it concluded which', async () => {
    using editor = new Recorded();
    editor.send(
      change('textDocument/didOpen', 'file:///w/versioned.ts', 1),
      change('textDocument/didChange', 'file:///w/versioned.ts', 2),
      change('textDocument/didOpen', 'file:///w/plain.ts', 1),
    );
    await editor.until(() => editor.messages.length === 4, 'three diagnostics');
    const runs = runsOf(await editor.records(), 'textDocument/publishDiagnostics');
    expect(runs.map(([accepted]) => accepted?.payload['summary'])).toEqual([
      {
        uri: 'file:///w/versioned.ts',
        version: 1,
        diagnostics: 2,
        matched: 'exact',
        matched_by: 'version',
      },
      {
        uri: 'file:///w/versioned.ts',
        version: 2,
        diagnostics: 2,
        matched: 'exact',
        matched_by: 'version',
      },
      { uri: 'file:///w/plain.ts', diagnostics: 2, matched: 'inferred', matched_by: 'last_change' },
    ]);
    expect(new Set(runs.map(([accepted]) => accepted?.correlation_id)).size).toBe(3);
    for (const [accepted, completed] of runs) {
      expect(accepted?.parent_span_id).toMatch(/^[0-9a-f]{16}$/);
      expect(completed?.payload['answered']).toBe(false);
    }
  });

  it('notes a part of a result on the request that gave the token', async () => {
    using editor = new Recorded();
    editor.send(
      request(1, 'workspace/diagnostic', { partialResultToken: 'a', workDoneToken: 'b' }),
      request(2, 'workspace/diagnostic', { partialResultToken: 7, workDoneToken: '7' }),
    );
    for (const id of [1, 2]) await editor.result(id);
    const runs = runsOf(await editor.records(), 'workspace/diagnostic');
    expect(runs.map((run) => events(run))).toEqual([
      ['run.accepted', 'partial_result.first_sent', 'run.completed'],
      ['run.accepted', 'partial_result.first_sent', 'run.completed'],
    ]);
  });

  it('tells failed, cancelled and unanswered apart', async () => {
    using editor = new Recorded();
    editor.send(
      request('a', 'workspace/executeCommand', { command: 'fail' }),
      request(2, 'workspace/executeCommand', { command: 'hang' }),
      request('2', 'workspace/executeCommand', { command: 'hang' }),
      notification('$/cancelRequest', { id: 2 }),
    );
    await editor.until(
      () => editor.messages.filter(({ error }) => error !== undefined).length === 2,
      'two errors',
    );
    editor.send(request(4, 'workspace/executeCommand', { command: 'die' }));
    const records = await editor.records();
    const ends = runsOf(records, 'workspace/executeCommand').map((run) => [
      rpcId(run[0]),
      events(run).slice(1).join(' '),
      message(run.at(-1)),
    ]);
    expect(ends).toEqual([
      ['a', 'run.failed', 'it did not work: token=[redacted]'],
      [2, 'run.cancel_requested run.cancelled', 'Request cancelled'],
      ['2', 'run.failed', 'the server ended before it answered'],
      [4, 'run.failed', 'the server ended before it answered'],
    ]);
    expect(
      records.find(({ event_type: type }) => type === 'runner.stopped')?.payload,
    ).toMatchObject({
      signal: 'SIGKILL',
    });
  });

  it('has the methods that are named, and no others', async () => {
    using editor = new Recorded(['--methods', 'textDocument/hover,my/method']);
    editor.send(
      request(1, 'textDocument/hover', {}),
      request(2, 'my/method', {}),
      request(3, 'workspace/executeCommand', { command: 'c' }),
    );
    for (const id of [1, 2, 3]) await editor.result(id);
    const records = await editor.records();
    const actions = records.filter(({ event_type: type }) => type === 'run.accepted');
    expect(actions.map(({ action_name: action }) => action)).toEqual([
      'textDocument/hover',
      'my/method',
    ]);
  });

  it('continues what a message carries, and its own span is what the server sees', async () => {
    using editor = new Recorded();
    editor.send(
      '{"jsonrpc":"2.0","id":1,"method":"workspace/executeCommand","params":{"command":"c"},"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}',
    );
    const { traceparent } = (await editor.result(1)) as { traceparent: string };
    const [run] = runsOf(await editor.records(), 'workspace/executeCommand');
    expect(run?.[0]).toMatchObject({ parent_span_id: 'b7ad6b7169203331' });
    expect(traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${run?.[0]?.span_id}-01`);
  });

  it('tells of an open command that its recorder was killed over', async () => {
    using editor = new Recorded();
    editor.send(
      request(1, 'workspace/executeCommand', { command: 'hang' }),
      request(2, 'textDocument/hover', {}),
    );
    await editor.result(2);
    editor.process.kill('SIGKILL');
    await editor.ended;
    const { stdout } = throughline(['inflight', '--json', '--root', editor.root]);
    expect(stdout).toContain('"workspace/executeCommand"');
    expect(stdout).toContain('"lost"');
  });
});
