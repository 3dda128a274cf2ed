/** Puts a scoped message strategy and its cancellation into what `createMessageConnection` takes. */
import { scopedCancellation } from './cancellation.js';
import type { ScopedStrategy } from './strategy.js';
import type {
  AnyCancellationStrategy,
  CancellationStrategy,
  JsonRpcMessage,
  JsonRpcResponse,
  MessageStrategy,
} from './types.js';

/** The user's own connection options; they are composed with, never replaced. */
export interface UserStrategies {
  /** Runs inside the scope of each message. */
  readonly messageStrategy?: MessageStrategy | undefined;
  readonly cancellationStrategy?: AnyCancellationStrategy | undefined;
  readonly connectionStrategy?: ConnectionStrategy | undefined;
  readonly maxParallelism?: number | undefined;
}

export interface ConnectionStrategy {
  cancelUndispatched?(
    message: JsonRpcMessage,
    next: (message: JsonRpcMessage) => JsonRpcResponse | undefined,
  ): JsonRpcResponse | undefined;
}

/** Fits vscode-jsonrpc's own `ConnectionOptions`. */
export interface ConnectionOptions {
  messageStrategy: MessageStrategy;
  cancellationStrategy: CancellationStrategy;
  connectionStrategy?: ConnectionStrategy;
  maxParallelism?: number;
}

export function connectionOptions(
  strategy: ScopedStrategy,
  user: UserStrategies,
): ConnectionOptions {
  const { connectionStrategy, maxParallelism } = user;
  return {
    messageStrategy: strategy,
    cancellationStrategy: scopedCancellation(user.cancellationStrategy, strategy.isUsed),
    ...(connectionStrategy === undefined ? {} : { connectionStrategy }),
    ...(maxParallelism === undefined ? {} : { maxParallelism }),
  };
}
