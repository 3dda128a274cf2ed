import { describe, expect, it } from 'vitest';
import {
  Context,
  currentContext,
  runInContext,
  type RemoteContext,
} from '../../src/context/index.js';
import { correlated } from '../../adapters/json-rpc/index.js';
import { rememberRequest } from '../../src/protocol/index.js';
import type { Run } from '../../src/hook/run.js';
import { memoryRecorder } from './memory-stream.js';

const remote = {
  traceId: '019aa88dc8b71fd3906c9a3611e175dc',
  spanId: '00f067aa0ba902b7',
  flags: 3,
  tracestate: [],
  links: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '1111111111111111' }],
  origin: { front: 'mcp', method: 'tools/call', name: 'lint' },
} as unknown as RemoteContext;

function inboundMessage(
  clock: 'followed' | 'ahead' | 'invalid' = 'followed',
  carrier = true,
): Context {
  const context = Context.begin(carrier ? { remote } : {});
  rememberRequest(context, { method: 'actions/run', rpcId: 7, connection: 'c1', clock });
  return context;
}

/** The codes of the process's warnings from here on; those of earlier tests are let pass. */
async function collectWarnings(): Promise<{ stop: () => Promise<unknown[]> }> {
  await new Promise(setImmediate);
  const codes: unknown[] = [];
  const listen = (warning: Error): void => {
    codes.push((warning as { code?: unknown }).code);
  };
  process.on('warning', listen);
  return {
    stop: async () => {
      await new Promise(setImmediate);
      process.off('warning', listen);
      return codes;
    },
  };
}

