/**
 * A connect-style middleware: each HTTP request runs in a context of its own. Works with `node:http`, Express and
 * whatever calls `(request, response, next)`. Adds no header to the response, reads no body, and never throws.
 */
import {
  bind,
  Context,
  extractEnv,
  extractHeaders,
  extractOtel,
  processClock,
  runInContext,
  type Link,
  type Origin,
  type OtelApi,
  type RemoteContext,
  type Trust,
} from '../../src/context/index.js';
import { unlessItThrows } from '../../src/context/carriers.js';
import { isForwarded, readHeader } from '../../src/context/loopback.js';

/** What is looked at of a request: `http.IncomingMessage` has it, and Express's request. */
export interface HttpRequest {
  readonly headers: object;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly socket?: {
    readonly remoteAddress?: string | undefined;
    readonly destroyed?: boolean | undefined;
  };
}

export interface HttpOptions {
  /** What to make of the header. Default: `join` when the peer's address is loopback and no proxy stands between, else `link`. */
  readonly trust?: Trust | undefined;
  /** Where `TRACEPARENT` is looked for. Its context becomes a link of every request. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * For a front: the kind of front it is, said of every request as `origin`. A workspace manager leaves it out: it keeps
   * what the sender said, and says `http` where nobody said anything.
   */
  readonly front?: string | undefined;
  /** What was asked for, in the origin of requests that this server names. Default: the path, without its query. */
  readonly name?: ((request: HttpRequest) => string | undefined) | undefined;
  /** The program in front of this one. Default: the first word of `User-Agent`. */
  readonly client?: string | undefined;
  /** `@opentelemetry/api`: its active span has read the header already, and is the parent. */
  readonly otel?: OtelApi | undefined;
  /** Whether a new root is sampled. Default true. */
  readonly sampled?: boolean | undefined;
}

/** Runs `next` in the request's context and returns what it returns. */
export type HttpMiddleware = <Result>(
  request: HttpRequest,
  response: object,
  next: () => Result,
) => Result;

/** `app.use(correlateHttp())`, or `createServer((q, s) => middleware(q, s, () => handle(q, s)))`. */
export function correlateHttp(options: HttpOptions = {}): HttpMiddleware {
  const links = unlessItThrows(() => linksOf(options)) ?? [];
  return (request, response, next) => {
    const context = unlessItThrows(() => contextOf(request, links, options)) ?? Context.begin();
    // Events of both come from the socket, which serves many requests and belongs to none.
    unlessItThrows(() => bindEmitter(request, context));
    unlessItThrows(() => bindEmitter(response, context));
    // Express hands its errors to `next`; only the call without one is ours to make.
    return runInContext(context, () => next());
  };
}

function contextOf(request: HttpRequest, links: readonly Link[], options: HttpOptions): Context {
  const local = options.otel === undefined ? undefined : extractOtel(options.otel);
  const remote = local ?? extractHeaders(request.headers);
  const trust = local === undefined ? (options.trust ?? trustOf(request)) : 'join';
  if (trust === 'join' && remote?.hlc !== undefined) processClock().merge(remote.hlc);
  return Context.begin({
    remote,
    trust,
    links,
    origin: originOf(request, trust === 'ignore' ? undefined : remote, options),
    ...(options.sampled === undefined ? {} : { sampled: options.sampled }),
  });
}

/** A front names itself, whoever called it. A host keeps what its sender said (docs/contract.md). */
function originOf(
  request: HttpRequest,
  remote: RemoteContext | undefined,
  options: HttpOptions,
): Origin {
  if (options.front === undefined && remote?.origin !== undefined) return remote.origin;
  const name = options.name === undefined ? pathOf(request.url) : options.name(request);
  const agent = readHeader(request.headers, 'user-agent');
  const client =
    options.client ?? (typeof agent === 'string' ? agent.split(' ', 1)[0] : undefined) ?? '';
  return {
    front: options.front ?? 'http',
    ...(request.method === undefined ? {} : { method: request.method }),
    ...(name === undefined ? {} : { name }),
    ...(client === '' ? {} : { client }),
  };
}

function pathOf(url: string | undefined): string | undefined {
  return url?.split(/[?#]/, 1)[0];
}

/** Here the peer's address is known: what a request says of the host it was meant for is not asked. */
function trustOf(request: HttpRequest): Trust {
  return !isForwarded(request.headers) && isLocalPeer(request.socket) ? 'join' : 'link';
}

function isLocalPeer(socket: HttpRequest['socket']): boolean {
  if (socket === undefined) return false;
  const { remoteAddress: address, destroyed } = socket;
  // A Unix socket has no address, and neither has a connection that is gone.
  if (address === undefined) return destroyed === false;
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}

function linksOf({ env }: HttpOptions): readonly Link[] {
  const start = extractEnv(env ?? process.env);
  return start === undefined ? [] : [{ traceId: start.traceId, spanId: start.spanId }];
}

function bindEmitter(emitter: unknown, context: Context): void {
  const shape = emitter as { emit?: unknown };
  if (typeof shape.emit !== 'function') return;
  shape.emit = bind(shape.emit as (...args: unknown[]) => unknown, context);
}
