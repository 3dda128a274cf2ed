/** Connection options for vscode-languageserver's `createConnection`. */
import {
  connectionOptions,
  inbound,
  scopedStrategy,
  type ConnectionOptions,
  type InboundOptions,
  type ScopedStrategy,
  type UserStrategies,
} from '../../src/protocol/index.js';
import { EditorSession } from './editor-session.js';
import { watchMinted } from './show-ids.js';

export interface CorrelatedOptions extends InboundOptions, UserStrategies {
  /** The editor's name. Default: `clientInfo.name` of its `initialize`. */
  readonly client?: string | undefined;
}

/**
 * Options for `createConnection(ProposedFeatures.all, correlated())`: each request and notification of the editor runs
 * in a scope of its own, whose id is minted when it is first needed; cancellation listeners run in their request's.
 * Starting up, shutting down and configuration run in a scope of the connection. Your own strategies go in here and
 * are called as before.
 */
export function correlated(options: CorrelatedOptions = {}): ConnectionOptions {
  const messages = inbound(options);
  const strategy: ScopedStrategy = scopedStrategy({
    connect: ({ name }) => new EditorSession(name, messages, options),
    contextOf: (call, session) => session.contextOf(call),
    watch: (call, context) => watchMinted(strategy, call, context),
    inner: options.messageStrategy,
    maxParallelism: options.maxParallelism,
  });
  return connectionOptions(strategy, options);
}
