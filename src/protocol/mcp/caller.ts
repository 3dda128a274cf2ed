/**
 * The contexts that an MCP client's messages get on their way to a server, and how they get them: in `params._meta`, by
 * bytes. Never in the envelope: both SDKs refuse a message with a member more there, and the server goes silent.
 */
import {
  Context,
  extractEnv,
  type Link,
  type Origin,
  type RemoteContext,
  type Trust,
} from '../../context/index.js';
import type { Env } from '../inbound.js';
import { idKey, type Outline } from '../outline-types.js';
import { splice } from '../splice.js';
import { clientOf, nameOf, requestIdOf } from './members.js';
import { Recent } from './recent.js';

export interface McpCallerOptions {
  /** What a context that a message carries may do. Default `join`: it stays, and is the parent. */
  readonly trust?: Trust | undefined;
  /** Its `TRACEPARENT` becomes a link of every call. */
  readonly env: Env;
}

/** The message with the context in `params._meta`, or the same array where there is no place for it. */
export function stampMcp(body: Uint8Array, found: Outline, context: Context): Uint8Array {
  return splice(body, found, 'params-meta', context, {
    notifications: true,
    // Every request of MCP takes params; of its notifications not every one does.
    createParams: found.kind === 'request',
    replace: true,
  });
}

/** A cancel of an older request has a context of its own. What is kept, every garbage collection copies. */
const recentMax = 256;

/** The contexts of one client's messages. */
export class McpCaller {
  readonly #trust: Trust;
  readonly #links: readonly Link[];
  /** The newest requests, answered or not: nobody here looks at answers, and a cancel may cross one. */
  readonly #recent = new Recent<Context>(recentMax);
  #client: string | undefined;

  constructor({ trust = 'join', env }: McpCallerOptions) {
    this.#trust = trust;
    const started = extractEnv(env);
    this.#links =
      started === undefined ? [] : [{ traceId: started.traceId, spanId: started.spanId }];
  }

  /** The context to put into a request or notification; `undefined` when the one it carries stays. */
  begin(body: Uint8Array, found: Outline): Context | undefined {
    const isCarried = this.#trust === 'join' && carriedBy(found) !== undefined;
    if (!isCarried) return this.own(body, found);
    this.#client ??= clientOf(body, found);
    return undefined;
  }

  /** A context of its own for a request or notification, caused by the one it carries: for a hop with a span. */
  own(body: Uint8Array, found: Outline): Context {
    if (found.kind === 'notification') {
      return this.#cancelled(body, found) ?? this.#start(body, found);
    }
    const context = this.#start(body, found);
    if (found.id !== undefined) this.#recent.add(idKey(found.id), context);
    return context;
  }

  /** A cancel belongs to what it cancels. */
  #cancelled(body: Uint8Array, found: Outline): Context | undefined {
    if (found.method !== 'notifications/cancelled') return undefined;
    const id = requestIdOf(body, found);
    return id === undefined ? undefined : this.#recent.take(id);
  }

  #start(body: Uint8Array, found: Outline): Context {
    this.#client ??= clientOf(body, found);
    const origin: { -readonly [Part in keyof Origin]: Origin[Part] } = { front: 'mcp' };
    if (found.method !== undefined) origin.method = found.method;
    const name = nameOf(body, found);
    if (name !== undefined) origin.name = name;
    if (this.#client !== undefined) origin.client = this.#client;
    const remote = carriedBy(found);
    return Context.begin({ remote, trust: this.#trust, origin, links: this.#links });
  }
}

/** What stands elsewhere than in `params._meta` is no context of MCP's. */
export function carriedBy(found: Outline): RemoteContext | undefined {
  return found.carrierPlace === 'params-meta' ? found.carrier : undefined;
}
