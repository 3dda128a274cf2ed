/**
 * What the proxy for MCP does to a message: a request, and a notification that has `params`, gets a context in
 * `params._meta`, by bytes. Every call is a root of its own unless it carries a context; nothing else is touched, and
 * nothing that the server says is looked at. Never the envelope: both SDKs refuse a message with a member more there.
 */
import {
  Context,
  extractEnv,
  type Link,
  type Origin,
  type RemoteContext,
  type Trust,
} from '../../src/context/index.js';
import { idKey, outline, splice, type Env, type Outline } from '../../src/protocol/index.js';
import { clientOf, nameOf, requestIdOf } from './mcp-members.js';
import { Recent } from './recent.js';
import type { Tap } from './relay.js';

export interface McpTapOptions {
  /** What a context that a message carries may do. Default `join`: it stays, and is the parent. */
  readonly trust?: Trust | undefined;
  /** Its `TRACEPARENT` becomes a link of every call. */
  readonly env: Env;
}

/** A cancel that comes later than this many requests after its own gets no context. */
const recentMax = 1024;

export function mcpTap(options: McpTapOptions): Tap {
  const caller = new McpCaller(options);
  return {
    client(body) {
      const found = outline(body);
      if (found.kind !== 'request' && found.kind !== 'notification') return body;
      const context = caller.begin(body, found);
      return context === undefined ? body : stampMcp(body, found, context);
    },
  };
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

/** The contexts of one client's messages. */
export class McpCaller {
  readonly #trust: Trust;
  readonly #links: readonly Link[];
  readonly #recent = new Recent<Context>(recentMax);
  #client: string | undefined;

  constructor({ trust = 'join', env }: McpTapOptions) {
    this.#trust = trust;
    const started = extractEnv(env);
    this.#links =
      started === undefined ? [] : [{ traceId: started.traceId, spanId: started.spanId }];
  }

  /** The name the client gave, once it gave one. */
  get client(): string | undefined {
    return this.#client;
  }

  /** The context to put into a request or notification; `undefined` when the one it carries stays. */
  begin(body: Uint8Array, found: Outline): Context | undefined {
    const carried = carriedBy(found);
    if (carried !== undefined && this.#trust === 'join') return undefined;
    return found.kind === 'request'
      ? this.#remember(found, this.start(body, found, carried))
      : this.#notified(body, found, carried);
  }

  /** The context of a new span for this message. */
  start(
    body: Uint8Array,
    found: Outline,
    carried: RemoteContext | undefined = carriedBy(found),
  ): Context {
    this.#client ??= clientOf(body, found);
    const origin: { -readonly [Part in keyof Origin]: Origin[Part] } = { front: 'mcp' };
    if (found.method !== undefined) origin.method = found.method;
    const name = nameOf(body, found);
    if (name !== undefined) origin.name = name;
    if (this.#client !== undefined) origin.client = this.#client;
    return Context.begin({ remote: carried, trust: this.#trust, origin, links: this.#links });
  }

  #remember(found: Outline, context: Context): Context {
    if (found.id !== undefined) this.#recent.add(idKey(found.id), context);
    return context;
  }

  #notified(body: Uint8Array, found: Outline, carried: RemoteContext | undefined): Context {
    const cancelled =
      found.method === 'notifications/cancelled' ? requestIdOf(body, found) : undefined;
    const request = cancelled === undefined ? undefined : this.#recent.take(cancelled);
    return request ?? this.start(body, found, carried);
  }
}

/** What stands elsewhere than in `params._meta` is no context of MCP's. */
export function carriedBy(found: Outline): RemoteContext | undefined {
  return found.carrierPlace === 'params-meta' ? found.carrier : undefined;
}
