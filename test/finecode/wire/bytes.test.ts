/** What passes the FineCode proxy: runs get an id, and everything else is what it would be without us, byte for byte. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryMiB, until } from '../../proxies/core/proxy.js';
import { Client, front, makeVenv, portIn, type Front, type Venv } from './wm.js';

const member = /"_traceparent":"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})",?/;
const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let venv: Venv;
let proxy: Front;
beforeAll(async () => {
  venv = makeVenv();
  proxy = await front(venv);
});
afterAll(async () => {
  proxy.process.kill('SIGINT');
  await proxy.ended;
  venv.remove();
});

/** What the WM got in the place of these params of an `actions/run`. */
async function got(client: Client, params: string): Promise<string> {
  const result = await client.result('actions/run', params);
  return /"params": (.*)\}$/s.exec(String(result['got']))?.[1] ?? '';
}

async function withClient<Result>(use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await Client.connect(proxy.port);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe('the workspace manager gets', () => {
  it('a run with a root of its own in front of its params, and every other byte as it was', async () => {
    const params =
      '{ "actionSource": "demo.Echo", "project": "", "params": {"b": 1.0, "b": 12345678901234567890, "a": 0.0, "é": "\\u00e9"} }';
    const seen = await withClient((client) => got(client, params));
    expect(seen).toMatch(member);
    expect(seen.replace(member, '')).toBe(params);
    expect(seen.indexOf('"_traceparent"')).toBe(1);
    expect(member.exec(seen)?.[3]).toBe('03');
  });

  it.each(['NaN', 'Infinity', '-Infinity', '[NaN, 1e400, 0.0]', '"NaN"'])(
    'a run with %s in its params, which is no JSON, with an id, too',
    async (value) => {
      const params = `{"actionSource": "demo.Echo", "params": {"x": ${value}, "s": "a \\"NaN, Infinity"}}`;
      const seen = await withClient((client) => got(client, params));
      expect(seen).toMatch(member);
      expect(seen.replace(member, '')).toBe(params);
    },
  );

  it('the trace of a run that carries one, with a span of ours below it', async () => {
    const params = `{"actionSource": "demo.Echo", "_traceparent": "${given}", "params": {}}`;
    const seen = await withClient((client) => got(client, params));
    const [, trace, span, flags] = /"_traceparent": "00-(\w+)-(\w+)-(\w+)"/.exec(seen) ?? [];
    expect([trace, flags]).toEqual(['0af7651916cd43dd8448eb211c80319c', '01']);
    expect(span).toMatch(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/);
    expect(seen).toBe(params.replace(given, `00-${trace}-${span}-${flags}`));
  });

  it('a root in the place of a carrier that is none', async () => {
    const params = '{"actionSource": "demo.Echo", "_traceparent": null}';
    const seen = await withClient((client) => got(client, params));
    expect(seen).toMatch(
      /^\{"actionSource": "demo.Echo", "_traceparent": "00-[0-9a-f]{32}-[0-9a-f]{16}-03"\}$/,
    );
  });

  it.each([
    ['a method that is no run', '"id": 1, "method": "server/echo", "params": {"a": 1.0}'],
    [
      'a run as a method of another name',
      '"id": 1, "method": "server/echo", "params": {"method": "actions/run"}',
    ],
    ['two params', '"id": 1, "method": "server/echo", "params": {}, "params": {"a": NaN}'],
  ])('the same bytes for %s', async (_, members) => {
    const text = `{"jsonrpc": "2.0", ${members}}`;
    await withClient(async (client) => {
      const answer = client.answerTo(1);
      client.send(text);
      expect(await answer).toEqual({ jsonrpc: '2.0', id: 1, result: { got: text } });
    });
  });

  it('the context over WM → ER → WM → ER, where FineCode passes it on', async () => {
    const result = await withClient((client) =>
      client.result('actions/run', `{"actionSource": "demo.Nest", "_traceparent": "${given}"}`),
    );
    const [first, second] = result['nested'] as string[];
    expect(first).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
    expect(second).toBe(first);
  });
});

describe('a client gets', () => {
  it('answers as they are: NaN, Infinity, 0.0 and integers of any size', async () => {
    const chunks: Buffer[] = [];
    await withClient(async (client) => {
      client.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await client.request('actions/run', '{"actionSource": "demo.Python"}');
    });
    const body =
      '{"jsonrpc": "2.0", "id": 1, "result": {"resultByFormat": {"json": [NaN, Infinity, -Infinity, 0.0, 12345678901234567890]}, "returnCode": 0}}';
    expect(Buffer.concat(chunks).toString()).toBe(`Content-Length: ${body.length}\r\n\r\n${body}`);
  });

  it('partial results before the answer, in order', async () => {
    await withClient(async (client) => {
      const answer = await client.request(
        'actions/run',
        '{"actionSource": "demo.Stream", "partialResultToken": "t-1"}',
      );
      expect(answer['result']).toEqual({ returnCode: 1 });
      const parts = client.notifications.map(
        ({ params }) =>
          (params as { value: { resultByFormat: { json: unknown } } }).value.resultByFormat.json,
      );
      expect(parts).toEqual([{ part: 0 }, { part: 1 }, { part: 2 }]);
    });
  });

  it('the right answer of 500 runs at once over five connections, each with an id of its own', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => Client.connect(proxy.port)));
    const asked = clients.flatMap((client, one) => {
      // A hundred in one chunk.
      client.socket.cork();
      const answers = Array.from({ length: 100 }, async (_, two) => {
        const params = `{"actionSource": "demo.Echo", "params": {"name": "${one}-${two}", "ms": ${(two * 7) % 20}}}`;
        const result = await client.result('actions/run', params);
        return { params, result };
      });
      client.socket.uncork();
      return answers;
    });
    const answers = await Promise.all(asked);
    await Promise.all(clients.map((client) => client.close()));
    const wrong = answers.filter(
      ({ params, result }) =>
        !String(result['got']).replace(member, '').endsWith(`"params": ${params}}`),
    );
    expect(wrong).toEqual([]);
    const traces = answers.map(({ result }) => String(result['traceparent']));
    expect(traces.filter((one) => !/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/.test(one))).toEqual([]);
    expect(new Set(traces.map((one) => one.slice(3, 35))).size).toBe(500);
  });

  it('a message of 20 MB, and the WM one of 5 MB', async () => {
    const text = 'x'.repeat(5_000_000);
    await withClient(async (client) => {
      const large = await client.result(
        'actions/run',
        '{"actionSource": "demo.Large", "params": {"bytes": 20000000}}',
      );
      expect(String(large['text']).length).toBe(20_000_000);
      const echoed = await got(
        client,
        `{"actionSource": "demo.Echo", "params": {"text": "${text}"}}`,
      );
      expect(echoed.replace(member, '')).toBe(
        `{"actionSource": "demo.Echo", "params": {"text": "${text}"}}`,
      );
    });
  });

  it('held up by a WM that does not read, at no cost of memory', async () => {
    const before = memoryMiB(proxy.pid, 'VmRSS');
    await withClient(async (client) => {
      client.send('{"method": "server/pause", "params": {"ms": 1500}}');
      const body = `{"method": "documents/changed", "params": {"text": "${'y'.repeat(1_000_000)}"}}`;
      for (let one = 0; one < 60; one += 1) client.send(body);
      const answer = client.request('server/echo', '{}');
      // The kernel's buffers take some of it, and the proxy a message; most of it has to wait with us.
      expect(client.socket.writableLength).toBeGreaterThan(30_000_000);
      expect(await answer).toMatchObject({ id: 1 });
    });
    expect(memoryMiB(proxy.pid, 'VmHWM') - before).toBeLessThan(120);
  });
});