describe('a run', () => {
  it('is accepted before its function starts and has one terminal record after it', async () => {
    const { stream, recorder } = memoryRecorder();
    const seen: string[][] = [];
    const result = await recorder.run({ action: 'lint' }, () => {
      seen.push(stream.events());
      return 42;
    });
    expect(result).toBe(42);
    expect(seen).toEqual([['run.accepted']]);
    expect(stream.events()).toEqual(['run.accepted', 'run.completed']);
    expect(recorder.metrics.bind(recorder)).toThrow('not in memory');
  });

  it('waits for its acceptance to be durable before the function starts, and for its end before it returns', async () => {
    const { stream, recorder } = memoryRecorder();
    stream.mode = 'hold';
    const order: string[] = [];
    const done = recorder
      .run({ action: 'lint' }, () => order.push('fn'))
      .then(() => order.push('returned'));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    stream.release();
    stream.mode = 'hold';
    await new Promise(setImmediate);
    expect(order).toEqual(['fn']);
    expect(stream.events()).toEqual(['run.accepted', 'run.completed']);
    stream.release();
    await done;
    expect(order).toEqual(['fn', 'returned']);
  });

  it('names on every record its run, action, project, trigger and environment', async () => {
    const { stream, recorder } = memoryRecorder();
    const descriptor = {
      action: 'fix',
      projectPath: '/p',
      trigger: 'user',
      devEnv: 'ai',
      envName: 'dev',
    };
    await recorder.run(descriptor, async (run) => {
      run.selected({ runner: 'er-1', env: 'dev' });
      await run.dispatched({ runner: 'er-1' }, () => undefined);
      await run.handler('h', () => run.touched('a', { before: null, after: 'x' }));
      run.partialSent();
      run.partialSent({ isFinal: true });
      run.cancelRequested('stop');
      run.clientGone('closed');
    });
    expect(stream.events()).toEqual([
      'run.accepted',
      'runner.selected',
      'run.dispatched',
      'handler.started',
      'effect.applied',
      'handler.completed',
      'partial_result.first_sent',
      'partial_result.final_sent',
      'run.cancel_requested',
      'run.client_gone',
      'run.completed',
    ]);
    const { wal_run_id, correlation_id } = stream.find('run.accepted');
    expect(wal_run_id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    for (const record of stream.records) {
      expect(record).toMatchObject({
        wal_run_id,
        correlation_id,
        action_name: 'fix',
        project_path: '/p',
        trigger: 'user',
        dev_env: 'ai',
        env_name: 'dev',
      });
    }
    expect(stream.find('partial_result.final_sent').payload).toEqual({ count: 2 });
    expect(stream.find('run.completed').payload).toMatchObject({ answered: false });
  });

  it('fails with what the function threw, and throws exactly that', async () => {
    const { stream, recorder } = memoryRecorder();
    const boom = Object.assign(new RangeError('too far'), { code: 'FAR' });
    await expect(recorder.run({ action: 'a' }, () => Promise.reject(boom))).rejects.toBe(boom);
    await expect(
      recorder.run({ action: 'b' }, () => {
        throw boom;
      }),
    ).rejects.toBe(boom);
    expect(stream.events()).toEqual(['run.accepted', 'run.failed', 'run.accepted', 'run.failed']);
    expect(stream.records[1]?.payload).toMatchObject({
      answered: true,
      error: { code: 'FAR', class: 'RangeError', message: 'too far' },
    });
  });

  it('is cancelled when the function gives up because a cancel was asked for', async () => {
    const { stream, recorder } = memoryRecorder();
    const abort = new AbortController();
    const run = recorder.run({ action: 'a', signal: abort.signal }, async () => {
      abort.abort();
      abort.signal.throwIfAborted();
    });
    await expect(run).rejects.toThrow('aborted');
    expect(stream.events()).toEqual(['run.accepted', 'run.cancel_requested', 'run.cancelled']);
  });

  it('completes when the function ignores the cancel, and fails when it fails for another reason', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a', signal: AbortSignal.abort() }, () => 'done');
    const failing = recorder.run({ action: 'b' }, (run) => {
      run.cancelRequested();
      run.cancelRequested();
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(stream.events()).toEqual([
      'run.accepted',
      'run.cancel_requested',
      'run.completed',
      'run.accepted',
      'run.cancel_requested',
      'run.failed',
    ]);
  });

  it('says that nobody was answered when the client is gone or none awaits an answer', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a' }, (run) => run.clientGone());
    await recorder.run({ action: 'b', answers: false }, () => undefined);
    const ends = stream.records.filter((record) => record.event_type === 'run.completed');
    expect(ends.map((end) => end.payload?.['answered'])).toEqual([false, false]);
  });

  it('that is rejected has no other end, whatever the function does then', async () => {
    const { stream, recorder } = memoryRecorder();
    const refused = recorder.run({ action: 'lnt' }, async (run) => {
      await run.rejected('UNKNOWN_ACTION', 'no action lnt');
      await run.rejected('AGAIN', 'twice');
      throw new Error('no action lnt');
    });
    await expect(refused).rejects.toThrow('no action lnt');
    await recorder.run({ action: 'lnt' }, (run) => void run.rejected('X', 'not awaited'));
    expect(stream.events()).toEqual([
      'run.accepted',
      'run.rejected',
      'run.accepted',
      'run.rejected',
    ]);
    expect(stream.records[1]?.payload).toEqual({ code: 'UNKNOWN_ACTION', reason: 'no action lnt' });
  });

  it('records what comes after its end as late, warns once, and throws nothing', async () => {
    const { stream, recorder } = memoryRecorder();
    const warnings = await collectWarnings();
    let kept: Run | undefined;
    await recorder.run({ action: 'a' }, (run) => {
      kept = run;
    });
    await kept?.touched('/f', { before: null, after: 'x' });
    await kept?.handler('h', () => undefined);
    kept?.cancelRequested('in vain');
    kept?.clientGone();
    expect(stream.events().slice(2)).toEqual([
      'effect.applied',
      'handler.started',
      'handler.completed',
    ]);
    expect(stream.records.slice(2).every((record) => record.payload?.['late'] === true)).toBe(true);
    expect(stream.find('run.completed').payload).not.toHaveProperty('late');
    expect(await warnings.stop()).toEqual(['THROUGHLINE_RUN_SETTLED']);
  });
});

describe('a run’s context', () => {
  it('inside an inbound message stands beside the message’s span, under the sender’s', async () => {
    const { stream, recorder } = memoryRecorder();
    const message = inboundMessage();
    await runInContext(message, async () => {
      await recorder.run({ action: 'a' }, () => undefined);
      await recorder.run({ action: 'b' }, () => undefined);
    });
    const [a, , b] = stream.records;
    for (const record of [a, b]) {
      expect(record).toMatchObject({
        correlation_id: '01KAM8VJ5Q3Z9S0V4T6R8Y2XEW',
        parent_span_id: '00f067aa0ba902b7',
        origin: { front: 'mcp', method: 'tools/call', name: 'lint' },
        links: [{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '1111111111111111' }],
      });
      expect(record?.payload).not.toHaveProperty('root');
      expect(record?.payload).not.toHaveProperty('clock');
    }
    expect(a?.payload?.['rpc']).toEqual({ connection: 'c1', id: 7 });
    expect(b?.payload?.['rpc']).toEqual({ connection: 'c1', id: 7, part: 2 });
    expect(new Set([a?.span_id, b?.span_id, message.spanId]).size).toBe(3);
    expect(a?.wal_run_id).not.toBe(b?.wal_run_id);
  });

  it('without a carrier is a new root and says so', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a' }, () => undefined);
    await runInContext(inboundMessage('invalid', false), () =>
      recorder.run({ action: 'b' }, () => undefined),
    );
    for (const index of [0, 2]) {
      expect(stream.records[index]).not.toHaveProperty('parent_span_id');
      expect(stream.records[index]?.payload).toMatchObject({ root: true });
    }
  });

  it('in a host that was started under a TRACEPARENT has no link to that', async () => {
    const { stream, recorder } = memoryRecorder();
    const before = process.env['TRACEPARENT'];
    process.env['TRACEPARENT'] = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { messageStrategy } = correlated();
    if (before === undefined) delete process.env['TRACEPARENT'];
    else process.env['TRACEPARENT'] = before;
    await new Promise<void>((resolve) => {
      void messageStrategy.handleMessage({ jsonrpc: '2.0', id: 1, method: 'm' } as never, () => {
        void recorder.run({ action: 'a' }, () => undefined).then(resolve);
      });
    });
    expect(stream.find('run.accepted')).not.toHaveProperty('links');
    expect(stream.find('run.accepted').payload).toMatchObject({ root: true, rpc: { id: 1 } });
  });

  it('of a sender whose clock is too far ahead says so', async () => {
    const { stream, recorder } = memoryRecorder();
    await runInContext(inboundMessage('ahead'), () =>
      recorder.run({ action: 'a' }, () => undefined),
    );
    expect(stream.find('run.accepted').payload).toMatchObject({ clock: 'ahead' });
  });

  it('inside another run is that run’s child', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'outer' }, () =>
      recorder.run({ action: 'inner' }, () => undefined),
    );
    const [outer, inner] = stream.records;
    expect(inner?.parent_span_id).toBe(outer?.span_id);
    expect(inner?.correlation_id).toBe(outer?.correlation_id);
  });

  it('inside a run that is its message’s own span is that run’s child', async () => {
    const { stream, recorder } = memoryRecorder();
    const context = inboundMessage();
    await runInContext(context, () =>
      recorder.run({ action: 'outer', context }, () =>
        recorder.run({ action: 'inner' }, () => undefined),
      ),
    );
    const [outer, inner] = stream.records;
    expect(outer).toMatchObject({ span_id: context.spanId, payload: { rpc: { id: 7 } } });
    expect(inner?.parent_span_id).toBe(context.spanId);
    expect(inner?.payload).not.toHaveProperty('rpc');
  });

  it('is the given one when one is given', async () => {
    const { stream, recorder } = memoryRecorder();
    const context = Context.begin({ remote });
    await recorder.run({ action: 'a', context }, (run) => {
      expect(run.context).toBe(context);
      expect(currentContext()).toBe(context);
    });
    expect(stream.records.map((record) => record.span_id)).toEqual([
      context.spanId,
      context.spanId,
    ]);
  });

  it('is a span of its own for each attempt and each handler, ambient inside', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a' }, async (run) => {
      expect(currentContext()).toBe(run.context);
      await run.dispatched({ runner: 'er-1', env: 'dev' }, (attempt) => {
        expect(currentContext()).toBe(attempt.context);
        return run.touched('/in-dispatch', { before: null, after: '' });
      });
      await run.dispatched({ runner: 'er-2', env: 'dev' }, () => undefined);
      await run.dispatched({ runner: 'er-3', env: 'test' }, () => undefined);
      await run.handler('h', async () => {
        await run.touched('/in-handler', { before: null, after: '' });
        await run.dispatched({ runner: 'wm', rpc: { connection: 'c9', id: 'x' } }, () => undefined);
        await run.handler('nested', () => undefined);
      });
    });
    const run = stream.find('run.accepted').span_id;
    const dispatched = stream.records.filter((record) => record.event_type === 'run.dispatched');
    const [handler, nested] = stream.records.filter((r) => r.event_type === 'handler.started');
    const [inDispatch, inHandler] = stream.records.filter((r) => r.event_type === 'effect.applied');
    expect(dispatched.map((record) => record.parent_span_id)).toEqual([
      run,
      run,
      run,
      handler?.span_id,
    ]);
    expect(new Set(dispatched.map((record) => record.span_id)).size).toBe(4);
    expect(dispatched.map((record) => record.payload)).toEqual([
      { attempt: 1, runner: 'er-1', env_name: 'dev' },
      { attempt: 2, runner: 'er-2', env_name: 'dev' },
      { attempt: 1, runner: 'er-3', env_name: 'test' },
      { attempt: 1, runner: 'wm', rpc: { connection: 'c9', id: 'x' } },
    ]);
    expect(handler?.parent_span_id).toBe(run);
    expect(nested?.parent_span_id).toBe(handler?.span_id);
    expect(inDispatch?.span_id).toBe(run);
    expect(inHandler).toMatchObject({ span_id: handler?.span_id, parent_span_id: run });
  });

  it('does not leak between runs at the same time', async () => {
    const { stream, recorder } = memoryRecorder();
    const one = async (n: number): Promise<void> => {
      await recorder.run({ action: `a${n}` }, async (run) => {
        await run.handler('h', async () => {
          await new Promise((resolve) => setTimeout(resolve, n % 5));
          await run.touched(`/f${n}`, { before: null, after: '' });
        });
      });
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(n)));
    for (const effect of stream.records.filter((r) => r.event_type === 'effect.applied')) {
      const [accepted] = stream.records.filter((r) => r.wal_run_id === effect.wal_run_id);
      expect(effect.parent_span_id).toBe(accepted?.span_id);
      expect(effect.payload?.['path']).toBe(accepted?.action_name?.replace('a', '/f'));
    }
  });
});

