import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Context, currentContext, runInContext } from '../../src/context/index.js';
import { call, foreign, startFixture, type Seen } from './harness.js';

const anything = z.any();
const malformed = [
  '',
  'nonsense',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01${'-x'.repeat(200)}`,
];

function meta(number: number): { _meta: { traceparent: string } } {
  return { _meta: { traceparent: foreign(number).traceparent } };
}

function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

describe('a correlated server over stdio', () => {
  it('gives each of 500 concurrent calls its own id: the foreign one it carries, or a root of its own', async () => {
    await using fixture = await startFixture({
      env: { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    const tools = ['before', 'after', 'late'];
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, number) => {
        const traceparents = [
          { meta: { traceparent: foreign(number).traceparent } },
          {},
          { meta: { traceparent: malformed[number % malformed.length] } },
        ];
        return call(
          fixture.client,
          tools[number % 3] ?? '',
          `call-${number}`,
          traceparents[Math.floor(number / 3) % 3],
        );
      }),
    );
    const wrong = answers.filter((answer, number) => {
      const isForeign = Math.floor(number / 3) % 3 === 0;
      const { trace, span } = foreign(number);
      const isRight = isForeign
        ? answer.trace === trace && answer.parent === span
        : /^01[0-9a-f]{30}$/.test(answer.trace ?? '') && answer.parent === undefined;
      return !isRight || answer.stable !== true || answer.marker !== `call-${number}`;
    });
    expect(wrong).toEqual([]);
    expect(new Set(answers.map((answer) => answer.trace)).size).toBe(500);
    expect(new Set(answers.map((answer) => answer.span)).size).toBe(500);
  });

  it('keeps the environment it was started under as a link of every request, never as its parent', async () => {
    await using fixture = await startFixture({
      env: { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    const link = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const alone = await call(fixture.client, 'before', 'alone');
    const joined = await call(fixture.client, 'before', 'joined', {
      meta: { traceparent: foreign(1).traceparent },
    });
    expect(alone.links).toEqual([link]);
    expect(alone.trace).not.toBe(link.traceId);
    expect(joined.links).toEqual([link]);
    expect(joined.trace).toBe('f0000000000000000000000000000001');
  });

  it('says of itself which tool was called and by which client', async () => {
    await using fixture = await startFixture();
    const { origin } = await call(fixture.client, 'after', 'origin');
    expect(origin).toEqual({
      front: 'mcp',
      method: 'tools/call',
      name: 'after',
      client: 'test-agent',
    });
  });

  it('does what trust says: link starts a root that keeps the foreign context, ignore forgets it', async () => {
    const carrier = { traceparent: foreign(7).traceparent };
    await using linking = await startFixture({ env: { CORRELATE: '{"trust":"link"}' } });
    const linked = await call(linking.client, 'before', 'link', { meta: carrier });
    expect(linked.parent).toBeUndefined();
    expect(linked.trace).toMatch(/^01/);
    expect(linked.links).toEqual([
      { traceId: 'f0000000000000000000000000000007', spanId: 'e000000000000007' },
    ]);
    await using ignoring = await startFixture({ env: { CORRELATE: '{"trust":"ignore"}' } });
    const ignored = await call(ignoring.client, 'before', 'ignore', { meta: carrier });
    expect(ignored.trace).toMatch(/^01/);
    expect(ignored.links).toEqual([]);
  });

  it('reaches resource, template, list, prompt, completion, low-level and fallback handlers', async () => {
    await using fixture = await startFixture();
    const { client } = fixture;
    const [plain, item, list, prompt, completion, low, fallback] = await Promise.all([
      client.readResource({ uri: 'fixture://plain', ...meta(0) }),
      client.readResource({ uri: 'fixture://item/1', ...meta(1) }),
      client.listResources(meta(2)),
      client.getPrompt({ name: 'prompt', arguments: { word: 'x' }, ...meta(3) }),
      client.complete({
        ref: { type: 'ref/prompt', name: 'prompt' },
        argument: { name: 'word', value: '' },
        ...meta(4),
      }),
      client.request({ method: 'fixture/low', params: meta(5) }, anything),
      client.request({ method: 'fixture/unheard-of', params: meta(6) }, anything),
    ]);
    const texts = [
      (plain.contents[0] as { text: string }).text,
      (item.contents[0] as { text: string }).text,
      list.resources.find((one) => one.uri === 'fixture://item/1')?.name ?? '',
      (prompt.messages[0]?.content as { text: string } | undefined)?.text,
      completion.completion.values[0] ?? '',
      JSON.stringify(low.seen),
      JSON.stringify(fallback.seen),
    ];
    const traces = texts.map((text) => (JSON.parse(text ?? '{}') as Seen).trace);
    expect(traces).toEqual(Array.from({ length: 7 }, (_, number) => foreign(number).trace));
  });

  it('runs notification handlers in the context the notification carries, or in a root of their own', async () => {
    await using fixture = await startFixture();
    const { client } = fixture;
    for (let number = 0; number < 6; number += 1) {
      await client.notification({
        method: 'notifications/fixture',
        params: { marker: `note-${number}`, ...(number % 2 === 0 ? meta(number) : {}) },
      });
    }
    const noted = new Map<string, string>();
    await expect
      .poll(async () => {
        const { notified } = await client.request({ method: 'fixture/notified' }, anything);
        for (const one of notified) noted.set(one.marker, one.trace);
        return noted.size;
      })
      .toBe(6);
    expect(noted.get('note-0')).toBe('f0000000000000000000000000000000');
    expect(noted.get('note-2')).toBe('f0000000000000000000000000000002');
    expect(noted.get('note-1')).toMatch(/^01/);
    expect(noted.get('note-1')).not.toBe(noted.get('note-3'));
  });

  it('names the context in the answer when the request was a root and its id was used, and only then', async () => {
    await using fixture = await startFixture();
    const { client } = fixture;
    const used = await client.callTool({ name: 'before', arguments: {} });
    expect(used._meta?.['traceparent']).toMatch(/^00-01[0-9a-f]{30}-[0-9a-f]{16}-03$/);
    const unused = await client.callTool({ name: 'unasked', arguments: {} });
    expect(unused).toEqual({
      content: [{ type: 'text', text: '"nobody asks for an id here"' }],
    });
    const carried = await client.callTool({
      name: 'before',
      arguments: {},
      _meta: { traceparent: foreign(3).traceparent },
    });
    expect(carried._meta).toBeUndefined();
  });

  it('works under the permission model with no right to write, to start processes or to load addons', async () => {
    const flags = process.allowedNodeEnvironmentFlags;
    const permission = flags.has('--permission') ? '--permission' : '--experimental-permission';
    await using fixture = await startFixture({ nodeArgs: [permission, '--allow-fs-read=*'] });
    const seen = await call(fixture.client, 'before', 'unprivileged', { meta: meta(8)._meta });
    expect(seen.trace).toBe('f0000000000000000000000000000008');
  });

  it('lets a disposed adapter do nothing: no scope, no id in the answer', async () => {
    await using fixture = await startFixture({ env: { DISPOSE: '1' } });
    const seen = await call(fixture.client, 'before', 'disposed', { meta: meta(3)._meta });
    expect(seen).toEqual({ marker: 'disposed', stable: true });
  });
});

describe('a correlated client and server over stdio', () => {
  it('joins each of 2000 interleaved calls to the scope it was made in', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const calls = await Promise.all(
      Array.from({ length: 2000 }, (_, number) => {
        const context = Context.begin();
        return runInContext(context, async () => {
          const answer = await call(fixture.client, 'before', `call-${number}`);
          return { answer, context, after: currentContext() };
        });
      }),
    );
    const wrong = calls.filter(
      ({ answer, context, after }, number) =>
        answer.trace !== context.traceId ||
        answer.parent !== context.spanId ||
        answer.marker !== `call-${number}` ||
        after !== context,
    );
    expect(wrong).toEqual([]);
  });

  it('gives a call made outside of every scope a root of its own', async () => {
    await using fixture = await startFixture({ correlated: { env: {} } });
    const first = await call(fixture.client, 'before', 'first');
    const second = await call(fixture.client, 'before', 'second');
    expect(first.trace).toMatch(/^01/);
    expect(first.parent).toMatch(/^[0-9a-f]{16}$/);
    expect(second.trace).not.toBe(first.trace);
  });

  it("keeps a caller's own valid traceparent, and replaces an unreadable one", async () => {
    await using fixture = await startFixture({ correlated: {} });
    const context = Context.begin();
    const [own, unreadable] = await runInContext(context, () =>
      Promise.all([
        call(fixture.client, 'before', 'own', { meta: { traceparent: foreign(5).traceparent } }),
        call(fixture.client, 'before', 'unreadable', {
          meta: { traceparent: 'nonsense', kept: 1 },
        }),
      ]),
    );
    expect(own.trace).toBe('f0000000000000000000000000000005');
    expect(unreadable.trace).toBe(context.traceId);
  });

  it('carries the id into elicitation, roots and sampling, and back, in a burst of 50', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) => {
        const context = Context.begin();
        return runInContext(context, async () => ({
          context,
          answer: (await call(fixture.client, 'asks', `call-${number}`)) as unknown as {
            trace: string;
            elicited: { content: { marker: string; trace: string } };
            roots: { roots: { name: string }[] };
            sampled: { content: { text: string } };
          },
        }));
      }),
    );
    const wrong = answers.filter(({ context, answer }, number) => {
      const ids = [
        answer.trace,
        answer.elicited.content.trace,
        answer.roots.roots[0]?.name,
        answer.sampled.content.text,
      ];
      return (
        ids.some((id) => id !== context.traceId) ||
        answer.elicited.content.marker !== `call-${number}`
      );
    });
    expect(wrong).toEqual([]);
  });

  it('runs progress callbacks in the scope of the call they belong to', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const calls = await Promise.all(
      Array.from({ length: 20 }, (_, number) => {
        const context = Context.begin();
        const progress: { message: string | undefined; isOwn: boolean }[] = [];
        return runInContext(context, async () => {
          await call(fixture.client, 'progresses', `call-${number}`, {
            request: {
              onprogress: ({ message }) =>
                progress.push({ message, isOwn: currentContext() === context }),
            },
          });
          return progress;
        });
      }),
    );
    expect(calls).toEqual(
      Array.from({ length: 20 }, (_, number) =>
        Array.from({ length: 3 }, () => ({ message: `call-${number}`, isOwn: true })),
      ),
    );
  });

  it('runs notification handlers of the client in the trace of the call that caused them', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const logged = new Map<string, string | undefined>();
    fixture.client.fallbackNotificationHandler = async (notification) => {
      const data = notification.params?.['data'] as Seen;
      logged.set(data.marker ?? '', currentContext()?.traceId);
    };
    const contexts = await Promise.all(
      Array.from({ length: 20 }, (_, number) => {
        const context = Context.begin();
        return runInContext(context, async () => {
          await call(fixture.client, 'logs', `call-${number}`);
          return context;
        });
      }),
    );
    expect(sorted([...logged])).toEqual(
      sorted(contexts.map((context, number) => [`call-${number}`, context.traceId])),
    );
  });

  it('delivers a cancellation in the scope of the request it names', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const started = new Set<string>();
    const logged: { marker: string; cancelled: string; handler: string }[] = [];
    fixture.client.fallbackNotificationHandler = async (notification) => {
      const data = notification.params?.['data'] as (typeof logged)[number] & { started?: string };
      if (data.started === undefined) logged.push(data);
      else started.add(data.started);
    };
    const traces = await Promise.all(
      Array.from({ length: 10 }, async (_, number) => {
        const context = Context.begin();
        const abort = new AbortController();
        const answer = runInContext(context, () =>
          call(fixture.client, 'slow', `call-${number}`, { request: { signal: abort.signal } }),
        );
        await expect.poll(() => started.has(`call-${number}`)).toBe(true);
        // Cancelled from another scope, as a user's click is.
        runInContext(Context.begin(), () => abort.abort('enough'));
        await expect(answer).rejects.toThrow('enough');
        return [`call-${number}`, context.traceId, context.traceId];
      }),
    );
    await expect
      .poll(() => sorted(logged.map((one) => [one.marker, one.cancelled, one.handler])))
      .toEqual(sorted(traces));
  });

  it('sends 20 concurrent calls that share one params object under 20 ids, and leaves the object as it was', async () => {
    await using fixture = await startFixture({ correlated: {} });
    const shared = { name: 'before', arguments: { marker: 'shared' }, _meta: { note: 'mine' } };
    const calls = await Promise.all(
      Array.from({ length: 20 }, () => {
        const context = Context.begin();
        return runInContext(context, async () => {
          const result = await fixture.client.callTool(shared);
          const content = result.content as readonly { text: string }[];
          return [(JSON.parse(content[0]?.text ?? '') as Seen).trace, context.traceId];
        });
      }),
    );
    expect(calls.filter(([seen, sent]) => seen !== sent)).toEqual([]);
    expect(shared).toEqual({
      name: 'before',
      arguments: { marker: 'shared' },
      _meta: { note: 'mine' },
    });
  });

  it('does not lend the scope a transport was opened in to later messages', async () => {
    const opener = Context.begin();
    const scopes: (string | undefined)[] = [];
    await using fixture = await runInContext(opener, () =>
      startFixture({ correlated: { env: {} } }),
    );
    const { client } = fixture;
    client.fallbackNotificationHandler = async () => {
      scopes.push(currentContext()?.traceId);
    };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => call(client, 'logs', `call-${number}`)),
    );
    const traces = answers.map((answer) => answer.trace);
    expect(new Set(traces).size).toBe(10);
    expect(traces).not.toContain(opener.traceId);
    expect(sorted(scopes)).toEqual(sorted(traces));
  });
});
