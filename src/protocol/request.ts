/**
 * Which inbound message a context was begun for. Not one of the context's own members: a context says what travels,
 * this says what the host saw. It hangs on the context by a symbol that every copy of this module in a process has;
 * a WeakMap with an entry for each message made the garbage collector's work the dearest part of a small request.
 */
import type { Context, Merge, RemoteContext } from '../context/index.js';

/** What is known of the message that a context was begun for. */
export interface RequestInfo {
  readonly method: string;
  /** The JSON-RPC id; `undefined` for a notification. 1 and "1" are two ids. */
  readonly rpcId: string | number | undefined;
  /** Names the connection within this process. */
  readonly connection: string;
  /** What the message carried, if it carried something that could be read. */
  readonly remote?: RemoteContext;
  /** What our clock made of the sender's reading; `invalid` when none came. */
  readonly clock: Merge;
}

const key = Symbol.for('throughline.request/1');
const connectionsKey = Symbol.for('throughline.connections/1');

/** The message that `context` was begun for; `undefined` for every other context, a child's included. */
export function requestOf(context: Context | undefined): RequestInfo | undefined {
  return (context as { readonly [key]?: RequestInfo } | undefined)?.[key];
}

/** Notes that `context` was begun for this message. For adapters. */
export function rememberRequest(context: Context, info: RequestInfo): void {
  (context as { [key]?: RequestInfo })[key] = info;
}

/** A name for a connection that no other connection of this process has. For adapters. */
export function nameConnection(): string {
  const shared = globalThis as { [connectionsKey]?: number };
  const count = (shared[connectionsKey] ?? 0) + 1;
  shared[connectionsKey] = count;
  return `c${count}`;
}
