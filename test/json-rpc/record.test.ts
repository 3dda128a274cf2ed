/** `recordJsonRpc` in a workspace manager and its runner: real processes, and what stands on disk when they are gone. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client, type Message } from './client.js';

interface Line extends Message {
  readonly event_type: string;
  readonly payload: Message;
  readonly hlc: string;
  readonly correlation_id?: string;
  readonly wal_run_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
}

let directory: string;
let client: Client;

const start = (env: Record<string, string> = {}): Client =>
  new Client({
    script: fileURLToPath(new URL('fixtures/recording-wm.mjs', import.meta.url)),
    parameters: [directory],
    env: { THROUGHLINE_ROOT: join(directory, 'root'), ...env },
  });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-record-'));
  client = start();
});
afterEach(async () => {
  await client.stop();
  await rm(directory, { recursive: true });
});

/** Every line of the streams of a role, once their writer has closed them. */
async function recorded(role: string): Promise<readonly Line[]> {
  const folder = join(directory, 'root', 'wal', role);
  const lines: Line[] = [];
  for (const writer of await readdir(folder)) {
    for (const segment of await readdir(join(folder, writer))) {
      if (!segment.endsWith('.jsonl')) continue;
      const text = await readFile(join(folder, writer, segment), 'utf8');
      // While the writer runs, the last line may not be whole.
      for (const line of text.split('\n').slice(0, -1)) lines.push(JSON.parse(line) as Line);
    }
  }
  return lines;
}

/** The records of the run whose summary has this marker. */
function runOf(lines: readonly Line[], marker: number): readonly Line[] {
  const accepted = lines.find(
    (line) => (line.payload['summary'] as Message | undefined)?.['marker'] === marker,
  );
  return lines.filter(
    (line) => line.wal_run_id !== undefined && line.wal_run_id === accepted?.wal_run_id,
  );
}

const traceOf = (marker: number): string =>
  `0af7651916cd43dd8448eb211c80${marker.toString(16).padStart(4, '0')}`;
const spanOf = (marker: number): string => `00f067aa0ba9${marker.toString(16).padStart(4, '0')}`;
const carrierOf = (marker: number): Message => ({
  _meta: { traceparent: `00-${traceOf(marker)}-${spanOf(marker)}-01` },
});
const events = (lines: readonly Line[]): readonly string[] => lines.map((line) => line.event_type);
const one = (lines: readonly Line[], event: string): Line => {
  const [found, ...more] = lines.filter((line) => line.event_type === event);
  if (found === undefined || more.length > 0) throw new Error(`not one record of ${event}`);
  return found;
};

test('200 requests of one chunk are 200 runs here and there, each under its own cause', async () => {
  const ids = Array.from({ length: 200 }, () => client.nextId());
  client.send(
    ...ids.map((id) => ({
      id,
      method: 'actions/run',
      params: { action: 'lint', marker: id },
      ...carrierOf(id),
    })),
  );
  for (const id of ids) {
    expect(await client.response(id)).toMatchObject({ result: { marker: id } });
  }
  await client.stop();
  const [wm, er] = [await recorded('wm'), await recorded('er')];
  const spans = new Set<string | undefined>();
  for (const id of ids) {
    const here = runOf(wm, id);
    const there = runOf(er, id);
    expect(events(here)).toEqual(['run.accepted', 'run.dispatched', 'run.completed']);
    expect(events(there)).toEqual([
      'run.accepted',
      'handler.started',
      'handler.completed',
      'run.completed',
    ]);
    const correlations = new Set([...here, ...there].map((line) => line.correlation_id));
    expect(correlations.size).toBe(1);
    const [accepted, dispatched, completed] = here;
    expect(accepted).toMatchObject({
      action_name: 'lint',
      env_name: 'dev',
      parent_span_id: spanOf(id),
      payload: { rpc: { id }, summary: { marker: id }, durability: 'barrier' },
    });
    expect(dispatched?.parent_span_id).toBe(accepted?.span_id);
    expect(there[0]?.parent_span_id).toBe(dispatched?.span_id);
    expect(completed?.payload).toMatchObject({ answered: true });
    // The clock goes there with the request and comes back with the answer.
    const times = [accepted, dispatched, ...there, completed].map((line) => line?.hlc ?? 'none');
    expect(times.toSorted()).toEqual(times);
    spans.add(accepted?.span_id).add(dispatched?.span_id).add(there[0]?.span_id);
  }
  expect(spans.size).toBe(600);
  const connections = new Set(
    wm
      .filter((line) => line.event_type === 'run.accepted')
      .map((line) => (line.payload['rpc'] as Message)['connection']),
  );
  expect(connections.size).toBe(1);
});

