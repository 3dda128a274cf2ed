/** Connection options for `createMessageConnection`. */
import {
  connectionOptions,
  inbound,
  origins,
  scopedStrategy,
  type ConnectionOptions,
  type InboundOptions,
  type UserStrategies,
} from '../../src/protocol/index.js';

export interface CorrelatedOptions extends InboundOptions, UserStrategies {
  /**
   * For a front: the kind of front it is, said of every message as `origin`. A workspace manager or runner leaves it
   * out and keeps what the sender said. Only a front's requests are linked to its environment without asking.
   */
  readonly front?: string | undefined;
  /** For a front: the program in front of it. */
  readonly client?: string | undefined;
}

/**
 * Options for `createMessageConnection(reader, writer, logger, options)`: each inbound request and notification runs
 * in the context it carries, or in a fresh one; cancellation listeners run in their request's. Your own strategies go
 * in here and are called as before. One result may serve several connections.
 */
export function correlated(options: CorrelatedOptions = {}): ConnectionOptions {
  // A host's own environment is a cause of the process and of no request: it stands in its stream's header alone.
  const { front, client } = options;
  const env = options.env ?? (front === undefined ? {} : process.env);
  const originOf = front === undefined ? undefined : origins(front);
  const messages = inbound({ ...options, env });
  const strategy = scopedStrategy({
    connect: (connection) => connection,
    contextOf: (call, connection) =>
      messages.begin(call, connection.name, originOf?.(call.method, client)),
    inner: options.messageStrategy,
    maxParallelism: options.maxParallelism,
  });
  return connectionOptions(strategy, options);
}
