/** `recordMcp` in a real server over stdio, and what stands on disk when it is gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { linesOf, until, type Line } from '../hook/host.js';
import { call, foreign, newClient } from './harness.js';

const fixture = fileURLToPath(new URL('fixtures/recording-server.mjs', import.meta.url));
const anything = z.any();

let root: string;
let client: Client;
const logged: Record<string, unknown>[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tl-record-mcp-'));
});
afterEach(async () => {
  await client.close();
  rmSync(root, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<void> {
  client = newClient();
  logged.length = 0;
  client.fallbackNotificationHandler = async ({ params }) => {
    const data = params?.['data'];
    if (data !== undefined) logged.push(data as Record<string, unknown>);
  };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [fixture],
    env: { ...getDefaultEnvironment(), THROUGHLINE_ROOT: root, ...env },
  });
  await client.connect(transport);
}

/** Ends the server and reads what it wrote. */
async function recorded(): Promise<readonly Line[]> {
  await client.close();
  await until(
    () => linesOf(root).some((line) => line.event_type === 'wal.sealed'),
    () => JSON.stringify(linesOf(root).map((line) => line.event_type)),
  );
  return linesOf(root).filter((line) => line['wal_run_id'] !== undefined);
}

/** Trace and span of a `traceparent`. */
const named = (value: unknown): string => String(value).slice(3, -3);
const nameOf = (line: Line): unknown => line['action_name'];
const runsOf = (lines: readonly Line[], action: string): readonly Line[] =>
  lines.filter((line) => nameOf(line) === action);
const one = (lines: readonly Line[], action: string, event: string): Line => {
  const [found, ...more] = runsOf(lines, action).filter((line) => line.event_type === event);
  if (found === undefined || more.length > 0) throw new Error(`not one ${event} of ${action}`);
  return found;
};

describe.each(['record-only', 'record-first', 'correlate-first'])(
  'a recorded server (%s)',
  (ORDER) => {
    it('makes each of 200 concurrent calls a run under its own cause', async () => {
      await start({ ORDER });
      const tools = ['before', 'late'];
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, number) => {
          const meta = { traceparent: foreign(number).traceparent };
          return call(client, tools[number % 2] ?? '', `call-${number}`, { meta });
        }),
      );
      const lines = await recorded();
      for (const [number, answer] of answers.entries()) {
        const { trace, span } = foreign(number);
        const own = lines.filter((line) => line['wal_run_id'] === answer['run']);
        expect(own.map((line) => line.event_type)).toEqual(['run.accepted', 'run.completed']);
        expect(answer).toMatchObject({ marker: `call-${number}`, trace });
        expect(own[0]).toMatchObject({
          span_id: answer.span,
          parent_span_id: span,
          action_name: tools[number % 2],
          payload: {
            durability: 'barrier',
            summary: { method: 'tools/call', name: tools[number % 2] },
            rpc: { connection: 'c1' },
          },
        });
        expect(own[1]?.payload).toMatchObject({ outcome: 'complete', answered: true });
      }
      expect(new Set(answers.map((answer) => answer['run'])).size).toBe(200);
    });

    it('tells how each request ended, and names the run in its answer', async () => {
      await start({ ORDER });
      const failed = await client.callTool({ name: 'fails' });
      const said = await client.callTool({ name: 'says-no' });
      const meta = await client.callTool({ name: 'answers-meta' });
      const carried = { traceparent: foreign(5).traceparent };
      const joined = await client.callTool({ name: 'before', arguments: {}, _meta: carried });
      const refused: unknown = await client
        .request({ method: 'fixture/refuses' }, anything)
        .catch((error: unknown) => error);
      await client.readResource({ uri: 'fixture://plain' });
      const fallback = await client.request({ method: 'fixture/unheard-of' }, anything);
      await client.ping();
      const lines = await recorded();

      const quoted = (action: string): string => {
        const { correlation_id: id, span_id: span } = one(lines, action, 'run.accepted');
        return `${hex(String(id))}-${String(span)}`;
      };
      expect(one(lines, 'fails', 'run.failed').payload).toMatchObject({
        outcome: 'tool_error',
        answered: true,
        error: { code: 'tool_error', class: 'McpFailure', message: 'no: password=[redacted]' },
      });
      expect(failed.isError).toBe(true);
      expect(named(failed._meta?.['traceparent'])).toBe(quoted('fails'));
      expect(one(lines, 'says-no', 'run.failed').payload).toMatchObject({ outcome: 'tool_error' });
      expect(said).toMatchObject({ isError: true, content: [{ text: '"sorry"' }] });
      expect(meta._meta).toMatchObject({ own: 1 });
      expect(named(meta._meta?.['traceparent'])).toBe(quoted('answers-meta'));
      expect(named(joined._meta?.['traceparent'])).toBe(quoted('before'));
      expect(one(lines, 'fixture/refuses', 'run.failed').payload).toMatchObject({
        outcome: 'rpc_error',
        error: { code: -32042, class: 'McpError' },
      });
      const { data } = refused as { data: Record<string, unknown> };
      expect(data['why']).toBe('because');
      expect(named(data['traceparent'])).toBe(quoted('fixture/refuses'));
      expect(one(lines, 'resources/read', 'run.accepted').payload).toMatchObject({
        durability: 'relaxed',
      });
      expect(one(lines, 'fixture/unheard-of', 'run.completed')['wal_run_id']).toBe(
        fallback.seen.run,
      );
      expect(runsOf(lines, 'ping').concat(runsOf(lines, 'initialize'))).toEqual([]);
    });

    it('nests what a handler runs under the run of its request', async () => {
      await start({ ORDER });
      const answer = await call(client, 'nested', '');
      const lines = await recorded();
      const inner = one(lines, 'inner', 'run.accepted');
      const outer = one(lines, 'nested', 'run.accepted');
      expect(inner['parent_span_id']).toBe(outer['span_id']);
      expect(inner['correlation_id']).toBe(outer['correlation_id']);
      expect(answer['inner']).toMatchObject({ run: inner['wal_run_id'], span: inner['span_id'] });
    });
  },
);