describe('the first dispatch', () => {
  it('is appended with the acceptance, in one tick, and used by run.dispatched for that runner', async () => {
    const { stream, recorder } = memoryRecorder();
    stream.mode = 'hold';
    const spans: string[] = [];
    const done = recorder.run({ action: 'a', dispatch: { runner: 'er-1' } }, async (run) => {
      for (const runner of ['er-1', 'er-1']) {
        await run.dispatched({ runner }, ({ context }) => spans.push(context.spanId));
      }
    });
    expect(stream.events()).toEqual(['run.accepted', 'run.dispatched']);
    stream.release();
    await done;
    const dispatched = stream.records.filter((record) => record.event_type === 'run.dispatched');
    expect(dispatched.map((record) => record.span_id)).toEqual(spans);
    expect(dispatched.map((record) => record.payload?.['attempt'])).toEqual([1, 2]);
  });
});

describe('durability', () => {
  it('is a barrier for acceptance, dispatch, effect and end; handlers ride along', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a' }, async (run) => {
      await run.dispatched({ runner: 'r' }, () => undefined);
      await run.handler('h', () => run.touched('/f', { before: null, after: '' }));
      run.cancelRequested();
    });
    expect(stream.records.map((record) => `${record.event_type} ${record.durability}`)).toEqual([
      'run.accepted barrier',
      'run.dispatched barrier',
      'handler.started relaxed',
      'effect.applied barrier',
      'handler.completed relaxed',
      'run.cancel_requested relaxed',
      'run.completed barrier',
    ]);
  });

  it.each(['relaxed', 'none'] as const)(
    'is %s throughout when the run asks for that',
    async (durability) => {
      const { stream, recorder } = memoryRecorder();
      await recorder.run({ action: 'hover', durability }, (run) =>
        run.handler('h', () => undefined),
      );
      expect(stream.records.map((record) => record.durability)).toEqual([
        durability,
        durability,
        durability,
        durability,
      ]);
      expect(stream.find('run.accepted').payload).toMatchObject({ durability });
    },
  );
});

