/**
 * One transport's view of contexts: which scope an inbound message runs in, and what an outbound one carries.
 * Pure bookkeeping: it calls no handler, delays nothing, and never changes an object it was given. Nothing here
 * touches the JSON-RPC envelope: both SDKs refuse a frame with an unknown member there, and the peer goes silent.
 */
import { currentContext, extract, type Context, type Link } from '../../context/index.js';
import { nameConnection, rememberRequest } from '../request.js';
import { Beginner, type Begun } from './begin.js';
import { isHttpClient, mayPropagate } from './http.js';
import { carrierOf, quoteInto, stampParams } from './meta.js';
import { Pending } from './pending.js';
import type { RequestState } from './request-state.js';
import { isObject, type CorrelateOptions, type JsonObject, type Watcher } from './types.js';

/** A message as it is handed on, and the context that this happens in; `undefined` is a scope too: nobody's. */
export interface Passed {
  readonly message: unknown;
  readonly context: Context | undefined;
}

/** A message as it goes to the transport. */
export interface Outbound extends Passed {
  readonly options: unknown;
}

/** A request of ours: its scope, and the progress token it brought. */
interface Asked {
  readonly context: Context;
  readonly token: string | undefined;
}

/** What the channels of one server or client share. */
export interface Shared {
  readonly links: readonly Link[];
  readonly state: RequestState;
  readonly watcher: () => Watcher | undefined;
}

export class Channel {
  readonly #beginner: Beginner;
  readonly #shared: Shared;
  readonly #isHttpClient: boolean;
  readonly #mayPropagate: boolean;
  /** Requests of the peer. Its ids as they are: the answer repeats them exactly. */
  readonly #inbound = new Pending<unknown, Context>();
  /** Requests of ours, by `String(id)`: peers may answer `1` with `"1"`, and both SDKs accept that. */
  readonly #outbound = new Pending<string, Asked>();
  /** The same requests by progress token. */
  readonly #tokens = new Pending<string, Context>();

  #name: string | undefined;

  constructor(transport: object, options: CorrelateOptions, shared: Shared) {
    this.#shared = shared;
    this.#isHttpClient = isHttpClient(transport);
    this.#mayPropagate = mayPropagate(transport, options.propagateTo ?? []);
    this.#beginner = new Beginner(options, shared.links, this.#mayPropagate);
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

  /** An inbound message as its handler may see it, and the scope that it runs in. */
  inbound(message: unknown, extra: unknown): Passed {
    if (!isObject(message)) return { message, context: undefined };
    const { method, id } = message;
    const params = isObject(message['params']) ? message['params'] : {};
    if (typeof method !== 'string') {
      return { message, context: this.#settle(keyOf(id), isTask(message['result'])) };
    }
    const known = this.#scopeOfKnown(method, params);
    if (known !== undefined) return { message, context: known };
    const resumed =
      params['requestState'] === undefined ? undefined : this.#shared.state.unwrap(message);
    const begun = this.#beginner.begin({ method, params, extra, previous: resumed?.previous });
    const { context } = begun;
    if (id !== undefined) this.#inbound.add(id, context);
    if (this.#shared.watcher() !== undefined) this.#remember(method, id, begun);
    return { message: resumed?.message ?? message, context };
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

  /** A notification about a request runs in the scope of that request. */
  #scopeOfKnown(method: string, params: JsonObject): Context | undefined {
    if (method === 'notifications/progress') {
      return this.#tokens.get(keyOf(params['progressToken']));
    }
    if (method === 'notifications/cancelled') return this.#inbound.take(params['requestId']);
    return undefined;
  }

  #asks(method: string, id: unknown, message: JsonObject): Context {
    const params = isObject(message['params']) ? message['params'] : {};
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const context =
      currentContext() ??
      // Outside of every request: a root of its own, or the span of whoever wrote the carrier into `_meta`.
      this.#beginner.start(method, params, extract(meta) ?? this.#beginner.otel(), 'join');
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
    if (context === undefined) return { message, options, context };
    const resumable = this.#withState(message, context);
    const isQuoted = this.#shared.watcher()?.quoted.has(context) === true;
    return { message: quoteInto(resumable, context, isQuoted), options, context };
  }

  /** Beside the context: a context says what travels, this says which message it was begun for. */
  #remember(method: string, id: unknown, { context, remote, clock }: Begun): void {
    this.#name ??= nameConnection();
    const rpcId = typeof id === 'string' || typeof id === 'number' ? id : undefined;
    const carried = remote === undefined ? {} : { remote };
    rememberRequest(context, { method, rpcId, connection: this.#name, ...carried, clock });
  }

  #withState(answer: JsonObject, context: Context): JsonObject {
    const { result } = answer;
    if (!isObject(result)) return answer;
    const wrapped = this.#shared.state.wrap(result, context);
    return wrapped === result ? answer : { ...answer, result: wrapped };
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
}

/** Peers and SDKs treat `1` and `"1"` as one id of ours. */
function keyOf(id: unknown): string {
  return String(id);
}

/** A task's progress goes on after the answer that names it. */
function isTask(result: unknown): boolean {
  return isObject(result) && (isObject(result['task']) || result['resultType'] === 'task');
}
