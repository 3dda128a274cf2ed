/** One workspace manager with its runners, asked everything; then what its records say. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughline } from '../../cli/bin.js';
import { isReal } from './installation.js';
import { Client, Workspace, python, until, type Event, type Json } from './support.js';

const traceOf = (index: number): string => (0xabc000 + index).toString(16).padStart(32, '0');
const spanOf = (index: number): string => (0xdef000 + index).toString(16).padStart(16, '0');
const parentOf = (index: number): string => `00-${traceOf(index)}-${spanOf(index)}-01`;
const hashOf = (name: string): string =>
  createHash('sha256').update(`{"name": "${name}"}`).digest('hex');

const flat = 16;
const streamed = 16;
const nested = 8;
const burst = flat + streamed + nested;
const [boom, tool, gone, killed, added, both] = [90, 91, 92, 94, 95, 96];

let workspace: Workspace;
let events: readonly Event[] = [];
const answers: Record<string, Json> = {};

function request(action: string, name: string, index?: number, more: Json = {}) {
  const params = {
    actionSource: `demo_ext.${action}Action`,
    project: workspace.directory,
    params: { name },
    options: { trigger: 'user', devEnv: 'cli', resultFormats: ['json'] },
    ...(index === undefined ? {} : { _traceparent: parentOf(index) }),
    ...more,
  };
  return { method: 'actions/run', params };
}

function burstOf(): ReturnType<typeof request>[] {
  return Array.from({ length: burst }, (_, index) => {
    const name = `n-${String(index)}`;
    if (index < flat) return request('Greet', name, index);
    const token = { partialResultToken: `t-${String(index)}` };
    return request(index < flat + streamed ? 'Greet' : 'Nest', name, index, token);
  });
}

const count = (type: string): number =>
  workspace.events().filter((event) => event.event_type === type).length;
const errorOf = (client: Client, id: number): string => JSON.stringify(client.answers.get(id));

beforeAll(async () => {
  if (python === '') return;
  workspace = new Workspace();
  const port = await workspace.manager({
    TRACEPARENT: '00-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-eeeeeeeeeeeeeeee-01',
  });
  const lsp = new Client(port);
  await lsp.request('client/initialize', { clientId: 'lsp' });
  const cli = new Client(port);
  const prepare = {
    dirPath: workspace.directory,
    initializeAllHandlers: false,
    prepare: true,
    _traceparent: parentOf(added),
  };
  const opened = await cli.request('workspace/addDir', prepare);
  if (opened['error'] !== undefined) throw new Error(JSON.stringify(opened));
  // The burst: one write for each connection, all at once.
  const requests = burstOf();
  const ids = [
    ...lsp.send(requests.filter((_, index) => index % 2 === 0)).map((id) => [lsp, id] as const),
    ...cli.send(requests.filter((_, index) => index % 2 === 1)).map((id) => [cli, id] as const),
  ];
  await until(() => ids.every(([client, id]) => client.answers.has(id)));
  for (const [client, id] of ids) {
    if (client.answers.get(id)?.['result'] === undefined) throw new Error(errorOf(client, id));
  }
  for (const name of ['bare-1', 'bare-2']) {
    const { method, params } = request('Greet', name);
    await cli.request(method, params);
  }
  const batch = request('Greet', 'batch').params;
  const actionSources = ['demo_ext.GreetAction', 'demo_ext.ToolAction'];
  await cli.request('actions/runBatch', { ...batch, actionSources });
  const streams = {
    params: { name: 'both' },
    partialResultToken: 'both',
    _traceparent: parentOf(both),
  };
  await cli.request('actions/runBatch', { ...batch, actionSources, ...streams });
  answers['boom'] = await cli.request('actions/run', request('Boom', 'b', boom).params);
  answers['tool'] = await cli.request('actions/run', request('Tool', 'b', tool).params);
  if (!isReal) answers['fork'] = await cli.request('actions/run', request('Fork', 'f').params);
  await disconnect(port);
  await kill(cli);
  cli.send([{ method: 'server/shutdown', params: {} }]);
  await until(() => count('run.failed') === 3);
  events = workspace.events();
}, 60_000);
afterAll(() => {
  if (python !== '') workspace.close();
});

/** A client that goes while one streamed and one plain request are with a runner. */
async function disconnect(port: number): Promise<void> {
  const client = new Client(port);
  const before = count('handler.started');
  client.send([
    request('Slow', '60', gone),
    request('Slow', '60', gone + 1, { partialResultToken: 'gone' }),
  ]);
  await until(() => count('handler.started') === before + 2);
  client.close();
  await until(() => count('run.cancelled') === 4);
}