describe('what a run keeps of its request', () => {
  it('is a hash of the params and the summary it was given', async () => {
    const { stream, recorder } = memoryRecorder();
    const params = { targets: ['src/a.ts'], options: { fix: true, max: 12 } };
    await recorder.run({ action: 'a', params, summary: { fix: true, files: 1 } }, () => undefined);
    expect(stream.find('run.accepted').payload).toEqual({
      durability: 'barrier',
      params_hash: 'f3f2ffb46705319e60509cb645f6e10f2175c0bdec6cc3f82586726d5349b4d2',
      summary: { fix: true, files: 1 },
      root: true,
    });
    expect(JSON.stringify(stream.records)).not.toContain('src/a.ts');
  });

  it('is no hash when no params are given', async () => {
    const { stream, recorder } = memoryRecorder();
    await recorder.run({ action: 'a', peer: { transport: 'tcp' } }, () => undefined);
    expect(stream.find('run.accepted')).toMatchObject({ peer: { transport: 'tcp' } });
    expect(stream.find('run.accepted').payload).toEqual({ durability: 'barrier', root: true });
  });
});

describe('a stream that fails', () => {
  it.each(['refuse', 'drop'] as const)('(%s) degrades the record, not the host', async (mode) => {
    const { stream, recorder } = memoryRecorder();
    stream.mode = mode;
    const warnings = await collectWarnings();
    const result = await recorder.run({ action: 'a' }, async (run) => {
      await run.touched('/f', { before: null, after: '' });
      return run.dispatched({ runner: 'r' }, () => run.handler('h', () => 'result'));
    });
    await expect(
      recorder.run({ action: 'b' }, () => {
        throw new Error('own');
      }),
    ).rejects.toThrow('own');
    expect(result).toBe('result');
    expect(await warnings.stop()).toEqual(['THROUGHLINE_RECORD_LOST']);
  });

  it('under reject refuses to start a run that it cannot record', async () => {
    const { stream, recorder } = memoryRecorder('reject');
    stream.mode = 'refuse';
    let started = false;
    const run = recorder.run({ action: 'a' }, () => {
      started = true;
    });
    await expect(run).rejects.toMatchObject({ code: 'APPEND_REJECTED' });
    expect(started).toBe(false);
  });

  it('under reject throws the function’s own error rather than the loss of its record', async () => {
    const { stream, recorder } = memoryRecorder('reject');
    const failing = recorder.run({ action: 'a' }, () => {
      stream.mode = 'refuse';
      throw new Error('own');
    });
    await expect(failing).rejects.toThrow('own');
    stream.mode = 'keep';
    const unrecorded = recorder.run({ action: 'b' }, async (run) => {
      stream.mode = 'refuse';
      void run.touched('/f', { before: null, after: '' });
      void run.rejected('X', 'y');
    });
    await expect(unrecorded).rejects.toMatchObject({ code: 'APPEND_REJECTED' });
  });
});