test('with a runner whose clock is ahead, causes still sort before effects, and ends behind those they wait for', async () => {
  await client.stop();
  client = start({ RUNNER_AHEAD: '1' });
  const ids = Array.from({ length: 20 }, () => client.nextId());
  for (const id of ids) {
    client.send({ id, method: 'actions/run', params: { action: 'lint', marker: id } });
    await client.response(id);
  }
  await client.stop();
  const [wm, er] = [await recorded('wm'), await recorded('er')];
  for (const id of ids) {
    const [accepted, dispatched, completed] = runOf(wm, id);
    const times = [accepted, dispatched, ...runOf(er, id), completed].map(
      (line) => line?.hlc ?? 'none',
    );
    expect(times).toHaveLength(7);
    expect(times.toSorted()).toEqual(times);
  }
});

test('a request without a carrier is recorded as a root', async () => {
  await client.request('actions/run', { action: 'lint', marker: 1 });
  await client.stop();
  const accepted = one(runOf(await recorded('wm'), 1), 'run.accepted');
  expect(accepted.parent_span_id).toBeUndefined();
  expect(accepted.payload).toMatchObject({ root: true });
  const there = one(runOf(await recorded('er'), 1), 'run.accepted');
  expect(there.correlation_id).toBe(accepted.correlation_id);
  expect(there.payload['root']).toBeUndefined();
});

test('a cancel is recorded on both sides, in the run it cancels, and the end when it comes', async () => {
  const ids = [client.nextId(), client.nextId(), client.nextId()];
  client.send(
    ...ids.map((id) => ({
      id,
      method: 'actions/run',
      params: { action: 'lint', marker: id, waits: true },
      ...carrierOf(id),
    })),
  );
  // On disk before anybody is asked to stop: the handlers have begun, which is later than that the runs were accepted.
  await expect
    .poll(async () => events(await recorded('er')).filter((event) => event === 'handler.started'), {
      timeout: 10_000,
    })
    .toHaveLength(3);
  client.send({ method: '$/cancelRequest', params: { id: ids[1] } });
  expect(await client.response(ids[1] ?? 0)).toMatchObject({ error: { code: -32800 } });
  client.send(
    { method: '$/cancelRequest', params: { id: ids[0] } },
    { method: '$/cancelRequest', params: { id: ids[2] } },
  );
  await Promise.all(ids.map((id) => client.response(id)));
  await client.stop();
  const [wm, er] = [await recorded('wm'), await recorded('er')];
  for (const id of ids) {
    expect(events(runOf(wm, id))).toEqual([
      'run.accepted',
      'run.dispatched',
      'run.cancel_requested',
      'run.cancelled',
    ]);
    expect(events(runOf(er, id))).toEqual([
      'run.accepted',
      'handler.started',
      'run.cancel_requested',
      'handler.failed',
      'run.cancelled',
    ]);
  }
});

test('a handler that ignores the cancel runs on, and what it writes is recorded before its end', async () => {
  const id = client.nextId();
  client.send({ id, method: 'actions/stubborn', params: {}, ...carrierOf(9) });
  await client.message((message) => message['method'] === 'acme/started');
  client.send({ method: '$/cancelRequest', params: { id } }, { method: 'acme/go', params: {} });
  expect(await client.response(id)).toMatchObject({ result: 'written' });
  await client.stop();
  const lines = (await recorded('wm')).filter((line) => line.wal_run_id !== undefined);
  expect(events(lines)).toEqual([
    'run.accepted',
    'run.cancel_requested',
    'effect.applied',
    'run.completed',
  ]);
  expect(one(lines, 'effect.applied').payload).toMatchObject({ change: 'created' });
  expect(one(lines, 'run.completed').payload).toMatchObject({ answered: true });
});

test('a client that hangs up is recorded, and the run ends when its handler does, unheard', async () => {
  const id = client.nextId();
  client.send({ id, method: 'actions/stubborn', params: {}, ...carrierOf(9) });
  await client.message((message) => message['method'] === 'acme/started');
  await client.stop();
  const lines = (await recorded('wm')).filter((line) => line.wal_run_id !== undefined);
  expect(events(lines)).toEqual([
    'run.accepted',
    'run.client_gone',
    'effect.applied',
    'run.completed',
  ]);
  expect(one(lines, 'run.completed').payload).toMatchObject({ answered: false });
});
