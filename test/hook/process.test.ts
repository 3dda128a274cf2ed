import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  linesOf,
  removeDirectory,
  startHost,
  temporaryDirectory,
  until,
  type Line,
} from './host.js';

let directory: string;
let root: string;

beforeEach(() => {
  directory = temporaryDirectory();
  root = join(directory, 'root');
});

afterEach(() => removeDirectory(directory));

function events(lines: readonly Line[]): string[] {
  return lines.map((line) => line.event_type);
}

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a host process', () => {
  it('killed in the middle of a run leaves its acceptance and dispatch on disk, and no end', async () => {
    const host = startHost('wait', root);
    await host.heard(1);
    host.child.kill('SIGKILL');
    expect(await host.ended()).toBe('SIGKILL');
    const lines = linesOf(root);
    expect(events(lines)).toEqual(['wal.opened', 'run.accepted', 'run.dispatched']);
    expect(lines[1]).toMatchObject({ wal_run_id: host.said[0]?.['started'], action_name: 'wait' });
  });

  it('killed in a burst has every run on disk whose function had started', async () => {
    const host = startHost('burst', root);
    await host.heard(1);
    for (let n = 0; n < 10; n += 1) host.child.stdin?.write('more\n');
    await until(
      () => host.said.length > 60,
      () => host.stderr(),
    );
    host.child.kill('SIGKILL');
    await host.ended();
    const accepted = new Set(
      linesOf(root)
        .filter((line) => line.event_type === 'run.accepted')
        .map((line) => line['wal_run_id']),
    );
    const started = host.said.flatMap((said) => said['started'] ?? []);
    expect(started.length).toBeGreaterThanOrEqual(60);
    expect(started.filter((id) => !accepted.has(id))).toEqual([]);
  });

  it('records a cancel, then what the handler did in spite of it, then the end, as it happened', async () => {
    const host = startHost('stubborn', root);
    await host.heard(1);
    host.child.stdin?.write('cancel\n');
    await host.heard(2);
    host.child.stdin?.end();
    expect(await host.ended()).toBe(0);
    const lines = linesOf(root);
    expect(events(lines)).toEqual([
      'wal.opened',
      'run.accepted',
      'handler.started',
      'run.cancel_requested',
      'effect.applied',
      'handler.completed',
      'run.completed',
      'wal.sealed',
    ]);
    expect(lines[3]?.payload).toEqual({ reason: 'user pressed escape' });
    expect(lines[4]?.payload).toMatchObject({
      path: join(directory, 'late.txt'),
      change: 'created',
      after: { bytes: 24 },
    });
    expect(lines[6]?.payload).toMatchObject({ answered: true });
    const hlcs = lines.map((line) => String(line['hlc']));
    expect([...hlcs].sort()).toEqual(hlcs);
  });

  it('records that the client is gone, and that nobody was answered', async () => {
    const host = startHost('stubborn', root);
    await host.heard(1);
    host.child.stdin?.end('cancel\n');
    expect(await host.ended()).toBe(0);
    const lines = linesOf(root);
    expect(events(lines).slice(3, -1)).toEqual([
      'run.cancel_requested',
      'run.client_gone',
      'effect.applied',
      'handler.completed',
      'run.completed',
    ]);
    expect(lines.at(-2)?.payload).toMatchObject({ answered: false });
  });

  it('makes the acceptance and the first dispatch durable in one flush', async () => {
    const host = startHost('dispatch', root);
    expect(await host.ended()).toBe(0);
    const lines = linesOf(root);
    // The first record of each flush, and no other, says what was durable before it.
    expect(lines.map((line) => [line.event_type, 'synced' in line])).toEqual([
      ['wal.opened', true],
      ['run.accepted', true],
      ['run.dispatched', false],
      ['run.completed', true],
      ['wal.sealed', true],
    ]);
  });

  it('started under a TRACEPARENT keeps it as a link of the process and the parent of nothing', async () => {
    const host = startHost('once', root, { TRACEPARENT: traceparent });
    expect(await host.ended()).toBe(0);
    const [opened, accepted] = linesOf(root);
    expect(opened?.payload).toMatchObject({
      name: 'test host',
      env_link: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' },
    });
    expect(accepted).toMatchObject({ event_type: 'run.accepted', payload: { root: true } });
    expect(accepted).not.toHaveProperty('parent_span_id');
    expect(accepted).not.toHaveProperty('links');
    expect(accepted?.['correlation_id']).toMatch(/^01[0-9A-HJKMNP-TV-Z]{24}$/);
  });

  it('starts runners that write under its root and continue none of its requests', async () => {
    const host = startHost('parent', root, { TRACEPARENT: traceparent, TRACESTATE: 'a=b' });
    expect(await host.ended()).toBe(0);
    const opened = linesOf(root).filter((line) => line.event_type === 'wal.opened');
    expect(opened).toHaveLength(2);
    expect(opened.filter((line) => 'env_link' in line.payload)).toHaveLength(1);
  });

  it('whose root cannot be written works all the same, and says so once', async () => {
    writeFileSync(root, 'a file where the root should be');
    const host = startHost('once', root);
    expect(await host.ended()).toBe(0);
    expect(host.said).toEqual([{ result: 42, lost: 4 }]);
    expect(host.stderr().match(/THROUGHLINE_RECORD_LOST/g)).toHaveLength(1);
  });
});