describe('a connection', () => {
  it('that opens and closes at once is seen so by the WM', async () => {
    const opened = proxy.stdout().toString().match(/^open/gm)?.length ?? 0;
    for (let probe = 0; probe < 20; probe += 1) {
      await new Promise<void>((closed) => {
        const socket = connect({ port: proxy.port, host: '127.0.0.1' }, () => socket.destroy());
        socket.once('close', () => closed());
      });
    }
    const lines = (word: string): number =>
      proxy
        .stdout()
        .toString()
        .match(new RegExp(`^${word} `, 'gm'))?.length ?? 0;
    await until(
      () => lines('open') === opened + 20 && lines('close') === lines('open'),
      () => proxy.stdout().toString(),
    );
  });

  it('has every byte that the WM said before it closed, however slowly the client reads', async () => {
    const client = await Client.connect(proxy.port);
    client.socket.pause();
    const answer = client.result('server/last', '{"bytes": 8000000}');
    setTimeout(() => client.socket.resume(), 300);
    expect(JSON.stringify(await answer)).toHaveLength(8_000_002);
    await client.close();
  });

  it('that the WM drops ends for its client, and the others go on', async () => {
    const [one, other] = await Promise.all([
      Client.connect(proxy.port),
      Client.connect(proxy.port),
    ]);
    one.send('{"method": "server/drop"}');
    await one.closed;
    expect(await other.result('actions/run', '{"actionSource": "demo.Echo"}')).toMatchObject({
      returnCode: 0,
    });
    await other.close();
    expect(portIn(venv.portFile)).toBe(proxy.port);
  });
});
