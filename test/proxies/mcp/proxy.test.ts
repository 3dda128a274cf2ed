/** `throughline proxy mcp` between the SDK's client and the SDK's server, and what it writes into single messages. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, plainEnv } from '../../cli/bin.js';
import { connect, echo, fixture, type Connected } from './client.js';

const foreign = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const environment = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01';

function traceOf(traceparent: string | undefined): string {
  return traceparent?.slice(3, 35) ?? 'none';
}

/** What a mirror of a server gets for each line that a client writes. */
function throughProxy(
  messages: readonly unknown[],
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): readonly string[] {
  const input = messages
    .map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`)
    .join('');
  const ran = spawnSync(process.execPath, [bin, 'proxy', 'mcp', ...options, '--', 'cat'], {
    input,
    encoding: 'utf8',
    env: { ...plainEnv, ...env },
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout.split('\n').slice(0, -1);
}

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params: { readonly _meta: Readonly<Record<string, string>> };
}

function cancel(requestId: unknown): object {
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
}

function parsed(line: string | undefined): Message {
  return JSON.parse(line ?? '') as Message;
}

describe('with the SDK at both ends', () => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await connect(['proxy', 'mcp'], { TRACEPARENT: environment });
  });
  afterAll(() => connected.client.close());

  it('gives each of 500 concurrent calls an id of its own, and every answer to who asked', async () => {
    const texts = Array.from({ length: 500 }, (_, index) => `call ${index}`);
    const answers = await Promise.all(texts.map((text) => echo(connected.client, text)));
    expect(answers.map(({ text }) => text)).toEqual(texts);
    const ids = new Set(answers.map(({ traceparent }) => traceOf(traceparent)));
    expect(ids.size).toBe(500);
    expect(ids).not.toContain('none');
    expect(ids).not.toContain(traceOf(environment));
  });

  it('says who asks for what, and links what it was started under', async () => {
    const { tracestate } = await echo(connected.client, 'who');
    expect(tracestate).toMatch(/^tl=[0-9A-Z]{13};mcp;tools\/call;echo;tester,/);
    expect(tracestate).toContain('tl-links=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb');
  });

  it('leaves calls that carry an id alone, among 200 that do not', async () => {
    const calls = Array.from({ length: 200 }, (_, index) => {
      const span = index.toString(16).padStart(16, 'f');
      const own = `00-${index.toString(16).padStart(32, 'e')}-${span}-01`;
      return { own, isOwn: index % 2 === 0 };
    });
    const answers = await Promise.all(
      calls.map(({ own, isOwn }) =>
        echo(connected.client, own, isOwn ? { meta: { traceparent: own } } : {}),
      ),
    );
    for (const [index, { own, isOwn }] of calls.entries()) {
      expect(answers[index]?.text).toBe(own);
      if (isOwn) expect(answers[index]?.traceparent).toBe(own);
      else expect(traceOf(answers[index]?.traceparent)).not.toBe(traceOf(own));
    }
  });
});

describe('a message', () => {
  it('keeps every byte but for what is inserted', () => {
    const request =
      '{ "params" : {"n":1.0,"big":12345678901234567890,"n":2} , "method":"x/y","id":1.50 }\r';
    const [line = ''] = throughProxy([request]);
    const inserted = /"_meta":\{"traceparent":"[^"]+","tracestate":"[^"]+"\},/;
    expect(line).toMatch(inserted);
    expect(line.replace(inserted, '')).toBe(request);
  });

  it('that is a request gets params where it has none, and keeps what stands in its _meta', () => {
    const requests = [
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { jsonrpc: '2.0', id: 2, method: 'ping' },
      { jsonrpc: '2.0', id: 3, method: 'tools/list', params: {} },
      { jsonrpc: '2.0', id: 4, method: 'a', params: { _meta: { progressToken: 7 } } },
    ];
    const messages = throughProxy(requests).map((line) => parsed(line));
    expect(messages).toMatchObject(requests);
    for (const message of messages) {
      expect(Object.keys(message).sort()).toEqual(['id', 'jsonrpc', 'method', 'params']);
      expect(message.params._meta['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
    }
  });

  it('that carries a malformed id gets a new one in its place', () => {
    const [line] = throughProxy([
      { jsonrpc: '2.0', id: 1, method: 'a', params: { _meta: { traceparent: '00-zz', x: 1 } } },
    ]);
    expect(line?.match(/traceparent/g)).toHaveLength(1);
    expect(parsed(line).params._meta['traceparent']).toMatch(/^00-[0-9a-f]{32}-/);
    expect(parsed(line).params._meta['x']).toBe(1);
  });

  it('that cancels a request carries that request’s id', () => {
    const lines = throughProxy([
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a' } },
      { jsonrpc: '2.0', id: '1', method: 'tools/call', params: { name: 'b' } },
      cancel('1'),
      cancel(1),
      cancel(1),
    ]).map((line) => parsed(line).params._meta['traceparent']);
    expect(lines[2]).toBe(lines[1]);
    expect(lines[3]).toBe(lines[0]);
    expect(new Set(lines).size).toBe(3);
  });

  it('that cancels a request carries an id of its own after 256 others', () => {
    const messages = Array.from({ length: 257 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'a' }));
    const ids = throughProxy([...messages, cancel(0), cancel(1)]).map(
      (line) => parsed(line).params._meta['traceparent'],
    );
    expect(ids.slice(0, 257)).not.toContain(ids[257]);
    expect(ids[258]).toBe(ids[1]);
  });

  it('goes to the server in the order it came', () => {
    const messages = Array.from({ length: 300 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'a' }));
    expect(throughProxy(messages).map((line) => parsed(line).id)).toEqual(
      messages.map(({ id }) => id),
    );
  });
});

describe('--trust', () => {
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'a', _meta: { traceparent: foreign, tracestate: 'other=1' } },
  };

  it('join, the default, leaves what a call carries', () => {
    expect(throughProxy([call])).toEqual([JSON.stringify(call)]);
    expect(throughProxy([call], ['--trust', 'join'])).toEqual([JSON.stringify(call)]);
  });

  it('link begins a root that names it', () => {
    const [line] = throughProxy([call], ['--trust', 'link']);
    const { traceparent, tracestate } = parsed(line).params._meta;
    expect(traceOf(traceparent)).not.toBe(traceOf(foreign));
    expect(tracestate).toMatch(/tl-links=0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331$/);
    expect(line?.match(/traceparent/g)).toHaveLength(1);
  });

  it('ignore begins a root that does not', () => {
    const [line] = throughProxy([call], ['--trust', 'ignore']);
    const { traceparent, tracestate } = parsed(line).params._meta;
    expect(traceOf(traceparent)).not.toBe(traceOf(foreign));
    expect(tracestate).not.toContain('tl-links');
    expect(line).not.toContain(traceOf(foreign));
  });

  it('is nothing else', () => {
    const ran = spawnSync(process.execPath, [bin, 'proxy', 'mcp', '--trust', 'no', '--', 'cat'], {
      encoding: 'utf8',
      env: plainEnv,
    });
    expect(ran).toMatchObject({
      status: 125,
      stderr: 'throughline: --trust is join, link or ignore, not "no"\n',
    });
  });
});

it('writes nothing: runs under the permission model without write permission', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tl-proxy-'));
  try {
    const flag = process.versions.node.startsWith('20.')
      ? '--experimental-permission'
      : '--permission';
    const node = [flag, '--allow-fs-read=*', '--allow-child-process', '--no-warnings'];
    const server = ['env', '-u', 'NODE_OPTIONS', process.execPath, fixture('server.mjs')];
    const ran = spawnSync(process.execPath, [...node, bin, 'proxy', 'mcp', '--', ...server], {
      cwd: scratch,
      encoding: 'utf8',
      env: plainEnv,
      input: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
    });
    expect(ran).toMatchObject({
      status: 0,
      stdout: '{"result":{},"jsonrpc":"2.0","id":1}\n',
      stderr: '',
    });
    expect(readdirSync(scratch)).toEqual([]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
