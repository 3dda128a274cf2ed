/** `-f` with a real writer, and what a cursor is for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStream, type Stream } from '../../src/wal/index.js';
import { correlation, span } from '../read/stream-file.js';
import { start, throughline, type Started } from './bin.js';
import { checked } from './schema.js';

let root = '';
let stream: Stream;
let following: Started | undefined;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tl-follow-'));
  stream = await openStream({ root, role: 'wm', sync: 'inline' });
  await write('run.accepted', 1, { durability: 'barrier' });
});
afterEach(async () => {
  following?.kill('SIGKILL');
  await following?.ended;
  following = undefined;
  await stream.close();
  rmSync(root, { recursive: true, force: true });
});

async function write(
  event: string,
  own: number,
  payload: Record<string, string | number | boolean>,
) {
  await stream.append({
    event_type: event,
    correlation_id: correlation(`R${own}`),
    wal_run_id: correlation(`W${own}`),
    span_id: span(own * 16),
    parent_span_id: span(own * 16 + 1),
    action_name: `action${own}`,
    payload,
  });
}

function follow(...args: readonly string[]): Started {
  following = start([...args, '-f', '--root', root]);
  return following;
}

describe('records -f', () => {
  it('prints what was there and then what is written, until Ctrl-C, which is no error', async () => {
    const records = follow('records', '--json');
    await records.said('"run.accepted"');
    await write('run.completed', 1, { duration_ms: 3, answered: true });
    await records.said('"run.completed"');
    records.kill('SIGINT');
    const { code, stdout, stderr } = await records.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = checked(stdout).map(
      (one) => (one['record'] as { event_type: string }).event_type,
    );
    expect(events).toEqual(['wal.opened', 'run.accepted', 'run.completed']);
  });

  it('goes on exactly behind a cursor', async () => {
    const first = follow('records', '--json');
    await first.said('"run.accepted"');
    first.kill('SIGINT');
    const cursor = String(checked((await first.ended).stdout).at(-1)?.['cursor']);
    await write('run.completed', 1, { duration_ms: 3, answered: true });
    const second = follow('records', '--json', '--cursor', cursor);
    await second.said('"run.completed"');
    second.kill('SIGINT');
    expect(checked((await second.ended).stdout)).toHaveLength(1);
  });

  it('of a cursor that is none says so in one sentence', () => {
    const ran = throughline(['records', '-f', '--cursor', 'x', '--root', root]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^throughline: [^\n]*cursor[^\n]*\n$/);
  });
});

describe('runs -f and inflight -f', () => {
  it('print a request again when it changes, and a new one when it comes', async () => {
    const runs = follow('runs', '--json');
    await runs.said('"in_flight"');
    await write('run.completed', 1, { duration_ms: 3, answered: true });
    await runs.said('"completed"');
    await write('run.accepted', 2, { durability: 'barrier' });
    await runs.said('action2');
    runs.kill('SIGINT');
    const { code, stdout } = await runs.ended;
    expect(code).toBe(0);
    expect(checked(stdout).map(({ what, state }) => `${String(what)} ${String(state)}`)).toEqual([
      'action1 in_flight',
      'action1 completed',
      'action2 in_flight',
    ]);
  });

  it('tell that nothing is open any more', async () => {
    const inflight = follow('inflight');
    await inflight.said('1 open span');
    await write('run.completed', 1, { duration_ms: 3, answered: true });
    await inflight.said('nothing is open');
    inflight.kill('SIGINT');
    expect((await inflight.ended).code).toBe(0);
  });
});