/** A runner that is killed in a run. */
async function kill(client: Client): Promise<void> {
  const [id = 0] = client.send([request('Slow', '60', killed)]);
  const started = (): Event | undefined =>
    workspace
      .events()
      .find(
        (event) => event.event_type === 'handler.started' && event.correlation_id === ulid(killed),
      );
  await until(() => started() !== undefined);
  const opened = workspace.headers().find((one) => one['writer_id'] === started()?.writer_id);
  process.kill(Number(opened?.payload['pid']), 'SIGKILL');
  await until(() => client.answers.has(id));
  answers['killed'] = client.answers.get(id) ?? {};
}

/** The spelling of our trace ids, all of which are small numbers. */
function ulid(index: number): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let [number, text] = [0xabc000 + index, ''];
  for (let place = 0; place < 26; place += 1) {
    text = (digits[number % 32] ?? '') + text;
    number = Math.floor(number / 32);
  }
  return text;
}

/** The spans of one request as a tree: role, action and events of each; what is below it is indented. */
function treeOf(of: readonly Event[], parent: string | undefined): readonly string[] {
  const spans = new Map<string, Event[]>();
  for (const event of of) {
    if (event.parent_span_id !== parent) continue;
    spans.set(event.span_id, [...(spans.get(event.span_id) ?? []), event]);
  }
  return [...spans]
    .map(([span, seen]) => {
      const types = seen.map((one) => one.event_type).join(' ');
      const below = treeOf(of, span).map((line) => `  ${line}`);
      return [`${seen[0]?.role} ${seen[0]?.action_name} ${types}`, ...below];
    })
    .toSorted((one, two) => (one.join() < two.join() ? -1 : 1))
    .flat();
}

const inRequest = (index: number): readonly Event[] =>
  events.filter(({ correlation_id: id }) => id === ulid(index));

const partly = 'run.accepted partial_result.first_sent partial_result.final_sent run.completed';

/** What a run is from the workspace manager down, with what its handler asks for below it. */
function runOf(action: string, types: string, below: readonly string[] = []): readonly string[] {
  return [
    `wm ${action} ${types}`,
    `  wm ${action} run.dispatched`,
    `    er ${action} run.accepted run.completed`,
    `      er ${action} handler.started handler.completed`,
    ...below.map((line) => `        ${line}`),
  ];
}

const whole = 'run.accepted run.completed';
const greet = runOf('greet', whole);
const asked = (run: readonly string[]): readonly string[] => [
  'er nest run.dispatched',
  ...run.map((line) => `  ${line}`),
];

