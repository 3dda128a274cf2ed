/** What frontends hand on: the command line's environment, MCP's `_meta` and LSP's. */
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFinecode, pythonPath } from '../../../src/cli/finecode/environment.js';
import { bin } from '../../cli/bin.js';
import { isReal } from './installation.js';
import {
  Client,
  Workspace,
  framed,
  hook,
  messagesOf,
  python,
  python312,
  until,
  type Json,
  type Options,
} from './support.js';

let workspace: Workspace;
/** For the tests of one group: making one takes a second with a real FineCode. */
function withWorkspace(): void {
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.close());
}

const isHere = python !== '';
if (python312 === '') console.log('skipped: python3.12 is not here');
const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const [ulid, traceparent] = ['0AYXJHJ5PD8FER8J7B44E80CCW', `00-${trace}-${span}-01`];

describe('throughline run', () => {
  it.each([
    ['finecode', ['run', 'lint'], true],
    ['/ws/.venvs/dev_workspace/bin/finecode', ['run'], true],
    [String.raw`C:\ws\.venvs\dev_workspace\Scripts\finecode.EXE`, ['run'], true],
    ['python', ['-m', 'finecode', 'run'], true],
    ['/usr/bin/python3.12', ['-X', 'dev', '-m', 'finecode.cli', 'run'], true],
    ['python3', ['-m', 'finecoder'], false],
    ['python3', ['finecode'], false],
    ['finecode-lint', [], false],
    ['make', ['-m', 'finecode'], false],
  ])('knows whether %s %j is FineCode', (file, args, expected) => {
    expect(isFinecode(file, args)).toBe(expected);
  });

  it('puts the hook into PYTHONPATH first and once', () => {
    const site = join('/tl', 'site');
    expect(pythonPath(undefined, '/tl')).toBe(site);
    expect(pythonPath('', '/tl')).toBe(site);
    expect(pythonPath(`/mine${delimiter}/yours`, '/tl')).toBe(
      [site, '/mine', '/yours'].join(delimiter),
    );
    expect(pythonPath(`/mine${delimiter}${site}`, '/tl')).toBe([site, '/mine'].join(delimiter));
    expect(pythonPath('/mine', `/t${delimiter}l`)).toBeUndefined();
  });

  it.each([
    [[], 'undefined'],
    [['--finecode', 'never'], 'undefined'],
    [['--finecode', 'always'], join(hook, 'site')],
  ])('sets it for another command only when it is told to: %j', (options, expected) => {
    const show = [process.execPath, '-e', 'console.log(process.env.PYTHONPATH)'];
    const env = { PATH: process.env['PATH'] ?? '' };
    const ran = spawnSync(process.execPath, [bin, 'run', ...options, '--', ...show], {
      encoding: 'utf8',
      env,
    });
    expect(ran.stdout.trim()).toBe(expected);
  });
});

describe.runIf(isHere)('throughline run -- finecode run', () => {
  withWorkspace();
  it('is the parent of what it causes, in streamed runs and nested ones', () => {
    const { PYTHONPATH, ...env } = workspace.env;
    const packages = (PYTHONPATH ?? '').split(delimiter).slice(1).join(delimiter);
    const command = [workspace.python, '-m', 'finecode', 'run', 'nest', '--name=cli'];
    const ran = spawnSync(process.execPath, [bin, 'run', '--print-id', '--', ...command], {
      encoding: 'utf8',
      cwd: workspace.directory,
      env: {
        ...env,
        ...(packages === '' ? {} : { PYTHONPATH: packages }),
        FINECODE_WAL_ENABLED: '1',
      },
    });
    expect(ran.status).toBe(0);
    const [, id, parent] = /throughline: (\w{26}) 00-\w{32}-(\w{16})-03/.exec(ran.stderr) ?? [];
    const events = workspace.events();
    expect(new Set(events.map((event) => event.correlation_id))).toEqual(new Set([id]));
    const entries = events.filter((event) => event.parent_span_id === parent);
    expect(new Set(entries.map(({ action_name: action }) => action))).toEqual(new Set(['nest']));
    expect(events.filter(({ event_type: type }) => type === 'run.accepted')).toHaveLength(8);
    const wal = workspace.wal();
    expect(wal.filter(({ payload }) => payload.correlation?.['id'] !== id)).toEqual([]);
    // Of the two plain nested runs in the WM, and of all four in runners.
    expect(wal.filter(({ event_type: type }) => !String(type).startsWith('partial'))).toHaveLength(
      28,
    );
    expect(
      ran.stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('throughline')),
    ).toHaveLength(1);
  }, 60_000);
});

