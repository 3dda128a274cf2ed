import { afterEach, describe, expect, test, vi } from 'vitest';
import { Context, currentContext, runInContext } from '../../src/context/index.js';
import { correlated } from '../../adapters/json-rpc/index.js';
import type { CorrelatedOptions } from '../../adapters/json-rpc/index.js';

afterEach(() => vi.restoreAllMocks());

/** The source that the library would make for a request of `context`. */
function sourceIn(context: Context | undefined, options: CorrelatedOptions = {}) {
  const { messageStrategy, cancellationStrategy } = correlated({ env: {}, ...options });
  void messageStrategy.handleMessage({ jsonrpc: '2.0' }, () => undefined);
  return runInContext(context, () =>
    cancellationStrategy.receiver.createCancellationTokenSource(1),
  );
}

describe('a cancellation token', () => {
  test('calls each listener once, in the scope of its request, whoever cancels', () => {
    const own = Context.begin();
    const source = sourceIn(own);
    const seen: unknown[] = [];
    runInContext(own, () =>
      source.token.onCancellationRequested(() => seen.push(currentContext())),
    );
    source.token.onCancellationRequested(() => seen.push(currentContext()));
    expect(source.token.isCancellationRequested).toBe(false);
    runInContext(Context.begin(), () => {
      source.cancel();
      source.cancel();
    });
    expect(source.token.isCancellationRequested).toBe(true);
    expect(seen).toEqual([own, own]);
  });

  test('keeps a listener in the span of the same request that registered it', () => {
    const own = Context.begin();
    const attempt = own.child();
    const source = sourceIn(own);
    const seen: unknown[] = [];
    runInContext(attempt, () =>
      source.token.onCancellationRequested(() => seen.push(currentContext())),
    );
    runInContext(Context.begin(), () =>
      source.token.onCancellationRequested(() => seen.push(currentContext())),
    );
    source.cancel();
    expect(seen).toEqual([attempt, own]);
  });

  test('calls a listener that comes late, after it has its registration', async () => {
    const own = Context.begin();
    const source = sourceIn(own);
    source.cancel();
    const seen: unknown[] = [];
    source.token.onCancellationRequested(() => seen.push(currentContext()));
    const disposed = source.token.onCancellationRequested(() => seen.push('disposed'));
    disposed.dispose();
    expect(seen).toEqual([]);
    await expect.poll(() => seen).toEqual([own]);
  });

  test('honours this-arguments, disposables and disposal', () => {
    const source = sourceIn(undefined);
    const disposables: { dispose(): void }[] = [];
    const seen: unknown[] = [];
    source.token.onCancellationRequested(
      function (this: unknown) {
        seen.push(this);
      },
      'me',
      disposables,
    );
    source.token.onCancellationRequested(() => seen.push('gone')).dispose();
    expect(disposables).toHaveLength(1);
    source.cancel();
    expect(seen).toEqual(['me']);
    const forgotten = sourceIn(undefined);
    forgotten.token.onCancellationRequested(() => seen.push('forgotten'));
    forgotten.dispose();
    forgotten.cancel();
    expect(seen).toEqual(['me']);
  });

  test('goes on with the next listener when one throws', () => {
    const report = vi.spyOn(console, 'error').mockReturnValue();
    const source = sourceIn(undefined);
    const seen: unknown[] = [];
    source.token.onCancellationRequested(() => {
      throw new Error('mine');
    });
    source.token.onCancellationRequested(() => seen.push('next'));
    source.cancel();
    expect(seen).toEqual(['next']);
    expect(report).toHaveBeenCalledTimes(1);
  });
});

describe("a user's own cancellation strategy", () => {
  test('makes the sources; cancelling runs in the scope of the request', () => {
    const keys: unknown[] = [];
    const seen: unknown[] = [];
    const token = {
      isCancellationRequested: false,
      onCancellationRequested: () => ({ dispose() {} }),
    };
    const sender = { sendCancellation: () => Promise.resolve(), cleanup: () => undefined };
    const receiver = {
      kind: 'request' as const,
      createCancellationTokenSource(key: unknown) {
        keys.push(key);
        return {
          token,
          cancel: () => seen.push(currentContext()),
          dispose: () => seen.push('disposed'),
        };
      },
    };
    const { messageStrategy, cancellationStrategy } = correlated({
      env: {},
      cancellationStrategy: { receiver, sender },
    });
    void messageStrategy.handleMessage({ jsonrpc: '2.0' }, () => undefined);
    const own = Context.begin();
    const source = runInContext(own, () =>
      cancellationStrategy.receiver.createCancellationTokenSource(5),
    );
    expect(cancellationStrategy.sender).toBe(sender);
    expect(cancellationStrategy.receiver.kind).toBe('request');
    expect(source.token).toBe(token);
    source.cancel();
    source.dispose();
    expect(keys).toEqual([5]);
    expect(seen).toEqual([own, 'disposed']);
  });

  test('is not given a kind it has not', () => {
    expect('kind' in correlated().cancellationStrategy.receiver).toBe(false);
  });
});
