/** Which request caused a run: an id, a token or a hash says so, or it is said that nobody can tell. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  finecodeSource,
  reconcile,
  walk,
  type Request,
  type Story,
} from '../../../src/read/index.js';
import { shortName } from '../../../src/read/sources/finecode/targets.js';
import { correlation, epoch, span, StreamFile, type Fields } from '../stream-file.js';
import { epochUs, Files, run, temporary, type Writer } from './wal.js';

const hash = 'a'.repeat(64);
const whole = { partial_result_token: null, progress_token: null };
/** `StreamFile` counts from its own epoch. */
const shiftMs = (epochUs - epoch) / 1000;
let root: string;
let recorder: StreamFile;

beforeEach(() => {
  root = temporary();
  recorder = new StreamFile(root, 'finecode', 'REC1');
});

interface Asked {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs?: number;
  readonly payload?: Fields;
  readonly targets?: readonly Fields[];
  readonly end?: string;
  readonly outcome?: Fields;
}

/** As `record finecode` writes a request; R is span 1, what it sends is span 2. */
function asked({
  id,
  fromMs,
  toMs,
  payload = {},
  targets,
  end = 'run.completed',
  outcome,
}: Asked): void {
  const of = { correlation_id: correlation(id), trigger: 'user', dev_env: 'cli' };
  const all = targets ?? [{ action: 'demo_ext.GreetAction', project: '/ws', params_hash: hash }];
  recorder.add(shiftMs + fromMs, 'run.accepted', {
    ...of,
    span_id: span(1),
    payload: { method: 'actions/run', targets: all.length, ...payload },
  });
  const sent = all.length === 1 ? all[0] : { asked_for: all };
  recorder.add(shiftMs + fromMs, 'run.dispatched', {
    ...of,
    span_id: span(2),
    parent_span_id: span(1),
    payload: { attempt: 1, runner: 'finecode', ...sent },
  });
  if (toMs === undefined) return;
  const said = outcome ?? { outcome: end === 'run.completed' ? 'complete' : 'rpc_error' };
  recorder.add(shiftMs + toMs, end, { ...of, span_id: span(1), payload: said });
}

function accepted(wm: Writer, runId: string, atMs: number, options: object = {}): void {
  wm.add(atMs, runId, 'run.accepted', { params_hash: hash }, options)
    .add(atMs + 1, runId, 'run.dispatched', { runner_id: 'x', env_name: 'dev_no_runtime' }, options)
    .add(atMs + 2, runId, 'run.completed', { return_code: 0 }, options);
}

async function joins(files: Files): Promise<readonly string[]> {
  recorder.write();
  return joinsOf(await files.read([root]));
}

/** `1 exact below REC`: the run with digit 1 is in the request whose id ends so. */
function joinsOf(story: Story): readonly string[] {
  const found: string[] = [];
  for (const request of story.requests) {
    for (const { span: one } of walk(request.roots)) {
      if (one.join === undefined) continue;
      const candidates = one.candidates.map(({ traceId }) => traceId.slice(-2)).join();
      found.push(
        `${one.runId?.[0]} ${one.join} ${candidates === '' ? tail(request) : `of ${candidates}`} ${one.parentSpanId ?? ''}`.trim(),
      );
    }
  }
  return found.toSorted();
}

function tail({ correlationId }: Request): string {
  return correlationId.slice(-4);
}

