/** What FineCode's WAL says when it is read with its quirks in mind: one small case for each. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finecodeSource, openSpans, reconcile } from '../../../src/read/index.js';
import { Files, Writer, readPlaces, run, temporary, told } from './wal.js';

const whole = { partial_result_token: null, progress_token: null };

/** A run in one env, as both sides record it, from `atMs` on; it takes 9 ms. */
function plain(wm: Writer, er: Writer, runId: string, atMs: number, number = 0): void {
  wm.add(atMs, runId, 'run.accepted', { params_hash: 'a'.repeat(64) })
    .add(atMs + 1, runId, 'runner.selected', { env_name: 'dev_no_runtime' })
    .add(atMs + 2, runId, 'run.dispatched', {
      runner_id: '/ws (dev_no_runtime)',
      env_name: 'dev_no_runtime',
    })
    .add(atMs + 9, runId, 'run.completed', { return_code: 0 });
  execute(er, runId, atMs + 3, number);
}

function execute(er: Writer, runId: string, atMs: number, number = 0): void {
  er.add(atMs, runId, 'run.accepted', whole)
    .add(atMs + 1, runId, 'run.dispatched', { run_id: number })
    .add(atMs + 2, runId, 'handler.started', { run_id: number, handler: 'ruff' })
    .add(atMs + 3, runId, 'handler.completed', {
      run_id: number,
      handler: 'ruff',
      duration_ms: 0.9,
    })
    .add(atMs + 4, runId, 'run.completed', { status: 'success', return_code: 0 });
}

const plainTold = [
  'completed greet',
  '  run wm greet completed',
  '    dispatch wm /ws (dev_no_runtime) completed',
  '      run er greet completed',
  '        handler er ruff completed',
];

