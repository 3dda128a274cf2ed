/** The context of one inbound call: what the message carried continued, or a fresh scope; never the ambient one. */
import {
  Context,
  extractEnv,
  extractMessage,
  processClock,
  type Link,
  type Origin,
  type RemoteContext,
  type Trust,
} from '../context/index.js';
import type { InboundCall } from './call.js';
import { rememberRequest } from './request.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Options common to adapters that receive messages. */
export interface InboundOptions {
  /** What to do with a context that a message carries. Default `join`. */
  readonly trust?: Trust | undefined;
  /** The environment the process was started under: its context becomes a link. Default `process.env`. */
  readonly env?: Env | undefined;
  /** Whether new roots are sampled. Default true. */
  readonly sampled?: boolean | undefined;
  /** Reads the context of a message that carries it elsewhere. Default: the four known places. */
  readonly extract?: ((message: unknown) => RemoteContext | undefined) | undefined;
}

export interface Inbound {
  /** The links of every context begun here. */
  readonly links: readonly Link[];
  /** Begins the context of a call. */
  begin(call: InboundCall, connection: string, origin: Origin | undefined): Context;
  /** What the call carries, if that can be read. */
  extract(call: InboundCall): RemoteContext | undefined;
}

export function inbound(options: InboundOptions): Inbound {
  const { trust = 'join', env = process.env, sampled = true, extract = extractMessage } = options;
  const started = extractEnv(env);
  const links: readonly Link[] =
    started === undefined ? [] : [{ traceId: started.traceId, spanId: started.spanId }];
  const read = (call: InboundCall): RemoteContext | undefined => {
    try {
      return trust === 'ignore' ? undefined : extract(call);
    } catch {
      // Unreadable means a new root, never a failed request.
      return undefined;
    }
  };
  return {
    links,
    extract: read,
    begin(call, connection, origin) {
      const remote = read(call);
      const context = Context.begin({ remote, trust, origin, links, sampled });
      const { method, id: rpcId } = call;
      if (remote === undefined) {
        rememberRequest(context, { method, rpcId, connection, clock: 'invalid' });
        return context;
      }
      // Only a peer whose context we join may move our clock.
      const clock = trust === 'join' ? processClock().merge(remote.hlc) : 'invalid';
      rememberRequest(context, { method, rpcId, connection, clock, remote });
      return context;
    },
  };
}
