/** `record finecode`: what stands in the stream of each run, whoever ends first and however. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, type Line } from '../../hook/host.js';
import { until, type Proxy } from '../../proxies/core/proxy.js';
import { can } from '../../wal/support/child.js';
import { Client, front, makeVenv, type Front, type FrontOptions, type Venv } from './wm.js';

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** sha256('{"n": 1.0, "s": "\\u00e9"}'), as Python dumps it. */
const hash = 'b7bc07174d41b49ca739dfbb059b87a18901a7dd04699e597df7585dcd8bb060';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tl-record-finecode-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Session {
  readonly root: string;
  readonly venv: Venv;
  readonly proxy: Front;
  readonly client: Client;
  /** Ends the WM in an orderly way and returns the records. */
  readonly records: () => Promise<readonly Line[]>;
}

let sessions = 0;
async function inSession(
  use: (session: Session) => Promise<void>,
  options: FrontOptions = {},
): Promise<void> {
  sessions += 1;
  const root = join(scratch, `root-${sessions}`);
  const venv = makeVenv();
  const own = ['--root', root, ...(options.own ?? [])];
  const proxy = await front(venv, { ...options, command: 'record', own });
  const client = await Client.connect(proxy.port);
  const end = async (): Promise<readonly Line[]> => {
    proxy.process.kill('SIGINT');
    await proxy.ended;
    return linesOf(root);
  };
  try {
    await use({ root, venv, proxy, client, records: end });
  } finally {
    await end();
    venv.remove();
  }
}

function one(lines: readonly Line[], event: string): Line {
  const found = lines.filter((line) => line.event_type === event);
  expect(found).toHaveLength(1);
  return found[0] as Line;
}

function run(project: string, more = '', options = '"trigger": "user", "devEnv": "cli"'): string {
  return `{"actionSource": "demo.Echo", "project": "${project}", "params": {"s": "é", "n": 1.0}, "options": {${options}}${more}}`;
}

describe.concurrent('a run', () => {
  it('is accepted with its method, hash and tokens, dispatched with a span that the WM sees, and completed', () =>
    inSession(async ({ client, records }) => {
      await client.request('client/initialize', '{"clientId": "mcp-agent"}');
      const more = `, "_traceparent": "${given}", "partialResultToken": "t", "progressToken": 7`;
      const result = await client.result('actions/run', run('/demo', more));
      const lines = await records();
      const accepted = one(lines, 'run.accepted');
      expect(accepted).toMatchObject({
        action_name: 'demo.Echo',
        project_path: '/demo',
        trigger: 'user',
        dev_env: 'cli',
        parent_span_id: 'b7ad6b7169203331',
        origin: { front: 'mcp', method: 'actions/run', name: 'demo.Echo', client: 'agent' },
        peer: { transport: 'tcp', client_id: 'mcp-agent' },
        payload: {
          durability: 'barrier',
          rpc: { connection: 'tcp-1', id: 2 },
          method: 'actions/run',
          params_hash: hash,
          partial_result_token: 't',
          progress_token: '7',
          targets: 1,
        },
      });
      const dispatched = one(lines, 'run.dispatched');
      expect(dispatched.payload).toEqual({
        attempt: 1,
        runner: 'finecode',
        action: 'demo.Echo',
        project: '/demo',
        params_hash: hash,
      });
      expect(dispatched).toMatchObject({ parent_span_id: accepted.span_id });
      expect(result['traceparent']).toBe(
        `00-0af7651916cd43dd8448eb211c80319c-${String(dispatched['span_id'])}-01`,
      );
      expect(one(lines, 'run.completed').payload).toMatchObject({
        answered: true,
        outcome: 'complete',
        return_code: 0,
      });
    }));

  it('whose project the WM picks has one target without a project', () =>
    inSession(async ({ client, records }) => {
      await client.request('actions/run', run('', '', '"trigger": "system", "devEnv": "ide"'));
      const lines = await records();
      expect(one(lines, 'run.dispatched').payload).not.toHaveProperty('project');
      expect(one(lines, 'run.accepted').payload).toMatchObject({ durability: 'relaxed' });
    }));

  it('that streams is recorded with its parts, its code and the project that they named', () =>
    inSession(async ({ client, records }) => {
      await client.request(
        'actions/run',
        '{"actionSource": "demo.Stream", "project": "", "partialResultToken": "t-1"}',
      );
      const lines = await records();
      one(lines, 'partial_result.first_sent');
      expect(one(lines, 'run.completed').payload).toMatchObject({
        outcome: 'complete',
        return_code: 1,
        results: [{ project: '/demo', action: 'demo.Stream' }],
      });
    }));

  it('that fails has the code and the redacted message of its error', () =>
    inSession(async ({ client, records }) => {
      await client.request('actions/run', '{"actionSource": "demo.Fail", "project": "/demo"}');
      expect(one(await records(), 'run.failed').payload).toMatchObject({
        answered: true,
        outcome: 'rpc_error',
        execution: 'answered',
        error: { code: -32603, message: 'Action greet failed in /demo: password=[redacted]' },
      });
    }));

  it('with NaN in its params and in its result is one like any other', () =>
    inSession(async ({ client, records }) => {
      await client.request('actions/run', '{"actionSource": "demo.Python", "params": {"x": NaN}}');
      const lines = await records();
      // sha256('{"x": NaN}')
      expect(one(lines, 'run.accepted').payload['params_hash']).toBe(
        'baab068bbf85ddffee705062ebcac22b5b8e58b7634a5fc48ac941d3968349c2',
      );
      expect(one(lines, 'run.completed').payload).toMatchObject({ return_code: 0 });
    }));
});

