/**
 * The message strategy: the one public point of vscode-jsonrpc that runs inside the queue's turn, so the one where a
 * burst keeps its ids apart. It is synchronous up to `next` (awaiting would reorder messages) and fails in no way of its
 * own or of a user's strategy (with limited parallelism a rejection wedges the connection for ever).
 */
import { Context, runInContext } from '../context/index.js';
import { callOf, type InboundCall } from './call.js';
import { nameConnection } from './request.js';
import { followResponse } from './response-clock.js';
import type { JsonRpcMessage, MessageStrategy } from './types.js';

type Next = (message: JsonRpcMessage) => void | Promise<void>;

/** One connection: the same object for all of its messages. */
export interface Connection {
  readonly name: string;
}

export interface StrategyOptions<State extends Connection> {
  /** Called once for each connection. */
  readonly connect: (connection: Connection) => State;
  /** The context that a call runs in. */
  readonly contextOf: (call: InboundCall, connection: State) => Context;
  /** Called with each call that starts; what it returns is called when the call's handler has settled. */
  readonly watch?: (call: InboundCall, context: Context) => (() => void) | undefined;
  /** The user's own strategy; it runs inside the scope. */
  readonly inner?: MessageStrategy | undefined;
  /** The connection's own option: -1 or none is unlimited. */
  readonly maxParallelism?: number | undefined;
}

export interface ScopedStrategy extends MessageStrategy {
  /** Whether the library has called it at least once. */
  readonly isUsed: () => boolean;
}

export function scopedStrategy<State extends Connection>(
  options: StrategyOptions<State>,
): ScopedStrategy {
  const { inner, maxParallelism = -1 } = options;
  // What the library itself fails with it reports by itself, unless it counts what is in flight: then it stops for ever.
  const isContained = inner !== undefined || maxParallelism !== -1;
  // The library hands every message of a connection the same `next`, and two connections never share one.
  const connections = new WeakMap<Next, State>();
  let isUsed = false;

  const connectionOf = (next: Next): State => {
    let connection = connections.get(next);
    if (connection === undefined) {
      connection = options.connect({ name: nameConnection() });
      connections.set(next, connection);
    }
    return connection;
  };

  const handleCall = (message: JsonRpcMessage, call: InboundCall, next: Next): Handled => {
    const context = contextFor(options, call, connectionOf(next));
    const settled = options.watch?.(call, context);
    if (!isContained && settled === undefined) {
      // Nothing of ours can fail here. Containing costs one more promise for each message.
      return runInContext(context, () => next(message));
    }
    // A user's strategy may queue; what it passes on later is still this message.
    const deliver: Next = (passed) => runInContext(context, () => next(passed));
    const handled = contain(
      () =>
        inner === undefined
          ? deliver(message)
          : runInContext(context, () => inner.handleMessage(message, deliver)),
      inner !== undefined,
    );
    if (settled === undefined) return handled;
    return contain(() => (handled === undefined ? settled() : handled.then(settled)), false);
  };

  return {
    isUsed: () => isUsed,
    handleMessage(message, next) {
      isUsed = true;
      const call = readCall(message);
      if (call !== undefined) return handleCall(message, call, next);
      if (!isContained) return next(message);
      return contain(
        () => (inner === undefined ? next(message) : inner.handleMessage(message, next)),
        inner !== undefined,
      );
    },
  };
}

type Handled = void | Promise<void>;

function readCall(message: JsonRpcMessage): InboundCall | undefined {
  try {
    const call = callOf(message);
    if (call === undefined) followResponse(message);
    return call;
  } catch {
    return undefined;
  }
}

/** Whatever is wrong with a message or its carrier, it runs in a scope of its own: never in a neighbour's. */
function contextFor<State extends Connection>(
  options: StrategyOptions<State>,
  call: InboundCall,
  connection: State,
): Context {
  try {
    return options.contextOf(call, connection);
  } catch {
    return Context.begin();
  }
}

/**
 * Runs `handle` and keeps its failure from the library. What `next` fails with is a writer's failure, which the
 * connection reports by itself; what a user's strategy fails with would be lost, so it is printed.
 */
function contain(
  handle: () => void | Promise<void>,
  isReported: boolean,
): undefined | Promise<void> {
  const failed = (error: unknown): void => {
    if (isReported)
      console.error('throughline: the messageStrategy given to correlated() failed:', error);
  };
  try {
    const result = handle();
    return typeof result?.then === 'function' ? result.then(undefined, failed) : undefined;
  } catch (error) {
    failed(error);
    return undefined;
  }
}