const name = (index: number): string => `f-${String(index)}`;
const parent = (index: number): string =>
  `00-${trace}-${(index + 1).toString(16).padStart(16, '0')}-01`;

/** The answers of a front on its stdout, by id. */
function answersOf(front: ChildProcess): Map<unknown, Json> {
  const answers = new Map<unknown, Json>();
  if (front.stdout !== null) {
    messagesOf(front.stdout, (message) => {
      if ('id' in message) answers.set(message['id'], message);
    });
  }
  return answers;
}

async function viaFront(kind: 'lsp' | 'mcp', messages: readonly Json[]): Promise<void> {
  const port = await workspace.manager();
  const client = new Client(port);
  await client.request('workspace/addDir', { dirPath: workspace.directory });
  const front = workspace.spawn(['-m', 'finecode', `start-${kind}`], {
    FAKE_WM_PORT: String(port),
    // A server's own environment is nobody's parent.
    TRACEPARENT: '00-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-eeeeeeeeeeeeeeee-01',
  });
  const answers = answersOf(front);
  front.stdin?.write(framed(messages));
  await until(
    () => answers.size === messages.length,
    () => workspace.stderr,
  );
  client.close();
}

describe.runIf(isHere && !isReal)('a frontend that serves', () => {
  withWorkspace();

  it('hands on the envelope’s _meta of LSP, request by request in a burst', async () => {
    const messages = Array.from({ length: 12 }, (_, index) => ({
      jsonrpc: '2.0',
      id: index,
      method: 'textDocument/diagnostic',
      params: { name: name(index) },
      ...(index % 3 === 2 ? {} : { _meta: { traceparent: parent(index) } }),
    }));
    await viaFront('lsp', messages);
    const runs = workspace
      .events()
      .filter(({ role, event_type: type }) => role === 'wm' && type === 'run.accepted');
    expect(runs).toHaveLength(12);
    const parents = runs.map((run) => run.parent_span_id);
    for (let index = 0; index < 12; index += 1) {
      const expected = index % 3 === 2 ? 0 : 1;
      expect(parents.filter((one) => one === parent(index).slice(36, 52))).toHaveLength(expected);
    }
    expect(parents.filter((one) => one === undefined)).toHaveLength(4);
    expect(runs[0]).toMatchObject({
      origin: { front: 'lsp', client: 'lsp' },
      peer: { client_id: 'lsp' },
    });
  }, 30_000);

  it('hands on the params’ _meta of MCP to streamed runs, by their tokens', async () => {
    const messages = Array.from({ length: 12 }, (_, index) => ({
      jsonrpc: '2.0',
      id: index,
      method: 'tools/call',
      params: {
        name: 'greet',
        arguments: { name: name(index) },
        _meta: { traceparent: parent(index) },
      },
    }));
    await viaFront('mcp', messages);
    const events = workspace.events().filter(({ event_type: type }) => type === 'run.accepted');
    for (let index = 0; index < 12; index += 1) {
      const runs = events.filter(
        ({ payload }) => payload['partial_result_token'] === `mcp-${name(index)}`,
      );
      expect(runs.map(({ role }) => role).toSorted()).toEqual(['er', 'wm']);
      expect(runs[0]?.parent_span_id).toBe(parent(index).slice(36, 52));
      expect(runs[0]?.correlation_id).toBe(ulid);
      expect(runs[0]?.origin).toMatchObject({ front: 'mcp', client: 'mcp-agent' });
    }
  }, 30_000);
});