describe.runIf(python !== '')('a burst of concurrent requests', () => {
  it('is recorded as one tree for each, with nothing missing and nothing of another', () => {
    for (let index = 0; index < flat; index += 1) {
      expect(treeOf(inRequest(index), spanOf(index))).toEqual(greet);
      expect(inRequest(index)).toHaveLength(7);
    }
    for (let index = flat; index < flat + streamed; index += 1) {
      expect(treeOf(inRequest(index), spanOf(index))).toEqual(runOf('greet', partly));
    }
  });

  it('nests what a handler asks of the workspace manager below that handler', () => {
    const below = [...asked(runOf('greet', partly)), ...asked(greet), ...asked(greet)];
    for (let index = flat + streamed; index < burst; index += 1) {
      expect(treeOf(inRequest(index), spanOf(index))).toEqual(
        runOf('nest', isReal ? whole : partly, below),
      );
    }
  });

  it('has the params and the token of exactly its request in each record', () => {
    for (let index = 0; index < burst; index += 1) {
      const name = `n-${String(index)}`;
      const [first] = inRequest(index);
      expect(first?.payload['params_hash']).toBe(hashOf(name));
      const token = index < flat ? undefined : `t-${String(index)}`;
      expect(first?.payload['partial_result_token']).toBe(token);
    }
  });

  it('is stamped on every record of FineCode’s own WAL, with the span of its run', () => {
    const runs = new Map(
      events
        .filter(({ event_type: type }) => type === 'run.accepted')
        .map((event) => [`${event.role} ${event.wal_run_id} ${event.writer_id}`, event]),
    );
    const wal = workspace.wal().filter(({ event_type: type }) => type !== 'handler.parts_started');
    for (const { payload, writer_id: writer, wal_run_id: run } of wal) {
      const role = String(writer).slice(0, 2);
      const same = [...runs.values()].filter(
        (one) =>
          one.role === role &&
          one.wal_run_id === run &&
          one.span_id === payload.correlation?.['span_id'],
      );
      expect(same).toHaveLength(1);
      expect(payload.correlation?.['id']).toBe(same[0]?.correlation_id);
      expect(payload.correlation?.['parent_span_id']).toBe(same[0]?.parent_span_id);
    }
    // Of the WM for each plain run of the burst, of an ER for each run.
    const inBurst = wal.filter(({ payload }) =>
      String(payload.correlation?.['trace_id']).startsWith('00000000000000000000000000abc0'),
    );
    const few = [boom, tool, gone, gone + 1, killed, added, both].map(traceOf);
    const ofBurst = inBurst.filter(
      ({ payload }) => !few.includes(String(payload.correlation?.['trace_id'])),
    );
    const of = (role: string): number =>
      ofBurst.filter(
        ({ writer_id: writer, event_type: type }) =>
          String(writer).startsWith(role) && !String(type).startsWith('partial_result.'),
      ).length;
    expect(of('wm')).toBe(4 * (flat + 2 * nested));
    expect(of('er')).toBe(5 * (burst + 3 * nested));
    expect(wal.every(({ payload }) => payload.correlation?.['trace_id'] !== undefined)).toBe(true);
  });

  it('says who asked, by which connection and which message', () => {
    const [one] = inRequest(0);
    expect(one).toMatchObject({
      origin: { front: 'cli', method: 'actions/run', name: 'greet', client: 'lsp' },
      peer: { transport: 'tcp', client_id: 'lsp' },
      payload: { durability: 'barrier', rpc: { connection: expect.any(String), id: 2 } },
    });
    const connections = [0, 1, 2].map(
      (index) => JSON.stringify(inRequest(index)[0]?.payload['rpc']).split(',')[0],
    );
    expect(connections[2]).toBe(connections[0]);
    expect(connections[1]).not.toBe(connections[0]);
  });
});

describe.runIf(python !== '')('a request without a carrier', () => {
  it('is a root of its own, never under what started the server', () => {
    const roots = events.filter(({ payload }) => payload['root'] === true);
    const [one, two] = roots.filter((event) =>
      [hashOf('bare-1'), hashOf('bare-2')].includes(String(event.payload['params_hash'])),
    );
    expect(one?.parent_span_id).toBeUndefined();
    expect(one?.correlation_id).not.toBe(two?.correlation_id);
    expect(events.some(({ correlation_id: id }) => id?.startsWith('7EEEEEE') === true)).toBe(false);
    const opened = workspace.headers().find((header) => header['writer_id'] === one?.writer_id);
    expect(opened?.payload['env_link']).toEqual({
      trace_id: 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
      span_id: 'eeeeeeeeeeeeeeee',
    });
  });

  it('gives all its runs one correlation id, and tells them apart', () => {
    const runs = events.filter(
      ({ payload, event_type: type, role }) =>
        type === 'run.accepted' && role === 'wm' && payload['params_hash'] === hashOf('batch'),
    );
    expect(runs).toHaveLength(2);
    expect(runs[0]?.correlation_id).toBe(runs[1]?.correlation_id);
    expect(runs.map(({ payload }) => (payload['rpc'] as Json)['part'])).toEqual([undefined, 2]);
  });
});

