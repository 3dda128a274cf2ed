/** What the Python writer promises its host; what is on disk afterwards is read and verified by our reader. */
import { mkdtempSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintCorrelationId } from '../../../src/context/index.js';
import { resolveRoot } from '../../../src/wal/index.js';
import { judge, judgeOne, marked, types } from './support/judge.js';
import { ask, pythons, runPython } from './support/python.js';

let directory: string;
let root: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'throughline-python-'));
  root = join(directory, 'root');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe.each(pythons)('a stream of %s', (python) => {
  const host = <Told>(scenario: string, more: object = {}): Promise<Told> =>
    ask<Told>('host.py', { scenario, root, ...more }, { python });

  it('has a record on disk before its barrier is told, and is whole after close', async () => {
    const told = await host<Readonly<Record<string, unknown>>>('opened');
    expect(told).toMatchObject({
      outcome: ['durable', 2, (told['line'] as { hlc: string }).hlc],
      line: {
        schema_version: 2,
        sequence: 2,
        writer_id: told['writer_id'],
        event_type: 'run.accepted',
        project_path: '/home/ada/project',
        payload: { a: 1 },
        wal_run_id: 'r1',
        synced: 1,
      },
      queued: 'queued',
      flushed: true,
      state: 'closed',
      after: 'dropped',
    });
    const stream = await judgeOne(root);
    expect(types(stream)).toEqual(['wal.opened', 'run.accepted', 'handler.started', 'wal.sealed']);
    expect(stream.verdicts).toEqual([]);
    expect(stream.records[0]?.payload).toMatchObject({
      format: 1,
      role: 'wm',
      segment: 1,
      platform: `${process.platform}-${process.arch}`,
    });
    for (const path of [root, join(root, 'wal', 'wm', stream.writerId)]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
    const file = join(root, 'wal', 'wm', stream.writerId, 'wal-000001.jsonl');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps each thread’s order, and many threads share a flush', async () => {
    const told = await host<{
      readonly outcomes: readonly (readonly (readonly [string, string])[])[];
      readonly syncs: number;
    }>('threads');
    const { verdicts, records, ...stream } = await judgeOne(root);
    expect(verdicts).toEqual([]);
    const found = marked({ verdicts, records, ...stream });
    expect(found).toHaveLength(200);
    for (const [thread, outcomes] of told.outcomes.entries()) {
      const own = found.filter(({ payload }) => payload['thread'] === thread);
      expect(own.map(({ payload }) => payload['count'])).toEqual([...Array(25).keys()]);
      expect(own.map(({ hlc }) => hlc)).toEqual(outcomes.map(([, hlc]) => hlc));
      const expected = [...Array(25).keys()].map((count) =>
        count % 5 === 4 ? 'queued' : 'durable',
      );
      expect(outcomes.map(([outcome]) => outcome)).toEqual(expected);
    }
    const readings = records.map(({ hlc = '' }) => hlc);
    expect(readings.toSorted()).toEqual(readings);
    // One at a time would be 160.
    expect(told.syncs).toBeLessThan(80);
  });

  it('is awaited on an event loop, which turns meanwhile', async () => {
    const told = await host<{
      readonly outcomes: readonly string[];
      readonly after: string;
      readonly turns: number;
    }>('on_loop');
    expect(new Set(told.outcomes)).toEqual(new Set(['durable']));
    expect(told.outcomes).toHaveLength(300);
    expect(told.after).toBe('durable');
    expect(told.turns).toBeGreaterThan(20);
    const stream = await judgeOne(root);
    expect(marked(stream)).toHaveLength(302);
    expect(stream.verdicts).toEqual([]);
  });

  it('lets go who waits too long, in a thread and on a loop, and says so once that is durable', async () => {
    const told = await host<object>('late');
    expect(told).toEqual({ outcomes: ['late', 'late', 'durable'], stayed: 'late', late: 2 });
    const stream = await judgeOne(root);
    expect(marked(stream).map(({ payload }) => payload['mark'])).toEqual(['a', 'b', 'c']);
    const late = stream.records.filter(({ event_type }) => event_type === 'wal.late');
    const barriers = late.map(({ payload }) => Number(payload['barriers']));
    expect(barriers.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(Number(late[0]?.payload['waited_ms'])).toBeGreaterThanOrEqual(100);
  });

  it('takes what is appended while its first file is not there yet', async () => {
    expect(await host('starting')).toEqual({
      state: 'starting',
      outcomes: Array(4).fill('durable'),
    });
    const { records, verdicts } = await judgeOne(root);
    expect(records.map(({ payload }) => payload['mark'])).toEqual([
      undefined,
      'a',
      'b',
      'c',
      undefined,
    ]);
    expect(verdicts).toEqual([]);
    const readings = records.map(({ hlc = '' }) => hlc);
    expect(readings.toSorted()).toEqual(readings);
  });

  it('drops nothing while a thread appends more than there is room for', async () => {
    expect(await host('pressure')).toMatchObject({ outcomes: ['queued'], dropped: 0 });
    expect(marked(await judgeOne(root))).toHaveLength(2000);
  });

  it('keeps the records of those who waited for room when it was closed', async () => {
    const told = await host('closing');
    const outcomes = ['durable', 'durable', 'durable', 'durable'];
    expect(told).toMatchObject({ outcomes, dropped: 0 });
    const stream = await judgeOne(root);
    expect(marked(stream)).toHaveLength(4);
    expect(stream.verdicts).toEqual([]);
  });

  it('holds its limits: payloads are cut and say so, too much at once is dropped and counted', async () => {
    const told = await host<{ readonly outcomes: readonly string[]; readonly held: number }>(
      'limits',
    );
    const burst = told.outcomes.slice(1, 21);
    const dropped = burst.filter((outcome) => outcome === 'dropped').length;
    expect(dropped).toBe(10);
    expect(new Set(burst)).toEqual(new Set(['durable', 'dropped']));
    expect(told.outcomes.slice(21)).toEqual(['durable', 'durable', 'durable', 'refused']);
    expect(told.held).toBeLessThan(1);
    const stream = await judgeOne(root);
    const payloads = marked(stream).map(({ payload }) => payload);
    expect(payloads.at(-3)).toEqual({
      id: 'kept',
      text: `${'y'.repeat(1024)}…[cut ${5000 - 1024}]`,
    });
    expect(payloads.at(-2)).toEqual({ cut: 10_791 });
    expect(payloads.at(-1)).toEqual({ text: 't'.repeat(1989) });
    const gap = stream.records.find(({ event_type }) => event_type === 'wal.gap');
    expect(gap?.payload).toEqual({ records: 10, reason: 'no room' });
    expect(stream.verdicts).toEqual([]);
  });

  it('says that it is alive while a run is open, and then no more', async () => {
    expect(await host('alive')).toEqual({ grown: 0 });
    const alive = (await judgeOne(root)).records.filter(
      ({ event_type }) => event_type === 'wal.alive',
    );
    expect(alive[0]?.payload).toEqual({ open_runs: 2 });
  });

  it('begins after the last stream of its role, even one that was an hour ahead', async () => {
    const { last, next } = await host<{ readonly last: string; readonly next: string }>('clock');
    expect(next > last).toBe(true);
    const [first, second] = await judge(root);
    expect(second?.records[0]?.payload['previous_stream']).toMatchObject({
      writer_id: first?.writerId,
      last_sequence: 3,
    });
  });

  it('finds the last one of its role behind many in which nothing was ever written', async () => {
    await host('opened');
    const first = await judgeOne(root);
    // As a rotation leaves it that was cut off.
    writeFileSync(join(root, 'wal', 'wm', first.writerId, 'wal-000002.jsonl'), '');
    for (let count = 0; count < 9; count += 1) {
      const empty = join(root, 'wal', 'wm', `wm-${mintCorrelationId()}`);
      mkdirSync(empty);
      writeFileSync(join(empty, 'wal-000001.jsonl'), '');
    }
    await host('opened');
    const last = (await judge(root)).at(-1);
    expect(last?.records[0]?.payload['previous_stream']).toMatchObject({
      writer_id: first.writerId,
    });
  });

  it('takes what a signal handler appends on top of an append', async () => {
    const { main, handled } = await host<{ readonly main: number; readonly handled: number }>(
      'interrupted',
    );
    const { records, verdicts } = await judgeOne(root);
    const count = (by: string): number =>
      records.filter(({ payload }) => payload['by'] === by).length;
    expect([count('main'), count('handler')]).toEqual([main, handled]);
    // A signal or two more may come before the clock is stopped.
    expect(handled).toBeGreaterThanOrEqual(100);
    const readings = records.map(({ hlc = '' }) => hlc);
    expect(readings.toSorted()).toEqual(readings);
    expect(verdicts).toEqual([]);
  });

  it('raises nothing into its host, whatever it is given, and says each failure on one line', async () => {
    const { code, stdout, stderr } = await runPython(
      'host.py',
      { scenario: 'hostile', root },
      { python },
    );
    const told = JSON.parse(stdout) as Readonly<Record<string, readonly string[]>>;
    expect(code).toBe(0);
    expect(told['taken']).toEqual(Array(13).fill('durable'));
    expect(told['not_taken']).toEqual(Array(12).fill('refused'));
    expect(told['states']).toEqual([...Array(5).fill('closed'), 'degraded']);
    expect(told).toMatchObject({ fields: 'durable', refused: 12, dropped: 0 });
    const lines = stderr.split('\n').slice(0, -1);
    // The twelfth came when stderr was closed.
    expect(lines).toHaveLength(11);
    for (const line of lines) expect(line).toMatch(/^throughline: wm: a record was refused: ./);
    const [stream] = await judge(root);
    const payloads = marked(stream as NonNullable<typeof stream>).map(({ payload }) => payload);
    expect(payloads.slice(3, 7)).toEqual([
      { n: 'nan' },
      { b: "b'\\xff'" },
      { h: '[Hostile]' },
      { '[Hostile]': 1 },
    ]);
    expect(payloads.slice(7, 11)).toEqual([
      { value: [1, 2] },
      { value: 'text' },
      { s: '\ud800\u2028\u007f' },
      { 1: 2 },
    ]);
    expect(stream?.verdicts).toEqual([]);
  });
});

describe.skipIf(pythons.length === 0)('the root', () => {
  it('is found where Node finds it', async () => {
    const workspace = join(directory, 'über \u{1f4a1} x');
    const inner = join(workspace, 'a', 'b');
    mkdirSync(join(workspace, '.git'), { recursive: true });
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(directory, 'ours', '.throughline', 'deep'), { recursive: true });
    mkdirSync(join(directory, 'ours', 'below'));
    mkdirSync(join(directory, 'linked'));
    symlinkSync(join(directory, 'ours', '.throughline'), join(directory, 'linked', '.throughline'));
    symlinkSync(workspace, join(directory, 'link'));
    const env = { HOME: '/home/ada' };
    const cases = [
      { root: 'given', cwd: inner, env: { THROUGHLINE_ROOT: '/elsewhere' } },
      { root: '/a/../given/', cwd: inner, env },
      { cwd: inner, env: { THROUGHLINE_ROOT: '../elsewhere' } },
      { cwd: inner, env: { ...env, THROUGHLINE_ROOT: '' } },
      { cwd: join(directory, 'ours', 'below'), env },
      { cwd: join(directory, 'linked'), env },
      { cwd: inner, env: { ...env, XDG_STATE_HOME: '/state' } },
      { cwd: inner, env: { ...env, XDG_STATE_HOME: 'relative' } },
      { cwd: inner, env: { HOME: 'relative' } },
      { cwd: directory, workspace: 'link', env },
      { cwd: directory, workspace: 'ours/below', env },
      { cwd: directory, workspace: 'not/there', env },
      { cwd: '/', env },
    ];
    expect(await ask('host.py', { scenario: 'roots', cases })).toEqual(
      cases.map((one) => resolveRoot(one)),
    );
  });
});
