/**
 * Which inbound message a context was begun for. Kept beside the context, not in it: a context says what travels,
 * this says what the host saw. Shared by every copy of this module in a process; nothing is kept alive by it.
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

interface Shared {
  readonly requests: WeakMap<Context, RequestInfo>;
  connections: number;
}

const key = Symbol.for('throughline.requests/1');

function shared(): Shared {
  const holder = globalThis as { [key]?: Shared };
  holder[key] ??= { requests: new WeakMap(), connections: 0 };
  return holder[key];
}

/** The message that `context` was begun for; `undefined` for every other context, a child's included. */
export function requestOf(context: Context | undefined): RequestInfo | undefined {
  return context === undefined ? undefined : shared().requests.get(context);
}

/** Notes that `context` was begun for this message. For adapters. */
export function rememberRequest(context: Context, info: RequestInfo): void {
  shared().requests.set(context, info);
}

/** A name for a connection that no other connection of this process has. For adapters. */
export function nameConnection(): string {
  shared().connections += 1;
  return `c${shared().connections}`;
}