describe.runIf(python !== '')('what FineCode forgets', () => {
  it('is recorded of streamed runs that one request has one after the other', () => {
    const runs = treeOf(inRequest(both), spanOf(both)).filter((line) => !line.startsWith(' '));
    expect(runs).toEqual([`wm greet ${partly}`, `wm tool ${isReal ? whole : partly}`]);
  });

  it.runIf(!isReal)('is recorded of what a workspace request runs by itself', () => {
    expect(treeOf(inRequest(added), spanOf(added))).toEqual([...greet, ...greet]);
  });

  it('is the error of a run, without what looks like a secret', () => {
    const failed = inRequest(boom).filter(({ event_type: type }) => type.endsWith('.failed'));
    expect(failed.map(({ role, event_type: type }) => `${role} ${type}`)).toEqual([
      'er handler.failed',
      'er run.failed',
      'wm run.failed',
    ]);
    for (const { payload } of failed) {
      expect((payload['error'] as Json)['message']).toContain('boom: password=[redacted]');
    }
    expect(JSON.stringify(answers['boom'])).toContain('hunter2');
  });

  it('is the end after a client has gone, in the workspace manager and in the runner', () => {
    const went = 'wm slow run.accepted run.client_gone run.cancelled';
    const rest = [
      '  wm slow run.dispatched',
      '    er slow run.accepted run.cancelled',
      '      er slow handler.started handler.failed',
    ];
    for (const index of [gone, gone + 1]) {
      expect(treeOf(inRequest(index), spanOf(index))).toEqual([went, ...rest]);
      const ends = inRequest(index).filter(({ event_type: type }) => type === 'run.cancelled');
      expect(ends.map(({ payload }) => payload['answered'])).toEqual([false, false]);
    }
  });

  it('is told apart when a runner is killed: failed above, lost below', () => {
    expect(treeOf(inRequest(killed), spanOf(killed))).toEqual([
      'wm slow run.accepted run.failed',
      '  wm slow run.dispatched',
      '    er slow run.accepted',
      '      er slow handler.started',
    ]);
    const { stdout } = throughline(['show', ulid(killed), '--root', workspace.root]);
    expect(stdout).toContain('lost');
  });
});

describe.runIf(python !== '')('the processes of a runner', () => {
  it('gets no hook and nothing of what the hook was told when a handler starts it', () => {
    const said = JSON.stringify(answers['tool']);
    expect(said).toContain('\\"hook\\": false');
    expect(said).not.toContain('THROUGHLINE');
    expect(said).not.toContain('TRACEPARENT');
    expect(said).not.toContain('hook/finecode/site');
  });

  it.runIf(!isReal)('writes to a stream of its own after a fork', () => {
    expect(JSON.stringify(answers['fork'])).toContain('"text":["0"]');
    const child = events.filter(({ payload }) => payload['handler'] === 'in the child');
    expect(child).toHaveLength(1);
    const writers = new Set(events.map(({ writer_id: writer }) => writer));
    expect([...writers].filter((writer) => writer === child[0]?.writer_id)).toHaveLength(1);
    expect(events.filter(({ writer_id: writer }) => writer === child[0]?.writer_id)).toHaveLength(
      1,
    );
  });
});

describe.runIf(python !== '')('the streams', () => {
  it('are sound for throughline verify', () => {
    const ran = throughline(['verify', '--root', workspace.root]);
    expect(ran.stdout).not.toMatch(/CORRUPT|GAP|DUP|FORK|MISSING/);
    expect(ran.code).toBe(0);
  });

  it('are one request each for throughline runs, with the state it ended in', () => {
    const { stdout } = throughline(['runs', '-n', 'all', '--json', '--root', workspace.root]);
    const requests = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json)
      .filter((line) => line['correlation_id'] !== undefined);
    const stateOf = (index: number): readonly unknown[] =>
      requests.filter((one) => one['correlation_id'] === ulid(index)).map((one) => one['state']);
    for (let index = 0; index < burst; index += 1) expect(stateOf(index)).toEqual(['completed']);
    expect([boom, gone, killed].map(stateOf)).toEqual([['failed'], ['cancelled'], ['lost']]);
  });

  it('were written without a word on stderr', () => {
    expect(workspace.stderr.split('\n').filter((line) => line.startsWith('throughline'))).toEqual(
      [],
    );
  });
});
