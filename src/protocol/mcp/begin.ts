/**
 * The context of one inbound message: what it carries continued as far as it is trusted, or a root of its own; never
 * the ambient one of whoever opened the transport.
 */
import {
  Context,
  extract,
  extractHeaders,
  extractOtel,
  processClock,
  type Link,
  type Merge,
  type Origin,
  type RemoteContext,
  type Trust,
} from '../../context/index.js';
import { inboundHttp } from './http.js';
import type { PreviousLeg } from './request-state.js';
import { isObject, type CorrelateOptions, type JsonObject } from './types.js';

/** A message on its way in. */
export interface Inbound {
  readonly method: string;
  readonly params: JsonObject;
  /** What the transport says about the message. */
  readonly extra: unknown;
  /** The leg that this one goes on with. */
  readonly previous: PreviousLeg | undefined;
}

/** A context, with what became of the sender's clock. */
export interface Begun {
  readonly context: Context;
  readonly remote: RemoteContext | undefined;
  readonly clock: Merge;
}

interface Leg {
  readonly remote: RemoteContext | undefined;
  readonly trust: Trust;
  readonly previous: PreviousLeg;
}

const clientInfoKey = 'io.modelcontextprotocol/clientInfo';

export class Beginner {
  readonly #options: CorrelateOptions;
  readonly #links: readonly Link[];
  readonly #mayPropagate: boolean;
  #client: string | undefined;
  #last: Origin | undefined;

  constructor(options: CorrelateOptions, links: readonly Link[], mayPropagate: boolean) {
    this.#options = options;
    this.#links = links;
    this.#client = options.client;
    this.#mayPropagate = mayPropagate;
  }

  /** The context that a message of the peer runs in. */
  begin({ method, params, extra, previous }: Inbound): Begun {
    this.#learnClient(method, params);
    const http = inboundHttp(extra);
    // OpenTelemetry's span of this very HTTP request has continued the header already.
    const local = http === undefined ? undefined : this.otel();
    const carried = extract(params['_meta']);
    const remote = carried ?? local ?? extractHeaders(http?.headers);
    const isForeign = carried !== undefined || local === undefined;
    const trust = isForeign ? this.#trust(http?.isLoopback) : 'join';
    const clock =
      trust === 'join' && remote?.hlc !== undefined ? processClock().merge(remote.hlc) : 'invalid';
    const context =
      previous === undefined
        ? this.start(method, params, remote, trust)
        : this.#resume(method, params, { remote, trust, previous });
    return { context, remote, clock };
  }

  start(
    method: string,
    params: JsonObject,
    remote: RemoteContext | undefined,
    trust: Trust,
    links: readonly Link[] = this.#links,
  ): Context {
    const origin = this.#origin(method, params['name']);
    const sampled = this.#options.sampled ?? true;
    return Context.begin({ remote, trust, origin, links, sampled });
  }

  /** One object for all messages that ask for the same: its spelling on the wire is kept with it. */
  #origin(method: string, name: unknown): Origin {
    const known = this.#last;
    const client = this.#client;
    if (known?.method === method && known.name === name && known.client === client) return known;
    const named = typeof name === 'string' ? { name } : {};
    this.#last = { front: 'mcp', method, ...named, ...(client === undefined ? {} : { client }) };
    return this.#last;
  }

  /** OpenTelemetry's active span, where its API was given. */
  otel(): RemoteContext | undefined {
    return this.#options.otel === undefined ? undefined : extractOtel(this.#options.otel);
  }

  /** What the leg itself carries and may join wins; else the leg before it, if that is proven. The other is a link. */
  #resume(method: string, params: JsonObject, { remote, trust, previous }: Leg): Context {
    const isCarried = remote !== undefined && trust === 'join';
    if (!isCarried && previous.isProven) {
      const linked = remote !== undefined && trust === 'link' ? [remote] : [];
      return this.start(method, params, previous.span, 'join', [...linked, ...this.#links]);
    }
    const isNews = trust !== 'ignore' && remote?.traceId !== previous.span.traceId;
    const links = isNews ? [previous.span, ...this.#links] : this.#links;
    return this.start(method, params, remote, trust, links);
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
}