describe('a run of FineCode', () => {
  it('is one request, whoever recorded a part of it', async () => {
    const files = new Files();
    plain(files.wm(), files.er(), run('1'), 0);
    const story = await files.read();
    expect(told(story)).toEqual(plainTold);
    const request = story.requests.at(0);
    expect(request?.traceId).toBe('1111111111114111a111111111111111');
    expect(request?.via).toBe('cli');
    expect(request?.started.ts).toBe('2026-11-21T20:00:00.000000Z');
    expect(request?.durationMs).toBe(9);
    expect(story.truth.records).toBe(9);
  });

  it('of several envs ends with the last segment, not with the first', async () => {
    const files = new Files();
    const [wm, first, second] = [files.wm(), files.er('a'), files.er('b', 'er-412-1795291835')];
    wm.add(0, run('2'), 'run.accepted', { params_hash: 'b'.repeat(64) });
    for (const [index, [er, env]] of (
      [
        [first, 'a'],
        [second, 'b'],
      ] as const
    ).entries()) {
      const at = 10 * index;
      wm.add(at + 1, run('2'), 'run.dispatched', { runner_id: `/ws (${env})`, env_name: env });
      er.add(at + 2, run('2'), 'run.accepted', { handler_names: ['x'] })
        .add(at + 3, run('2'), 'handler.started', { run_id: 4, handler: 'x' })
        .add(at + 4, run('2'), 'handler.completed', { run_id: 4, handler: 'x', duration_ms: 1 })
        .add(at + 5, run('2'), 'run.completed', { status: 'success', return_code: 0 });
      wm.add(at + 6, run('2'), 'run.completed', { return_code: 0 });
    }
    const story = await files.read();
    expect(told(story)).toEqual([
      // FineCode writes no end of the whole: it is concluded from the count.
      'completed greet ~',
      '  run wm greet completed',
      '    dispatch wm /ws (a) completed',
      '      run er greet completed',
      '        handler er x completed',
      '    dispatch wm /ws (b) completed',
      '      run er greet completed',
      '        handler er x completed',
    ]);
    expect(story.requests.at(0)?.ended?.ts).toBe('2026-11-21T20:00:00.016000Z');
    expect(story.requests.at(0)?.why).toContain('recorded nowhere');
  });

  it('of which one of two segments ended is open', async () => {
    const files = new Files();
    const wm = files.wm();
    wm.add(0, run('3'), 'run.accepted', { params_hash: 'c'.repeat(64) })
      .add(1, run('3'), 'run.dispatched', { runner_id: 'a', env_name: 'a' })
      .add(2, run('3'), 'run.dispatched', { runner_id: 'b', env_name: 'b' })
      .add(3, run('3'), 'run.completed', { return_code: 0 });
    const story = await files.read();
    expect(story.requests.at(0)?.state).toBe('unknown');
    expect(story.requests.at(0)?.open).toBeGreaterThan(0);
  });

  it('that is streamed is read from its ERs, and that it ended is only their word', async () => {
    const files = new Files();
    execute(files.er('a'), run('4'), 0);
    execute(files.er('b', 'er-412-1795291835'), run('4'), 1);
    files.files('wm');
    const story = await files.read();
    expect(told(story)).toEqual([
      'completed greet ~',
      '  run er greet completed',
      '    handler er ruff completed',
      '  run er greet completed',
      '    handler er ruff completed',
    ]);
  });

  it('whose client went, or whose process died, is unknown and never lost or in flight', async () => {
    const files = new Files();
    files.wm().add(0, run('5'), 'run.accepted', { params_hash: 'd'.repeat(64) });
    const er = files.er();
    er.add(1, run('5'), 'run.accepted', whole).add(2, run('5'), 'handler.started', {
      run_id: 0,
      handler: 'ruff',
    });
    const story = await files.read();
    expect(story.requests.at(0)?.state).toBe('unknown');
    expect(story.requests.at(0)?.why).toBe(
      'FineCode writes no end when a client hangs up or a process dies',
    );
    expect(openSpans(story.requests).map(({ state }) => state)).toEqual(['unknown', 'unknown']);
  });

  it('whose ER died is not failed for certain, whatever its WM says', async () => {
    const files = new Files();
    files
      .wm()
      .add(0, run('6'), 'run.accepted', { params_hash: 'e'.repeat(64) })
      .add(1, run('6'), 'run.dispatched', {
        runner_id: '/ws (dev_no_runtime)',
        env_name: 'dev_no_runtime',
      })
      .add(9, run('6'), 'run.failed', {
        error: 'Runner stopped during execution',
        env_name: 'dev_no_runtime',
      });
    const er = files.er();
    er.add(2, run('6'), 'run.accepted', whole).add(3, run('6'), 'handler.started', {
      run_id: 0,
      handler: 'ruff',
    });
    expect(told(await files.read())).toEqual([
      'unknown greet',
      '  run wm greet failed',
      '    dispatch wm /ws (dev_no_runtime) unknown',
      '      run er greet unknown',
      '        handler er ruff unknown',
    ]);
  });

  it('that failed fails with the error of its handler', async () => {
    const files = new Files();
    const er = files.er();
    er.add(0, run('7'), 'run.accepted', whole)
      .add(1, run('7'), 'run.dispatched', { run_id: 6 })
      .add(2, run('7'), 'handler.started', { run_id: 6, handler: 'ruff' })
      .add(3, run('7'), 'handler.failed', { run_id: 6, handler: 'ruff', error: 'no such file' })
      .add(4, run('7'), 'run.failed', {
        error: "Running action handler 'ruff' failed(Run 6): no such file",
      });
    const [request] = [...(await files.read()).requests];
    expect([request?.state, request?.why]).toEqual(['failed', 'no such file']);
  });

  it('that was rejected is rejected', async () => {
    const files = new Files();
    files.wm().add(0, run('8'), 'run.rejected', { reason: 'project is not resolved' });
    const [request] = [...(await files.read()).requests];
    expect([request?.state, request?.why]).toEqual(['rejected', 'project is not resolved']);
  });

  it('within another, in the same process, is below the handler that ran it', async () => {
    const files = new Files();
    const er = files.er();
    er.add(0, run('9'), 'run.accepted', whole, { action: 'create_envs' })
      .add(1, run('9'), 'run.dispatched', { run_id: 1 }, { action: 'create_envs' })
      .add(
        2,
        run('9'),
        'handler.started',
        { run_id: 1, handler: 'dispatch' },
        { action: 'create_envs' },
      )
      .add(3, run('9'), 'run.accepted', whole, { action: 'create_env' })
      .add(4, run('9'), 'handler.started', { run_id: 2, handler: 'uv' }, { action: 'create_env' })
      .add(
        5,
        run('9'),
        'handler.completed',
        { run_id: 2, handler: 'uv', duration_ms: 1 },
        { action: 'create_env' },
      )
      .add(
        6,
        run('9'),
        'run.completed',
        { status: 'success', return_code: 0 },
        { action: 'create_env' },
      )
      .add(
        7,
        run('9'),
        'handler.completed',
        { run_id: 1, handler: 'dispatch', duration_ms: 5 },
        { action: 'create_envs' },
      )
      .add(
        8,
        run('9'),
        'run.completed',
        { status: 'success', return_code: 0 },
        { action: 'create_envs' },
      );
    expect(told(await files.read())).toEqual([
      'completed create_envs ~',
      '  run er create_envs completed',
      '    handler er dispatch completed',
      '      run er create_env completed',
      '        handler er uv completed',
    ]);
  });

  it('keeps its two executions apart where they ran at once under one number each', async () => {
    const files = new Files();
    const er = files.er();
    for (const number of [0, 1]) {
      er.add(number, run(`${number}`), 'run.accepted', whole).add(
        2 + number,
        run(`${number}`),
        'run.dispatched',
        { run_id: number },
      );
    }
    er.add(5, run('1'), 'handler.started', { run_id: 1, handler: 'ruff' })
      .add(6, run('0'), 'handler.started', { run_id: 0, handler: 'ruff' })
      .add(7, run('1'), 'handler.completed', { run_id: 1, handler: 'ruff', duration_ms: 1 })
      .add(8, run('1'), 'run.completed', { status: 'success', return_code: 0 });
    const story = await files.read();
    expect([...story.requests].map(({ state, traceId }) => [traceId[0], state])).toEqual([
      ['1', 'completed'],
      ['0', 'unknown'],
    ]);
  });
});