describe.concurrent('a batch', () => {
  it('is one attempt for all its actions and projects, with the hash of what each project gets', () =>
    inSession(async ({ client, records }) => {
      const result = await client.result(
        'actions/runBatch',
        '{"actionSources": ["demo.One", "demo.Two"], "projects": ["/a", "/b"], "params": {"x": 1}, "paramsByProject": {"/b": {"x": 1.0}}, "options": {"trigger": "user"}}',
      );
      const lines = await records();
      const accepted = one(lines, 'run.accepted');
      expect(accepted).toMatchObject({ action_name: 'actions/runBatch', payload: { targets: 4 } });
      expect(accepted.payload).not.toHaveProperty('params_hash');
      const [ofOne, ofFloat] = [
        // sha256('{"x": 1}') and sha256('{"x": 1.0}')
        '613fe5aa65343dbb1b9abe6abac6773f5c91bd60d3f2ffb7e2eae69e1db8b227',
        '857628e420fdb53d38621c15f4b6f7627db49f87867f064ed831693c2be27e60',
      ];
      const dispatched = one(lines, 'run.dispatched');
      expect(dispatched.payload).toEqual({
        attempt: 1,
        runner: 'finecode',
        asked_for: [
          { action: 'demo.One', project: '/a', params_hash: ofOne },
          { action: 'demo.One', project: '/b', params_hash: ofFloat },
          { action: 'demo.Two', project: '/a', params_hash: ofOne },
          { action: 'demo.Two', project: '/b', params_hash: ofFloat },
        ],
      });
      // One message carries one parent.
      expect(String(result['traceparent']).slice(36, 52)).toBe(dispatched.span_id);
      expect(one(lines, 'run.completed').payload).toMatchObject({
        results: [
          { project: '/a', action: 'demo.One', return_code: 1 },
          { project: '/a', action: 'demo.Two', return_code: 0 },
          { project: '/b', action: 'demo.One', return_code: 1 },
          { project: '/b', action: 'demo.Two', return_code: 0 },
        ],
      });
    }));

  it('without projects has a target without one, and its end names those that the WM took', () =>
    inSession(async ({ client, records }) => {
      await client.request(
        'actions/runBatch',
        '{"actionSources": ["demo.Two"], "params": {}, "partialResultToken": "t"}',
      );
      const lines = await records();
      expect(one(lines, 'run.dispatched').payload).toEqual({
        attempt: 1,
        runner: 'finecode',
        action: 'demo.Two',
        params_hash: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      });
      expect(one(lines, 'run.completed').payload['results']).toEqual([
        { project: '/one', action: 'demo.Two', return_code: 0 },
        { project: '/two', action: 'demo.Two', return_code: 0 },
      ]);
    }));

  it('with paths of any length has its records, with the targets and results that there is room for', () =>
    inSession(async ({ client, records }) => {
      const projects = Array.from({ length: 40 }, (_, index) => `/${index}${'é'.repeat(4000)}`);
      await client.request(
        'actions/runBatch',
        `{"actionSources": ["demo.Two"], "projects": ${JSON.stringify(projects)}}`,
      );
      const lines = await records();
      expect(one(lines, 'run.completed').payload['results']).toHaveLength(16);
      expect(one(lines, 'run.dispatched').payload['asked_for']).toHaveLength(16);
      expect(one(lines, 'run.accepted').payload['targets']).toBe(40);
    }));

  it('of more than 256 targets says how many there were', () =>
    inSession(async ({ client, records }) => {
      const projects = JSON.stringify(Array.from({ length: 300 }, (_, index) => `/p${index}`));
      await client.request(
        'actions/runBatch',
        `{"actionSources": ["demo.Two"], "projects": ${projects}}`,
      );
      const lines = await records();
      expect(one(lines, 'run.dispatched').payload['asked_for']).toHaveLength(256);
      expect(one(lines, 'run.accepted').payload).toMatchObject({ targets: 300 });
    }));
});