const surroundings: readonly (readonly [name: string, options: Options])[] = [
  ['without OpenTelemetry', { isBare: true }],
  ['with an SDK of it, whose own spans lie in between', { env: { FAKE_OTEL_SDK: '1' } }],
  ...(python312 === '' ? [] : [['under python3.12', { python: python312 }] as const]),
];

describe.runIf(isHere && !isReal)('one tree from the sender’s span to the last handler', () => {
  afterEach(() => workspace.close());

  it.each(surroundings)(
    'stands %s',
    async (_, options) => {
      workspace = new Workspace(options);
      const port = await workspace.manager();
      const client = new Client(port);
      await client.request('workspace/addDir', { dirPath: workspace.directory });
      const params = {
        actionSource: 'demo_ext.NestAction',
        project: workspace.directory,
        params: { name: 'n' },
        _traceparent: traceparent,
      };
      await client.request('actions/run', params);
      client.close();
      const events = workspace.events();
      expect(events.filter(({ correlation_id: id }) => id !== ulid)).toEqual([]);
      expect(events.filter(({ event_type: type }) => type === 'run.completed')).toHaveLength(8);
      const spans = new Set([span, ...events.map((event) => event.span_id)]);
      expect(events.filter((event) => !spans.has(event.parent_span_id ?? ''))).toEqual([]);
      expect(workspace.wal().filter(({ payload }) => payload.correlation?.['id'] !== ulid)).toEqual(
        [],
      );
      expect(workspace.stderr).not.toContain('throughline:');
    },
    30_000,
  );
});

describe.runIf(isReal)('the real MCP server', () => {
  withWorkspace();

  it('hands on the params’ _meta to streamed runs, by their arguments', async () => {
    const file = join(workspace.directory, 'mcp-port');
    const front = workspace.spawn(['-m', 'finecode', 'start-mcp', '--wm-port-file', file], {
      FINECODE_WAL_ENABLED: '1',
    });
    let said = '';
    front.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ask = async (id: number, method: string, params: Json): Promise<void> => {
      front.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      await until(
        () => said.includes(`"id": ${String(id)},`),
        () => said + workspace.stderr,
      );
    };
    await ask(100, 'initialize', {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'agent', version: '0' },
    });
    await ask(101, 'tools/list', {});
    const calls = Array.from({ length: 8 }, (_, index) => ({
      jsonrpc: '2.0',
      id: index,
      method: 'tools/call',
      params: {
        name: 'greet',
        arguments: { project: workspace.directory, name: name(index) },
        _meta: { traceparent: parent(index) },
      },
    }));
    front.stdin?.write(calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
    await until(
      () => calls.every(({ id }) => said.includes(`"id": ${String(id)},`)),
      () => said.slice(-2000) + workspace.stderr,
    );
    const events = workspace.events();
    const runs = events.filter(
      (event) => event.event_type === 'run.accepted' && event.role === 'wm',
    );
    for (let index = 0; index < 8; index += 1) {
      const hash = createHash('sha256')
        .update(`{"name": "${name(index)}"}`)
        .digest('hex');
      const own = runs.filter(({ payload }) => payload['params_hash'] === hash);
      expect(own.map((run) => run.parent_span_id)).toEqual([parent(index).slice(36, 52)]);
      expect(own[0]?.origin).toMatchObject({
        front: 'mcp',
        client: expect.stringContaining('mcp'),
      });
    }
    expect(workspace.wal().filter(({ payload }) => payload.correlation?.['id'] !== ulid)).toEqual(
      [],
    );
    new Client(Number(readFileSync(file, 'utf8'))).send([
      { method: 'server/shutdown', params: {} },
    ]);
  }, 60_000);
});
