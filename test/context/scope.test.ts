import { EventEmitter, once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Context, bind, currentContext, links, runInContext } from '../../src/context/index.js';
import { processClock } from '../../src/context/clock.js';
import { setProcessContext } from '../../src/context/scope.js';

describe('the ambient scope', () => {
  test('reaches through awaits and timers, and ends with run', async () => {
    const context = Context.begin();
    expect(currentContext()).toBeUndefined();
    const seen = await runInContext(context, async () => {
      await immediate();
      return currentContext();
    });
    expect(seen).toBe(context);
    expect(currentContext()).toBeUndefined();
  });

  test('does not leak from one message into the next, not even after a throw', async () => {
    const contexts = Array.from({ length: 50 }, () => Context.begin());
    const seen = await Promise.all(
      contexts.map((context, index) =>
        runInContext(context, async () => {
          for (let round = 0; round <= index % 5; round += 1) await immediate();
          return currentContext();
        }),
      ),
    );
    expect(seen).toEqual(contexts);
    expect(() =>
      runInContext(contexts[0], () => {
        throw new Error('the handler’s own');
      }),
    ).toThrow('the handler’s own');
    expect(currentContext()).toBeUndefined();
  });

  test('is left by running in none', () => {
    runInContext(Context.begin(), () => {
      runInContext(undefined, () => expect(currentContext()).toBeUndefined());
      expect(currentContext()).toBeDefined();
    });
  });
});

describe('the context of a one-shot process', () => {
  test('holds wherever no request was entered, and nowhere else', async () => {
    const [whole, request] = [Context.begin(), Context.begin()];
    const early = new Promise<Context | undefined>((resolve) => {
      setImmediate(() => resolve(currentContext()));
    });
    setProcessContext(whole);
    try {
      expect(currentContext()).toBe(whole);
      // Code that was on its way before the context was known is part of the process too.
      expect(await early).toBe(whole);
      expect(runInContext(request, currentContext)).toBe(request);
      // Entered with none is not the same as never entered.
      expect(runInContext(undefined, currentContext)).toBeUndefined();
      await runInContext(undefined, async () => {
        await immediate();
        expect(currentContext()).toBeUndefined();
      });
      expect(links().run(currentContext)).toBeUndefined();
    } finally {
      setProcessContext(undefined);
    }
    expect(currentContext()).toBeUndefined();
  });
});

describe('bind', () => {
  test('calls in the context it was made in, whoever calls', async () => {
    const [mine, theirs] = [Context.begin(), Context.begin()];
    const emitter = new EventEmitter();
    let seen: Context | undefined;
    runInContext(mine, () => {
      emitter.on(
        'change',
        bind(() => (seen = currentContext())),
      );
    });
    const changed = once(emitter, 'change');
    runInContext(theirs, () => emitter.emit('change'));
    await changed;
    expect(seen).toBe(mine);
  });

  test('made outside of any request calls outside of any', () => {
    const bound = bind(() => currentContext());
    expect(runInContext(Context.begin(), bound)).toBeUndefined();
  });

  test('passes arguments, result, errors and this', () => {
    const holder = { base: 10, add: bind(addToBase) };
    expect(holder.add(1, 2)).toBe(13);
    const fails = bind(() => {
      throw new TypeError('its own');
    });
    expect(fails).toThrow(TypeError);
  });
});

function addToBase(this: { readonly base: number }, one: number, other: number): number {
  return this.base + one + other;
}

describe('links', () => {
  test('of nothing runs in no context, whatever the caller runs in', () => {
    runInContext(Context.begin(), () => {
      expect(links().run(currentContext)).toBeUndefined();
    });
  });

  test('of one runs in that one', () => {
    const cause = Context.begin();
    const collector = links();
    expect(collector.add(cause)).toBe(1);
    expect(collector.add(cause)).toBe(1);
    expect(collector.run(currentContext)).toBe(cause);
  });

  test('of several runs in a new root that links to all of them, in order', () => {
    const causes = [Context.begin({ origin: { front: 'lsp' } }), Context.begin(), Context.begin()];
    const collector = links();
    for (const cause of causes) runInContext(cause, () => collector.add());
    const context = collector.run(currentContext)!;
    expect(context.isRoot).toBe(true);
    expect(context.links).toEqual(causes.map((cause) => cause.asLink()));
    expect(causes.map((cause) => cause.traceId)).not.toContain(context.traceId);
    expect(context.origin).toEqual({ front: 'lsp' });
  });

  test('is empty after run', () => {
    const collector = links();
    collector.add(Context.begin());
    collector.run(() => undefined);
    expect(collector.run(currentContext)).toBeUndefined();
  });

  test('keeps the first 32', () => {
    const causes = Array.from({ length: 33 }, () => Context.begin());
    const collector = links({ front: 'watch' });
    const counts = causes.map((cause) => collector.add(cause));
    expect(counts.slice(-2)).toEqual([32, 32]);
    const context = collector.run(currentContext)!;
    expect(context.links).toEqual(causes.slice(0, 32).map((cause) => cause.asLink()));
    expect(context.origin).toEqual({ front: 'watch' });
  });

  test('counts nothing where there is no context', () => {
    expect(links().add()).toBe(0);
  });
});

describe('two copies of the module in one process', () => {
  test('share the scope and the clock', async () => {
    // The package's own build beside its source: to the module loader two unrelated modules.
    const name = '../../dist/src/context/index.js';
    const other = (await import(name)) as typeof import('../../src/context/index.js');
    expect(other.Context).not.toBe(Context);
    expect(other.processClock()).toBe(processClock());
    const context = Context.begin();
    runInContext(context, () => {
      expect(other.currentContext()).toBe(context);
      expect(other.logFields()).toEqual({
        correlation_id: context.correlationId,
        trace_id: context.traceId,
        span_id: context.spanId,
        trace_flags: '03',
      });
      expect(other.inject(context).traceparent).toBe(context.traceparent);
    });
    const first = processClock().tick();
    const second = other.processClock().tick();
    expect(second > first).toBe(true);
  });
});