describe('a runner', () => {
  it('gets the root and no request’s id', () => {
    const { recorder } = memoryRecorder();
    const env = { PATH: '/bin', TRACEPARENT: 'x', TRACESTATE: 'y', ...recorder.childEnv() };
    expect(JSON.parse(JSON.stringify(env))).toEqual({
      PATH: '/bin',
      THROUGHLINE_ROOT: '/root-of-test',
    });
  });

  it('is recorded when it starts, fails and stops', () => {
    const { stream, recorder } = memoryRecorder();
    recorder.recordRunner('started', { runner: 'er-1', env: 'dev', pid: 12 });
    recorder.recordRunner('stopped', {
      runner: 'er-1',
      env: 'dev',
      pid: 12,
      exitCode: null,
      signal: 'SIGKILL',
    });
    recorder.recordRunner('failed', { runner: 'er-2', error: new Error('no such file') });
    expect(
      stream.records.map(({ event_type, env_name, payload }) => ({
        event_type,
        env_name,
        payload,
      })),
    ).toEqual([
      {
        event_type: 'runner.started',
        env_name: 'dev',
        payload: { runner: 'er-1', env_name: 'dev', pid: 12 },
      },
      {
        event_type: 'runner.stopped',
        env_name: 'dev',
        payload: { runner: 'er-1', env_name: 'dev', pid: 12, exit_code: null, signal: 'SIGKILL' },
      },
      {
        event_type: 'runner.failed',
        env_name: undefined,
        payload: { runner: 'er-2', error: { class: 'Error', message: 'no such file' } },
      },
    ]);
  });
});