const hang = '{"actionSource": "demo.Hang", "project": "/demo", "options": {"trigger": "user"}}';

async function hangs(proxy: Proxy): Promise<void> {
  await until(
    () => proxy.stdout().toString().includes('hangs'),
    () => proxy.stdout().toString() + proxy.stderr(),
  );
}

describe.concurrent('a run without an answer', () => {
  it('is cancelled with an unknown execution when its client goes, and so noted', () =>
    inSession(async ({ client, proxy, root, records }) => {
      void client.request('actions/run', hang);
      await hangs(proxy);
      await client.close();
      await until(
        () => linesOf(root).some((line) => line.event_type === 'run.cancelled'),
        () => JSON.stringify(linesOf(root)),
      );
      const lines = await records();
      expect(one(lines, 'run.client_gone').payload).toEqual({ reason: 'disconnected' });
      expect(one(lines, 'run.cancelled').payload).toMatchObject({
        answered: false,
        outcome: 'client_gone',
        execution: 'unknown',
      });
    }));

  it('failed, with the code, when the WM ends', () =>
    inSession(async ({ client, proxy, root }) => {
      void client.request('actions/run', hang);
      await hangs(proxy);
      client.send('{"method": "server/exit", "params": {"code": 9}}');
      expect(await proxy.ended).toEqual({ code: 9, signal: null });
      expect(one(linesOf(root), 'run.failed').payload).toMatchObject({
        answered: false,
        outcome: 'connection_closed',
        execution: 'unknown',
        exit_code: 9,
        error: { code: 'connection_closed' },
      });
    }));

  it('failed, with the signal, when the WM is killed', () =>
    inSession(async ({ client, proxy, root }) => {
      void client.request('actions/run', hang);
      await hangs(proxy);
      client.send('{"method": "server/kill", "params": {"signal": "SIGKILL"}}');
      expect(await proxy.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(one(linesOf(root), 'run.failed').payload).toMatchObject({ signal: 'SIGKILL' });
      expect(one(linesOf(root), 'runner.stopped').payload).toMatchObject({ signal: 'SIGKILL' });
    }));

  it('failed when the WM drops the connection and lives', () =>
    inSession(async ({ client, proxy, records }) => {
      void client.request('actions/run', hang);
      await hangs(proxy);
      client.send('{"method": "server/drop"}');
      await client.closed;
      const { payload } = one(await records(), 'run.failed');
      expect(payload).toMatchObject({ outcome: 'connection_closed', execution: 'unknown' });
    }));

  it('notes that a cancel was asked for, which FineCode does not hear', () =>
    inSession(async ({ client, records }) => {
      const answer = client.request(
        'actions/run',
        '{"actionSource": "demo.Echo", "params": {"ms": 100}}',
      );
      client.send('{"method": "$/cancelRequest", "params": {"id": 1}}');
      await answer;
      const lines = await records();
      one(lines, 'run.cancel_requested');
      one(lines, 'run.completed');
    }));
});

describe('many runs', () => {
  it('500 at once over five connections: each has one end, and the span that the WM saw', () =>
    inSession(async ({ proxy, records }) => {
      const clients = await Promise.all(
        Array.from({ length: 5 }, () => Client.connect(proxy.port)),
      );
      const asked = clients.flatMap((client, connection) => {
        client.socket.cork();
        const answers = Array.from({ length: 100 }, async (_, index) => {
          const name = `${connection}-${index}`;
          const params = `{"actionSource": "demo.Echo", "project": "/${name}", "params": {"ms": ${index % 7}}, "options": {"trigger": "user"}}`;
          const result = await client.result('actions/run', params);
          return [`/${name}`, String(result['traceparent']).slice(36, 52)];
        });
        client.socket.uncork();
        return answers;
      });
      const answers = await Promise.all(asked);
      const lines = await records();
      const spans = new Map(
        lines
          .filter((line) => line.event_type === 'run.dispatched')
          .map((line) => [String(line.payload['project']), line.span_id]),
      );
      expect(answers.filter(([project = '', span]) => spans.get(project) !== span)).toEqual([]);
      const runs = lines.filter((line) => line.event_type === 'run.completed');
      expect(runs).toHaveLength(500);
      expect(new Set(runs.map((line) => line.span_id)).size).toBe(500);
    }));
});

describe.concurrent('a stream that cannot be written', () => {
  // Only the calls with the fault stop the process: the others would be slow.
  const options = '-f -qq --seccomp-bpf -o /dev/null -e trace=pwrite64,fdatasync'.split(' ');
  const hasStrace = can('fault injection', 'strace', ...options, 'true');

  it.skipIf(!hasStrace)('for the disk hangs holds a run for a second, there and back', async () => {
    const venv = makeVenv();
    const under = [
      'strace',
      ...options,
      '-e',
      'inject=pwrite64,fdatasync:delay_enter=4000000:when=2+',
    ];
    const own = ['--root', join(scratch, 'hangs')];
    const proxy = await front(venv, { command: 'record', own, under });
    const client = await Client.connect(proxy.port);
    // What is not recorded passes at once, and says that all is running.
    await client.request('server/echo', '{}');
    const sentMs = performance.now();
    const answers = await Promise.all(
      ['/a', '/b'].map((project) => client.result('actions/run', run(project))),
    );
    const heldMs = performance.now() - sentMs;
    expect(answers.map((result) => result['returnCode'])).toEqual([0, 0]);
    expect(heldMs).toBeGreaterThan(900);
    // The fault takes four.
    expect(heldMs).toBeLessThan(3500);
    process.kill(-proxy.pid, 'SIGKILL');
    await proxy.ended;
    venv.remove();
  });

  it('is said once, and every run passes', async () => {
    const file = join(scratch, 'no-root');
    writeFileSync(file, '');
    const venv = makeVenv();
    const proxy = await front(venv, { command: 'record', own: ['--root', join(file, 'below')] });
    const client = await Client.connect(proxy.port);
    const result = await client.result('actions/run', run('/demo'));
    expect(result['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
    proxy.process.kill('SIGINT');
    await proxy.ended;
    expect(proxy.stderr()).toMatch(/^throughline: nothing is recorded: [^\n]*\n$/);
    venv.remove();
  });
});