describe('recovery', () => {
  it('lists what a killed process left open, and what is resolved is listed no more', async () => {
    const killed = startHost('wait', root);
    await killed.heard(1);
    killed.child.kill('SIGKILL');
    await killed.ended();

    const next = startHost('recover', root);
    expect(await next.ended()).toBe(0);
    const [first, second] = next.said;
    expect(first?.['found']).toMatchObject([
      {
        runId: killed.said[0]?.['started'],
        verdict: 'lost',
        action: 'wait',
        projectPath: directory,
        lastEvent: 'run.dispatched',
        dispatches: 1,
        effects: 0,
      },
    ]);
    expect(second).toEqual({ left: 0 });

    const lines = linesOf(root);
    const resolved = lines.find((line) => line.event_type === 'run.resolved');
    const [lost, rerun] = lines.filter((line) => line.event_type === 'run.accepted');
    expect(resolved).toMatchObject({
      wal_run_id: lost?.['wal_run_id'],
      correlation_id: lost?.['correlation_id'],
      span_id: lost?.['span_id'],
      payload: {
        writer_id: lost?.['writer_id'],
        wal_run_id: lost?.['wal_run_id'],
        resolution: 'rerun',
        rerun_as: rerun?.['wal_run_id'],
      },
    });
    const after = startHost('recover', root);
    await after.ended();
    expect(after.said).toEqual([{ found: [] }, { left: 0 }]);
  });

  it.each([
    ['', 'lost'],
    ['gap', 'unknown'],
  ])(
    'finds a run’s end in a later stream of its writer (%s), and calls the other %s',
    async (gap, verdict) => {
      const split = fileURLToPath(new URL('fixtures/split.mjs', import.meta.url));
      expect(spawnSync(process.execPath, [split, root, gap]).signal).toBe('SIGKILL');
      const next = startHost('recover', root);
      expect(await next.ended()).toBe(0);
      expect(next.said[0]?.['found']).toMatchObject([
        { runId: '01KAM8VJ5Q3Z9S0V4T6R8Y2XE2', verdict },
      ]);
    },
  );

  it('does not call lost what still runs', async () => {
    const running = startHost('wait', root);
    await running.heard(1);
    const other = startHost('recover', root);
    expect(await other.ended()).toBe(0);
    running.child.kill('SIGKILL');
    await running.ended();
    expect(other.said).toMatchObject([
      { found: [{ verdict: 'in_flight', action: 'wait' }] },
      { left: 1 },
    ]);
    expect(linesOf(root).filter((line) => line.event_type === 'run.resolved')).toEqual([]);
  });
});