/** Calls a tool and cancels it once its handler runs. */
async function cancelled(name: string): Promise<void> {
  const abort = new AbortController();
  const answer = call(client, name, name, { request: { signal: abort.signal } });
  await expect.poll(() => logged.some((data) => data['started'] === name)).toBe(true);
  abort.abort('enough');
  await expect(answer).rejects.toThrow('enough');
}

describe('a request that nobody waits for any more', () => {
  it('ends as what its handler did, and says that it was cancelled: the protocol sends no answer', async () => {
    await start();
    for (const name of ['gives-up', 'goes-on', 'breaks']) await cancelled(name);
    // The handlers settle after the cancel; a round trip later they have.
    await expect.poll(() => logged.some((data) => data['settled'] === 'breaks')).toBe(true);
    await client.ping();
    const lines = await recorded();
    const unheard = { outcome: 'cancelled', answered: false };
    const events = (name: string): readonly string[] =>
      runsOf(lines, name).map((line) => line.event_type);
    expect(events('gives-up')).toEqual(['run.accepted', 'run.cancel_requested', 'run.cancelled']);
    expect(one(lines, 'gives-up', 'run.cancelled').payload).toMatchObject(unheard);
    expect(one(lines, 'gives-up', 'run.cancel_requested').payload).toEqual({ reason: 'enough' });
    expect(events('goes-on')).toEqual([
      'run.accepted',
      'run.cancel_requested',
      'effect.applied',
      'run.completed',
    ]);
    expect(one(lines, 'goes-on', 'run.completed').payload).toMatchObject(unheard);
    expect(one(lines, 'breaks', 'run.cancelled').payload).toMatchObject(unheard);
  });

  it('says that the connection was closed, which nobody asked for', async () => {
    await start();
    const answer = call(client, 'goes-on', 'goes-on').catch(() => 'gone');
    await expect.poll(() => logged.some((data) => data['started'] === 'goes-on')).toBe(true);
    const lines = await recorded();
    expect(await answer).toBe('gone');
    expect(runsOf(lines, 'goes-on').map((line) => line.event_type)).toEqual([
      'run.accepted',
      'run.client_gone',
      'effect.applied',
      'run.completed',
    ]);
    expect(one(lines, 'goes-on', 'run.completed').payload).toMatchObject({
      outcome: 'connection_closed',
      answered: false,
    });
  });
});

it('records nothing after dispose, and leaves the scopes', async () => {
  await start({ DISPOSE: '1' });
  const carried = { traceparent: foreign(3).traceparent };
  const answer = await call(client, 'before', 'x', { meta: carried });
  expect(answer.trace).toBe('f0000000000000000000000000000003');
  expect(answer['run']).toBeUndefined();
  expect(await recorded()).toEqual([]);
});

function hex(correlationId: string): string {
  const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let value = 0n;
  for (const character of correlationId) value = value * 32n + BigInt(crockford.indexOf(character));
  return value.toString(16).padStart(32, '0');
}