describe("FineCode's files", () => {
  it('of two processes that append to one are read as two streams, whose sequences mean nothing to each other', async () => {
    const files = new Files();
    const shared = files.files('wm');
    const [one, other] = [
      new Writer(shared, 'wm-1-1795291833'),
      new Writer(shared, 'wm-2-1795291839'),
    ];
    for (const atMs of [0, 20, 40]) {
      one.add(atMs, run('a'), 'runner.selected', { env_name: 'x' });
      other.add(atMs + 10, run('b'), 'runner.selected', { env_name: 'x' });
    }
    const story = await files.read();
    expect(
      story.streams.map(({ writerId, records, duplicates }) => [writerId, records, duplicates]),
    ).toEqual([
      ['wm-1-1795291833', 3, 0],
      ['wm-2-1795291839', 3, 0],
    ]);
    const { findings } = await reconcile({
      roots: [],
      sources: [finecodeSource({ places: [files.place] })],
    });
    expect(findings.filter(({ name }) => name === 'file_shared').length).toBeGreaterThan(0);
  });

  it('with half a record and the next one glued to it give the next one, and say that one is lost', async () => {
    const files = new Files();
    const [wm, er] = [files.wm(), files.er()];
    plain(wm, er, run('1'), 0);
    files.write();
    const path = join(files.place, '.venvs/dev_workspace/state/finecode/wal/wm/wal-000001.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    // The second record is torn in half, and its newline with it.
    lines.splice(1, 2, `${(lines[1] ?? '').slice(0, 90)}${lines[2] ?? ''}`);
    writeFileSync(path, lines.join('\n'));
    const story = await readPlaces([files.place]);
    expect(told(story)).toEqual(plainTold);
    expect(
      story.streams.flatMap((stream) =>
        stream.faults.map(({ verdict, offset }) => [verdict, offset]),
      ),
    ).toEqual([
      ['GLUED', (lines[0] ?? '').length + 1],
      ['GAP', (lines[0] ?? '').length + 91],
    ]);
    const { findings } = await reconcile({
      roots: [],
      sources: [finecodeSource({ places: [files.place] })],
    });
    expect(findings.map(({ name }) => name)).toContain('line_glued');
  });

  it('that end in half a record are torn, which is no damage', async () => {
    const files = new Files();
    plain(files.wm(), files.er(), run('1'), 0);
    files.write();
    appendFileSync(
      join(files.place, '.venvs/dev_workspace/state/finecode/wal/wm/wal-000001.jsonl'),
      '{"schema_ver',
    );
    const story = await readPlaces([files.place]);
    expect(told(story)).toEqual(plainTold);
    expect(story.truth.conditions).toEqual({ torn: 1, unknown: 1 });
  });

  it('that were copied are read once, and the copies counted', async () => {
    const files = new Files();
    plain(files.wm(), files.er(), run('1'), 0);
    files.write();
    const copy = join(temporary(), 'backup');
    cpSync(files.place, copy, { recursive: true });
    const story = await readPlaces([files.place, copy]);
    expect(told(story)).toEqual(plainTold);
    expect([story.truth.records, story.truth.duplicates]).toEqual([9, 9]);
  });

  it('hold what is no JSON, as Python writes it', async () => {
    const files = new Files();
    const er = files.er();
    er.add(0, run('1'), 'run.accepted', whole)
      .add(1, run('1'), 'handler.started', { run_id: 0, handler: 'NaN' })
      .add(2, run('1'), 'handler.completed', {
        run_id: 0,
        handler: 'NaN',
        duration_ms: Number.NaN,
      });
    const story = await files.read();
    expect(told(story)).toEqual([
      'unknown greet',
      '  run er greet unknown',
      '    handler er NaN completed',
    ]);
  });

  it('of a later schema, and events that nobody knows, are read as far as they go and counted', async () => {
    const files = new Files();
    const wm = files.wm();
    wm.add(0, run('1'), 'run.accepted', { params_hash: 'a'.repeat(64) })
      .add(1, run('1'), 'run.teleported', {}, { schemaVersion: 3 })
      .add(2, undefined, 'runner.started', { env_name: 'x' });
    const { truth } = await files.read();
    expect([truth.records, truth.foreign, truth.unknownEvents]).toEqual([3, 1, 1]);
  });

  it('are found in a workspace, in a project, in a venv and by their own directory', async () => {
    const files = new Files();
    plain(files.wm(), files.er(), run('1'), 0);
    files.write();
    const wal = join(files.place, '.venvs/dev_no_runtime/state/finecode/wal');
    for (const [place, records] of [
      [files.place, 9],
      [join(files.place, '.venvs'), 9],
      [wal, 5],
      [join(wal, 'er'), 5],
    ] as const) {
      expect([place, (await readPlaces([place])).truth.records]).toEqual([place, records]);
    }
  });

  it('that are not there are a problem that names the switch', async () => {
    const place = temporary();
    const { truth } = await readPlaces([place, join(place, 'nothing')]);
    expect(truth.problems.map(({ message }) => message)).toEqual([
      `${place} holds no WAL of FineCode: is its WAL on? (--wal, FINECODE_WAL_ENABLED=1)`,
      `${join(place, 'nothing')} is not a directory that can be read`,
    ]);
  });
});
