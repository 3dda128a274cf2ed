/**
 * Records the requests of an MCP server as runs, for a server that does the work itself. It stands around the SDK's
 * request handlers and not around its transport, whose timing an answer's HTTP status depends on. Imports no SDK. It
 * never answers or cancels a request by itself, and delays one only until its acceptance is durable.
 */
import { Context, currentContext, ThroughlineError } from '../context/index.js';
import { requestOf } from '../protocol/index.js';
import {
  correlate,
  interceptHandler,
  peerOf,
  replaceMethod,
  watch,
  type CorrelateOptions,
  type Handler,
  type McpPeer,
  type McpServerHolder,
} from '../protocol/mcp/index.js';
import { describeMcp, type McpMethods } from './mcp-methods.js';
import { McpRuns, type McpServerShape } from './mcp-runs.js';
import type { Recorder } from './recorder.js';

export interface RecordMcpOptions {
  /** How requests of a method are recorded, over the defaults (docs/mcp.md); `false` for not at all. */
  readonly methods?: McpMethods | undefined;
  /** For a server that is not correlated yet: the options of `correlate`. */
  readonly correlate?: CorrelateOptions | undefined;
}

const servers = new WeakMap<object, { readonly dispose: () => void }>();

/**
 * From now on each request of `server` runs inside `recorder.run`, as the run of the message's own span: `run.accepted`
 * is durable before the handler starts, the terminal record before the answer leaves, and the answer names the run's
 * `traceparent`. Handlers may be registered before or after. The server is correlated, too, unless `correlate` was
 * called before. A second call for the same server changes nothing. `dispose` stops recording; the scopes stay.
 *
 * @throws ThroughlineError `CONNECTION_UNSUPPORTED` for an object that is no server of an SDK that is known.
 */
export function recordMcp(
  server: McpPeer | McpServerHolder,
  recorder: Recorder,
  options: RecordMcpOptions = {},
): { readonly dispose: () => void } {
  const peer = peerOf(server);
  const known = servers.get(peer);
  if (known !== undefined) return known;
  const handlers = handlersOf(peer);
  correlate(peer, options.correlate);
  const runs = new McpRuns(recorder, peer as McpServerShape);
  const unwatch = watch(peer, runs);
  let isRecording = true;

  const wrap = (handler: Handler): Handler =>
    function (this: unknown, ...parameters) {
      const handle = (): unknown => Reflect.apply(handler, this, parameters);
      const request = isRecording ? requestIn(parameters[0]) : undefined;
      if (request === undefined) return handle();
      const descriptor = describeMcp(request.method, request.params, options.methods);
      if (descriptor === undefined) return handle();
      const context = contextOf(request);
      return runs.run({ ...request, extra: parameters[1], descriptor, context, handle });
    };
  const wrapped = new WeakMap<Handler, Handler>();
  const wrapOnce = (handler: unknown): unknown => {
    if (typeof handler !== 'function') return handler;
    const before = wrapped.get(handler as Handler);
    const after = before ?? wrap(handler as Handler);
    wrapped.set(handler as Handler, after);
    return after;
  };
  const undo = [
    replaceMethod(handlers, 'get', (get) => (method) => wrapOnce(get.call(handlers, method))),
    interceptHandler(peer, 'fallbackRequestHandler', wrap),
    unwatch,
  ];
  const recorded = {
    dispose: () => {
      if (servers.get(peer) !== recorded) return;
      servers.delete(peer);
      isRecording = false;
      for (const restore of undo) restore();
    },
  };
  servers.set(peer, recorded);
  return recorded;
}

interface Request {
  readonly method: string;
  readonly id: unknown;
  readonly params: unknown;
}

function requestIn(value: unknown): Request | undefined {
  const { method, id, params } = (value ?? {}) as Partial<Request>;
  return typeof method === 'string' ? { method, id, params } : undefined;
}

/** The context of the message whose handler is called; any other would be somebody else's. */
function contextOf({ method, id }: Request): Context {
  const context = currentContext();
  const known = requestOf(context);
  // A transport that was opened before the server was recorded has delivered its first messages without a note.
  return context !== undefined && known?.method === method && known.rpcId === id
    ? context
    : Context.begin();
}

/**
 * The one member of both SDKs that is not public. There every handler is looked up for every request, whoever
 * registered it and when; public alternatives miss those that were registered before.
 */
function handlersOf(peer: McpPeer): Map<unknown, unknown> {
  const { _requestHandlers: handlers } = peer as { _requestHandlers?: unknown };
  if (handlers instanceof Map) return handlers;
  throw new ThroughlineError(
    'CONNECTION_UNSUPPORTED',
    'recordMcp() takes an McpServer or a Server of an MCP SDK 1.x or 2.x; the handlers of this one are not where theirs are.',
  );
}
