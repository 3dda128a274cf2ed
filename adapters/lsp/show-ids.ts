/**
 * Ids for the person at the editor: with `$/setTrace` on, a `$/logTrace` after each request that was given an id. The
 * specification made that notification for such things; no other message is touched.
 */
import type { Context } from '../../src/context/index.js';
import type { ConnectionOptions, InboundCall } from '../../src/protocol/index.js';

/** The part of a vscode-languageserver connection that is used. Its tracer is silent while trace is off. */
export interface TracedConnection {
  readonly tracer: { log(message: string, verbose?: string): void };
}

const connections = new WeakMap<object, TracedConnection>();

/**
 * Shows "textDocument/hover → 01K…" on this connection's trace for every message that a minted id was needed for.
 * `options` is what `correlated` returned and the connection was created with.
 */
export function showIds(
  options: Pick<ConnectionOptions, 'messageStrategy'>,
  connection: TracedConnection,
): void {
  connections.set(options.messageStrategy, connection);
}

/** What to do when this call has settled; nothing when nobody asked to see ids or the id is not news. */
export function watchMinted(
  strategy: object,
  call: InboundCall,
  context: Context,
): (() => void) | undefined {
  const connection = connections.get(strategy);
  if (connection === undefined || context.isMinted) return undefined;
  return () => {
    if (!context.isMinted) return;
    const name = context.origin?.name;
    const what = name === undefined ? call.method : `${call.method} ${name}`;
    connection.tracer.log(`${what} → ${context.correlationId}`, context.traceparent);
  };
}
