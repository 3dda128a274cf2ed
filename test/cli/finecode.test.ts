/** `--finecode`: what people see of a workspace of FineCode beside a stream of ours. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { epoch, correlation, span, StreamFile } from '../read/stream-file.js';
import { epochUs, Files, run, temporary } from '../read/finecode/wal.js';
import { throughline } from './bin.js';
import { checked } from './schema.js';

let root = '';
let place = '';
const whole = { partial_result_token: null, progress_token: null };
const hash = 'a'.repeat(64);

/** `StreamFile` counts from its own epoch. */
function at(ms: number): number {
  return (epochUs - epoch) / 1000 + ms;
}

function ids(id: string): object {
  return { correlation_id: correlation(id), span_id: span(1) };
}

/** Joined by a token, by a hash and not at all; one run that never ended; a torn line. */
function writeAll(): void {
  // In one folder, so that they have an order.
  const directory = temporary({ isKept: true });
  root = join(directory, 'root');
  const recorder = new StreamFile(root, 'finecode', 'REC1');
  const begin = (id: string, ms: number, payload = {}): void => {
    const of = { correlation_id: correlation(id), trigger: 'user', dev_env: 'ai' };
    const origin = { front: 'mcp', method: 'tools/call', name: 'greet', client: 'claude-code' };
    const [runner, action] = ['finecode', 'demo_ext.GreetAction'];
    const target = { attempt: 1, runner, action, project: '/ws', params_hash: hash };
    const said = { method: 'actions/run', durability: 'barrier', targets: 1, ...payload };
    const top = { ...of, action_name: action, origin, span_id: span(1), payload: said };
    recorder.add(at(ms), 'run.accepted', top);
    const below = { span_id: span(2), parent_span_id: span(1), payload: target };
    recorder.add(at(ms), 'run.dispatched', { ...of, ...below });
  };
  const end = (id: string, ms: number): void => {
    const payload = { outcome: 'complete', answered: true };
    recorder.add(at(ms), 'run.completed', { ...ids(id), payload });
  };
  begin('AAAA', 0, { partial_result_token: 'token-1' });
  end('AAAA', 30);
  begin('BBBB', 200);
  end('BBBB', 230);
  begin('CCCC', 400);
  begin('DDDD', 400);
  end('CCCC', 450);
  end('DDDD', 450);
  recorder.seal(at(2000)).write();
  const files = new Files(join(directory, 'workspace'));
  const [wm, er] = [files.wm(), files.er()];
  const options = { devEnv: 'ai' };
  const execute = (digit: string, ms: number, accepted: object): void => {
    er.add(ms, run(digit), 'run.accepted', accepted, options)
      .add(ms + 1, run(digit), 'run.dispatched', { run_id: Number(digit) }, options)
      .add(
        ms + 2,
        run(digit),
        'handler.started',
        { run_id: Number(digit), handler: 'greet' },
        options,
      )
      .add(
        ms + 3,
        run(digit),
        'handler.completed',
        { run_id: Number(digit), handler: 'greet', duration_ms: 0.9 },
        options,
      )
      .add(ms + 4, run(digit), 'run.completed', { status: 'success', return_code: 0 }, options);
  };
  execute('1', 10, { ...whole, partial_result_token: 'token-1' });
  for (const [digit, ms] of [
    ['2', 210],
    ['3', 410],
  ] as const) {
    wm.add(ms, run(digit), 'run.accepted', { params_hash: hash }, options)
      .add(ms + 1, run(digit), 'runner.selected', { env_name: 'dev_no_runtime' }, options)
      .add(
        ms + 2,
        run(digit),
        'run.dispatched',
        { runner_id: '/ws (dev_no_runtime)', env_name: 'dev_no_runtime' },
        options,
      )
      .add(ms + 10, run(digit), 'run.completed', { return_code: 0 }, options);
    execute(digit, ms + 3, whole);
  }
  er.add(600, run('4'), 'run.accepted', { handler_names: ['todo'] }, options).add(
    601,
    run('4'),
    'handler.started',
    { run_id: 9, handler: 'todo' },
    options,
  );
  files.write();
  place = files.place;
  appendFileSync(
    join(place, '.venvs/dev_workspace/state/finecode/wal/wm/wal-000001.jsonl'),
    '{"schema_version": 2, "seq',
  );
}

beforeAll(writeAll);

const cases: readonly (readonly [file: string, code: number, args: readonly string[]])[] = [
  ['runs', 0, ['runs']],
  ['runs-alone', 0, ['runs', '--root-not']],
  ['show-exact', 0, ['show', correlation('AAAA')]],
  ['show-inferred', 0, ['show', correlation('BBBB')]],
  ['show-ambiguous', 0, ['show', '33333333333343 33a333333333333333'.replace(' ', '')]],
  ['inflight', 1, ['inflight']],
  ['records', 0, ['records', '-n', '6']],
  ['stats', 0, ['stats']],
  ['reconcile', 1, ['reconcile']],
  ['verify', 0, ['verify', '--root-not']],
];

function call(args: readonly string[]): ReturnType<typeof throughline> {
  const isAlone = args.includes('--root-not');
  const given = args.filter((arg) => arg !== '--root-not');
  const roots = isAlone ? [] : ['--root', root];
  return throughline([...given, ...roots, '--finecode', place]);
}

const settled = (text: string): string => text.replaceAll(place, 'PLACE').replaceAll(root, 'ROOT');

describe('the text output with --finecode', () => {
  it.each(cases)('of %s is as agreed', async (file, code, args) => {
    const ran = call(args);
    expect(ran.stderr).toBe('');
    await expect(settled(ran.stdout)).toMatchFileSnapshot(`../golden/cli/finecode-${file}.txt`);
    expect(ran.code).toBe(code);
  });
});

describe('the JSON output with --finecode', () => {
  it.each(cases)('of %s is as agreed, and of a published schema', async (file, code, args) => {
    const ran = call([...args, '--json']);
    checked(ran.stdout);
    await expect(settled(ran.stdout)).toMatchFileSnapshot(`../golden/cli/finecode-${file}.jsonl`);
    expect(ran.code).toBe(code);
  });
});

describe('--finecode', () => {
  it('of a place without a WAL says so in one sentence', () => {
    const nothing = temporary();
    const ran = throughline(['runs', '--finecode', nothing]);
    expect(ran.stderr.split('\n')[0]).toBe(
      `throughline: ${nothing} holds no WAL of FineCode: is its WAL on? (--wal, FINECODE_WAL_ENABLED=1)`,
    );
    expect(ran.code).toBe(3);
  });

  it('exports its writers with their roles', () => {
    const asked = ['--format', 'jsonl', '--table', 'records', '--since', '2020-01-01'];
    const ran = throughline(['export', ...asked, '--finecode', place]);
    const roles = ran.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly role: string }).role);
    expect([...new Set(roles)].toSorted()).toEqual(['er', 'wm']);
  });

  it('is refused where records are followed', () => {
    expect(throughline(['records', '-f', '--finecode', place])).toMatchObject({ code: 2 });
  });
});
