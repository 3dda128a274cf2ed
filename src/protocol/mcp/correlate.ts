/**
 * `correlate`: one call for an MCP server or client. It finds every transport through `connect`, which is the only
 * public point that sees those an SDK creates itself. It imports no SDK, writes nothing and opens nothing.
 */
import { extractEnv, ThroughlineError, type Link } from '../../context/index.js';
import { Channel } from './channel.js';
import { instrument, replaceMethod } from './instrument.js';
import { RequestState } from './request-state.js';
import type { Correlation, CorrelateOptions, McpPeer, McpServerHolder, Watcher } from './types.js';

const key = Symbol.for('throughline.mcp/1');

interface Registry {
  readonly peers: WeakMap<object, Correlation>;
  readonly transports: WeakSet<object>;
  readonly watchers: WeakMap<object, Watcher>;
}

/**
 * Correlates every request and notification of an `McpServer`, a `Server` or a `Client`: handlers run in the context
 * their message carries, and what is sent carries the context it is sent in. Call it before `connect`; after it works
 * too, from the next message on. A second call for the same object returns the first one's result and changes nothing.
 *
 * @throws ThroughlineError `CONNECTION_UNSUPPORTED` for an object without `connect`, `ARGUMENT_INVALID` for a
 * `stateKey` of less than 32 bytes.
 */
export function correlate(
  serverOrClient: McpPeer | McpServerHolder,
  options: CorrelateOptions = {},
): Correlation {
  const peer = peerOf(serverOrClient);
  const { peers } = registry();
  const known = peers.get(peer);
  if (known !== undefined) return known;
  const attachments = new Set<() => void>();
  const links = linksOf(options);
  const state = new RequestState(options.stateKey);
  const watcher = (): Watcher | undefined => registry().watchers.get(peer);
  const attach = (transport: unknown): void => {
    if (typeof transport === 'object' && transport !== null) {
      attachTo(transport, {
        channel: () => new Channel(transport, options, { links, state, watcher }),
        closed: () => watcher()?.closed(transport),
        attachments,
      });
    }
  };
  const restore = replaceMethod(
    peer,
    'connect',
    (original) =>
      function (this: unknown, ...args) {
        // Before the original: its `start` may deliver what was queued.
        if (peers.get(peer) === correlation) attach(args[0]);
        return Reflect.apply(original, this, args);
      },
  );
  const correlation: Correlation = {
    dispose: () => {
      if (peers.get(peer) !== correlation) return;
      peers.delete(peer);
      restore();
      for (const detach of attachments) detach();
      attachments.clear();
    },
  };
  peers.set(peer, correlation);
  attach((peer as { readonly transport?: unknown }).transport);
  return correlation;
}

/** Has the server's requests remembered and `watcher` told of them, from the next message on. Returns how to stop. */
export function watch(serverOrClient: McpPeer | McpServerHolder, watcher: Watcher): () => void {
  const peer = peerOf(serverOrClient);
  const { watchers } = registry();
  watchers.set(peer, watcher);
  return () => {
    if (watchers.get(peer) === watcher) watchers.delete(peer);
  };
}

interface Attachment {
  readonly channel: () => Channel;
  readonly closed: () => void;
  readonly attachments: Set<() => void>;
}

function attachTo(transport: object, { channel, closed, attachments }: Attachment): void {
  const { transports } = registry();
  if (transports.has(transport)) return;
  transports.add(transport);
  const detach = (): void => {
    transports.delete(transport);
    attachments.delete(detach);
    restore();
  };
  // A closed transport is let go: a client that reconnects for weeks must not collect them.
  const restore = instrument(transport, channel(), () => {
    closed();
    detach();
  });
  attachments.add(detach);
}

/** The low-level `Server` or `Client` in what was given. */
export function peerOf(serverOrClient: unknown): McpPeer {
  const { server, connect } = (serverOrClient ?? {}) as { server?: unknown; connect?: unknown };
  // McpServer has a `connect` too; it calls the one of its `server`, as do the SDK's own entry points.
  if (isPeer(server)) return server;
  if (typeof connect === 'function') return serverOrClient as McpPeer;
  throw new ThroughlineError(
    'CONNECTION_UNSUPPORTED',
    'correlate() takes an McpServer, a Server or a Client of an MCP SDK; this has no connect().',
  );
}

function isPeer(value: unknown): value is McpPeer {
  return typeof (value as { connect?: unknown } | undefined)?.connect === 'function';
}

function linksOf(options: CorrelateOptions): readonly Link[] {
  const remote = extractEnv(options.env ?? process.env);
  return remote === undefined ? [] : [{ traceId: remote.traceId, spanId: remote.spanId }];
}

function registry(): Registry {
  const shared = globalThis as { [key]?: Registry };
  shared[key] ??= { peers: new WeakMap(), transports: new WeakSet(), watchers: new WeakMap() };
  return shared[key];
}
