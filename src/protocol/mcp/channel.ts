/**
 * One transport's view of contexts: which scope an inbound message runs in, and what an outbound one carries.
 * Pure bookkeeping: it calls no handler, delays nothing, and never changes an object it was given. Nothing here
 * touches the JSON-RPC envelope: both SDKs refuse a frame with an unknown member there, and the peer goes silent.
 */
import {
  Context,
  currentContext,
  extract,
  extractHeaders,
  extractOtel,
  processClock,
  type Link,
  type Origin,
  type RemoteContext,
  type Trust,
} from '../../context/index.js';
import { inboundHttp, isHttpClient, mayPropagate } from './http.js';
import { carrierOf, quoteInto, stampParams } from './meta.js';
import { Pending } from './pending.js';
import { isObject, type CorrelateOptions, type JsonObject } from './types.js';

/** A message as it goes to the transport, and the context that it is sent in. */
export interface Outbound {
  readonly message: unknown;
  readonly options: unknown;
  readonly context: Context | undefined;
}

/** A request of ours: its scope, and the progress token it brought. */
interface Asked {
  readonly context: Context;
  readonly token: string | undefined;
}

const clientInfoKey = 'io.modelcontextprotocol/clientInfo';

export class Channel {
  readonly #options: CorrelateOptions;
  readonly #links: readonly Link[];
  readonly #isHttpClient: boolean;
  readonly #mayPropagate: boolean;
  /** Requests of the peer. Its ids as they are: the answer repeats them exactly. */
  readonly #inbound = new Pending<unknown, Context>();
  /** Requests of ours, by `String(id)`: peers may answer `1` with `"1"`, and both SDKs accept that. */
  readonly #outbound = new Pending<string, Asked>();
  /** The same requests by progress token. */
  readonly #tokens = new Pending<string, Context>();
  #client: string | undefined;

  constructor(transport: object, options: CorrelateOptions, links: readonly Link[]) {
    this.#options = options;
    this.#links = links;
    this.#client = options.client;
    this.#isHttpClient = isHttpClient(transport);
    this.#mayPropagate = mayPropagate(transport, options.propagateTo ?? []);
  }

  /** How many requests are remembered, in both directions. */
  get size(): number {
    return this.#inbound.size + this.#outbound.size + this.#tokens.size;
  }

  /** Forgets everything: the transport was closed. */
  clear(): void {
    this.#inbound.clear();
    this.#outbound.clear();
    this.#tokens.clear();
  }

  /** The scope for an inbound message. `undefined` is a scope too: the one of nobody. */
  scopeOf(message: unknown, extra: unknown): Context | undefined {
    if (!isObject(message)) return undefined;
    const { method, id } = message;
    const params = isObject(message['params']) ? message['params'] : {};
    if (typeof method !== 'string') return this.#settle(keyOf(id), isTask(message['result']));
    if (method === 'notifications/progress') {
      const context = this.#tokens.get(keyOf(params['progressToken']));
      if (context !== undefined) return context;
    }
    if (method === 'notifications/cancelled') {
      const context = this.#inbound.take(params['requestId']);
      if (context !== undefined) return context;
    }
    const context = this.#begin(method, params, extra);
    if (id !== undefined) this.#inbound.add(id, context);
    return context;
  }