describe('a run of FineCode', () => {
  it('belongs to the only request that asked for it with these params at that time', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 20 });
    asked({ id: 'BBBB', fromMs: 100, toMs: 120 });
    const files = new Files();
    const wm = files.wm();
    accepted(wm, run('1'), 5);
    accepted(wm, run('2'), 105);
    expect(await joins(files)).toEqual([
      `1 inferred AAAA ${span(2)}`,
      `2 inferred BBBB ${span(2)}`,
    ]);
  });

  it('is joined to none of two requests that it may belong to, and both are named', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50 });
    asked({ id: 'BBBB', fromMs: 1, toMs: 50 });
    const files = new Files();
    const wm = files.wm();
    accepted(wm, run('1'), 20);
    accepted(wm, run('2'), 24);
    recorder.write();
    const story = await files.read([root]);
    expect(story.requests.length).toBe(4);
    const doubtful = [...story.requests].filter(({ join }) => join !== undefined);
    expect(doubtful.map(({ join, candidates }) => [join, candidates.length])).toEqual([
      ['ambiguous', 2],
      ['ambiguous', 2],
    ]);
    const sources = [finecodeSource({ places: [files.place], roots: [root] })];
    const { findings } = await reconcile({ roots: [root], sources });
    const names = findings.map(({ name }) => name).filter((name) => name === 'join_ambiguous');
    expect(names).toHaveLength(2);
  });

  it('is not joined by its params to a request whose results are streamed', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, payload: { partial_result_token: 't' } });
    const files = new Files();
    accepted(files.wm(), run('1'), 20);
    expect(await joins(files)).toEqual([]);
  });

  it.each([
    ['before the request', { atMs: -30 }],
    ['after the answer', { atMs: 90 }],
    ['in another project', { options: { project: '/other' } }],
    ['of another action', { options: { action: 'lint' } }],
    ['of another front', { options: { devEnv: 'ide' } }],
    ['on another occasion', { options: { trigger: 'system' } }],
  ] as const)('is not joined %s', async (_, how) => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50 });
    const files = new Files();
    const { atMs, options } = { atMs: 20, options: {}, ...how };
    accepted(files.wm(), run('1'), atMs, options);
    expect(await joins(files)).toEqual([]);
  });

  it('that completed is not that of a request that failed', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, end: 'run.failed' });
    const files = new Files();
    accepted(files.wm(), run('1'), 20);
    expect(await joins(files)).toEqual([]);
  });

  it('belongs to the request whose token its ERs recorded', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, payload: { partial_result_token: 'one' } });
    asked({ id: 'BBBB', fromMs: 1, toMs: 50, payload: { partial_result_token: 'two' } });
    const files = new Files();
    for (const [digit, token] of [
      ['1', 'two'],
      ['2', 'one'],
    ] as const) {
      const er = files.er(`env_${digit}`, `er-${digit}-1795291834`);
      er.add(20, run(digit), 'run.accepted', { partial_result_token: token, progress_token: null });
    }
    expect(await joins(files)).toEqual([`1 exact BBBB ${span(2)}`, `2 exact AAAA ${span(2)}`]);
  });

  it('that is streamed to two envs is no repetition', async () => {
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, payload: { partial_result_token: 'one' } });
    const files = new Files();
    for (const env of ['a', 'b']) {
      const er = files.er(env, `er-${env === 'a' ? 1 : 2}-1795291834`);
      er.add(20, run('1'), 'run.accepted', { partial_result_token: 'one', progress_token: null });
      er.add(21, run('1'), 'run.completed', { status: 'success', return_code: 0 });
    }
    recorder.write();
    files.write();
    const sources = [finecodeSource({ places: [files.place], roots: [root] })];
    const { findings, story } = await reconcile({ roots: [root], sources });
    expect(findings).toEqual([]);
    expect([...story.requests].map(({ state, spans }) => [state, spans])).toEqual([
      ['completed', 4],
    ]);
  });

  it('is joined to none of two requests that used one token at one time', async () => {
    for (const id of ['AAAA', 'BBBB']) {
      asked({ id, fromMs: 0, toMs: 50, payload: { partial_result_token: '1' } });
    }
    const files = new Files();
    files
      .er()
      .add(20, run('1'), 'run.accepted', { partial_result_token: '1', progress_token: null });
    const [found] = await joins(files);
    expect(found).toContain('1 ambiguous of');
  });

  it('of a command line has a token that its WM minted, and belongs to the one batch of that time', async () => {
    const batch = { method: 'actions/runBatch', partial_result_token: 'mine' };
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, payload: batch });
    const files = new Files();
    files
      .er()
      .add(20, run('1'), 'run.accepted', { partial_result_token: 'minted', progress_token: null });
    expect(await joins(files)).toEqual([`1 inferred AAAA ${span(2)}`]);
  });

  it('of a batch is below the attempt that asked for its action in its project', async () => {
    const targets = ['/ws', '/other'].map((project) => ({
      action: 'demo_ext.GreetAction',
      project,
      params_hash: hash,
    }));
    asked({ id: 'AAAA', fromMs: 0, toMs: 50, targets, payload: { method: 'actions/runBatch' } });
    const files = new Files();
    const wm = files.wm();
    accepted(wm, run('1'), 10, { project: '/other' });
    accepted(wm, run('2'), 20, { project: '/ws' });
    expect(await joins(files)).toEqual([
      `1 inferred AAAA ${span(2)}`,
      `2 inferred AAAA ${span(2)}`,
    ]);
  });

  it('is where its hook says, in both shapes that hooks have', async () => {
    const files = new Files();
    const [traceId, parent] = ['0192f7a1c0de7000800000000000cafe', '1111111111111111'];
    const old = { trace_id: traceId, parent_span_id: parent, id: '01JBVT3G6YE008000000001JQY' };
    files.er().add(0, run('1'), 'run.accepted', { ...whole, correlation: old });
    const wm = files.wm();
    const own = { ...old, span_id: '2222222222222222' };
    wm.add(5, run('2'), 'run.accepted', { params_hash: hash, correlation: own });
    const story = await files.read([]);
    expect(joinsOf(story)).toEqual([`1 exact 1JQY ${parent}`, `2 exact 1JQY ${parent}`]);
    // Both are what one front asked for.
    expect(
      [...story.requests].map(({ entrySpanId, roots }) => [entrySpanId, roots.length]),
    ).toEqual([[parent, 2]]);
    expect([...story.requests][0]?.roots.map(({ spanId }) => spanId)).toContain('2222222222222222');
  });

  it('that a hook recorded in streams of ours is told by those, and not twice', async () => {
    const id = correlation('AAAA');
    const stream = new StreamFile(root, 'wm', 'W001');
    const fields = {
      correlation_id: id,
      span_id: span(7),
      wal_run_id: run('1'),
      action_name: 'greet',
    };
    stream.add(shiftMs, 'run.accepted', { ...fields, payload: { durability: 'barrier' } });
    stream.add(shiftMs + 9, 'run.completed', { ...fields, payload: { answered: true } });
    stream.write();
    const files = new Files();
    const embedded = {
      trace_id: '019aa88dc8b71fd3906c9a00000a294a',
      span_id: span(7),
      parent_span_id: span(6),
    };
    files
      .wm()
      .add(0, run('1'), 'run.accepted', { params_hash: hash, correlation: embedded })
      .add(8, run('1'), 'run.completed', { return_code: 0, correlation: embedded });
    recorder.write();
    const story = await files.read([root]);
    const [request, ...others] = [...story.requests];
    expect(others).toEqual([]);
    expect([request?.state, request?.spans, request?.records]).toEqual(['completed', 1, 2]);
    expect(request?.roots[0]?.terminals).toBe(1);
  });

  it('of an ER without the hook hangs on the run that the hook in its WM recorded', async () => {
    const stream = new StreamFile(root, 'wm', 'W001');
    const of = { correlation_id: correlation('AAAA'), span_id: span(7) };
    const fields = { ...of, wal_run_id: run('1'), action_name: 'greet' };
    stream.add(shiftMs, 'run.accepted', { ...fields, payload: { durability: 'barrier' } });
    stream.add(shiftMs + 9, 'run.completed', { ...fields, payload: { answered: true } });
    stream.write();
    const files = new Files();
    files.er().add(3, run('1'), 'run.accepted', whole).add(5, run('1'), 'run.completed', {});
    const story = await files.read([root]);
    expect(story.requests.length).toBe(1);
    expect(joinsOf(story)).toEqual([`1 exact AAAA ${span(7)}`]);
  });
});

describe('the short name of an action', () => {
  it.each([
    ['fine_inspect_code.InspectCodeAction', 'inspect_code'],
    ['demo_ext.GreetAction', 'greet'],
    ['fine_symbol_info.TextDocumentHoverAction', 'text_document_hover'],
    ['x.LSPInfoAction', 'lsp_info'],
    ['greet', 'greet'],
  ])('of %s is %s', (source, name) => {
    expect(shortName(source)).toBe(name);
  });
});
