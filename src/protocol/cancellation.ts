/**
 * Cancellation in the scope of the request that is cancelled. A `$/cancelRequest` is handled in the reader's turn, in
 * no scope or a neighbour's; here its listeners, and what they send on, belong to the request they were made for.
 */
import { currentContext, runInContext, ThroughlineError, type Context } from '../context/index.js';
import { ScopedTokenSource } from './scoped-token.js';
import type {
  AnyCancellationStrategy,
  CancellationReceiver,
  CancellationSender,
  CancellationStrategy,
  CancellationTokenSource,
} from './types.js';

/**
 * A cancellation strategy around the user's own, if there is one. `isUsed` tells whether the message strategy was
 * ever called: if a request gets here without, the library is too old to know message strategies, and every id would
 * be silently missing. Then the first request throws `CONNECTION_UNSUPPORTED`.
 */
export function scopedCancellation(
  inner: AnyCancellationStrategy | undefined,
  isUsed: () => boolean,
): CancellationStrategy {
  return {
    receiver: scopedReceiver(inner?.receiver, isUsed),
    sender: inner?.sender ?? plainSender,
  };
}

function scopedReceiver(
  inner: AnyCancellationStrategy['receiver'] | undefined,
  isUsed: () => boolean,
): CancellationReceiver {
  const receiver = {
    createCancellationTokenSource(key: string | number): CancellationTokenSource {
      if (!isUsed()) throw unsupported();
      const context = currentContext();
      if (inner === undefined) return new ScopedTokenSource(context);
      return scopedSource(inner.createCancellationTokenSource(key), context);
    },
    dispose: () => inner?.dispose?.(),
  };
  // Libraries that know no `kind` take a receiver without one; so it is there only if the user's had it.
  return inner?.kind === undefined
    ? receiver
    : Object.assign(receiver, { kind: inner.kind as 'id' });
}

function scopedSource(
  source: CancellationTokenSource,
  context: Context | undefined,
): CancellationTokenSource {
  return {
    get token() {
      return source.token;
    },
    cancel: () => runInContext(context, () => source.cancel()),
    dispose: () => source.dispose(),
  };
}

/** What vscode-jsonrpc does by default. */
const plainSender: CancellationSender = {
  sendCancellation: (connection, id) => connection.sendNotification('$/cancelRequest', { id }),
  cleanup: () => undefined,
};

function unsupported(): ThroughlineError {
  return new ThroughlineError(
    'CONNECTION_UNSUPPORTED',
    'This connection does not call the messageStrategy of correlated(): vscode-jsonrpc 8.1 (vscode-languageserver 8.1) or newer is needed',
  );
}