  /** An outbound message with what it has to carry. */
  outbound(message: unknown, options: unknown): Outbound {
    if (!isObject(message)) return { message, options, context: undefined };
    const { method, id } = message;
    if (typeof method !== 'string') return this.#answer(message, options);
    const context =
      id === undefined ? this.#notifies(message, options) : this.#asks(method, id, message);
    if (context === undefined || !this.#mayPropagate) return { message, options, context };
    const stamped = stampParams(message, context);
    return { message: stamped, options: this.#withHeaders(stamped, options), context };
  }

  #begin(method: string, params: JsonObject, extra: unknown): Context {
    this.#learnClient(method, params);
    const http = inboundHttp(extra);
    // OpenTelemetry's span of this very HTTP request has continued the header already.
    const local = http === undefined ? undefined : this.#otel();
    const carried = extract(params['_meta']);
    const remote = carried ?? local ?? extractHeaders(http?.headers);
    const isForeign = carried !== undefined || local === undefined;
    const trust = isForeign ? this.#trust(http?.isLoopback) : 'join';
    if (trust === 'join' && remote?.hlc !== undefined) processClock().merge(remote.hlc);
    return this.#start(method, params, remote, trust);
  }

  #start(
    method: string,
    params: JsonObject,
    remote: RemoteContext | undefined,
    trust: Trust,
  ): Context {
    const { name } = params;
    const origin: { -readonly [Part in keyof Origin]: Origin[Part] } = { front: 'mcp', method };
    if (typeof name === 'string') origin.name = name;
    if (this.#client !== undefined) origin.client = this.#client;
    const sampled = this.#options.sampled ?? true;
    return Context.begin({ remote, trust, origin, links: this.#links, sampled });
  }

  #trust(isLoopback: boolean | undefined): Trust {
    if (this.#options.trust !== undefined) return this.#options.trust;
    // What a client may not send its context to, it does not take one from either.
    return this.#mayPropagate && isLoopback !== false ? 'join' : 'link';
  }

  #learnClient(method: string, params: JsonObject): void {
    if (this.#options.client !== undefined) return;
    // Since protocol 2026-07-28 there is no `initialize`; every request says who asks.
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const info = method === 'initialize' ? params['clientInfo'] : meta[clientInfoKey];
    if (isObject(info) && typeof info['name'] === 'string') this.#client = info['name'];
  }

  #asks(method: string, id: unknown, message: JsonObject): Context {
    const params = isObject(message['params']) ? message['params'] : {};
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const context =
      currentContext() ??
      // Outside of every request: a root of its own, or the span of whoever wrote the carrier into `_meta`.
      this.#start(method, params, extract(meta) ?? this.#otel(), 'join');
    const token = meta['progressToken'] === undefined ? undefined : keyOf(meta['progressToken']);
    this.#outbound.add(keyOf(id), { context, token });
    if (token !== undefined) this.#tokens.add(token, context);
    return context;
  }

  #notifies(message: JsonObject, options: unknown): Context | undefined {
    const params = isObject(message['params']) ? message['params'] : {};
    if (message['method'] === 'notifications/cancelled') {
      const context = this.#settle(keyOf(params['requestId']), false);
      if (context !== undefined) return context;
    }
    const related = isObject(options) ? options['relatedRequestId'] : undefined;
    return currentContext() ?? (related === undefined ? undefined : this.#inbound.get(related));
  }

  #answer(message: JsonObject, options: unknown): Outbound {
    const context = this.#inbound.take(message['id']);
    return {
      message: context === undefined ? message : quoteInto(message, context),
      options,
      context,
    };
  }

  #settle(id: string, keepsToken: boolean): Context | undefined {
    const asked = this.#outbound.take(id);
    if (asked?.token !== undefined && !keepsToken) this.#tokens.take(asked.token);
    return asked?.context;
  }

  #withHeaders(message: JsonObject, options: unknown): unknown {
    const carrier = this.#isHttpClient ? carrierOf(message) : undefined;
    if (carrier === undefined) return options;
    // SDK 2 sends these; SDK 1 does not look at them (`correlatedFetch` does it there).
    const given = isObject(options) ? options : {};
    const headers = isObject(given['headers']) ? given['headers'] : {};
    return { ...given, headers: { ...carrier, ...headers } };
  }

  #otel(): RemoteContext | undefined {
    return this.#options.otel === undefined ? undefined : extractOtel(this.#options.otel);
  }
}

/** Peers and SDKs treat `1` and `"1"` as one id of ours. */
function keyOf(id: unknown): string {
  return String(id);
}

/** A task's progress goes on after the answer that names it. */
function isTask(result: unknown): boolean {
  return isObject(result) && isObject(result['task']);
}
