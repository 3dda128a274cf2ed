/**
 * What the adapter needs of an SDK's objects, as structures. Nothing here names an SDK, so one adapter serves
 * `@modelcontextprotocol/sdk` 1.x and the `/server` and `/client` packages 2.x.
 */
import type { Context, OtelApi, Trust } from '../../context/index.js';

/** A `Server` or a `Client`. */
export interface McpPeer {
  connect(transport: never): Promise<unknown>;
}

/** An `McpServer`: the high-level object around a `Server`. */
export interface McpServerHolder {
  readonly server: McpPeer;
}

export interface CorrelateOptions {
  /**
   * What a carrier from the other side may do. Default: `join` over stdio and every transport that is not HTTP;
   * over HTTP `join` when the request was addressed to a loopback name and not forwarded, else `link`.
   */
  readonly trust?: Trust;
  /** Where `TRACEPARENT` is looked for. Its context becomes a link of every request. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The program in front of this one. Default: the name the client gave in `initialize`. */
  readonly client?: string;
  /** `@opentelemetry/api`, to continue its active span where no carrier and no context is at hand. */
  readonly otel?: OtelApi;
  /** Whether a new root is sampled. Default true. */
  readonly sampled?: boolean;
  /**
   * Under which key the legs of a multi-round-trip call are joined for clients that send no context: at least 32
   * bytes, text as UTF-8, the same in all processes that serve one client. Default: a key of this process. `false`:
   * nothing of ours in `requestState`.
   */
  readonly stateKey?: string | Uint8Array | false;
  /** HTTP origins that a client sends its context to, beside loopback: `['https://mcp.example.com']`. */
  readonly propagateTo?: readonly string[];
}

/** What `correlate` returns. */
export interface Correlation {
  /** Takes the instrumentation off the object and off its open transport. May be called twice. */
  readonly dispose: () => void;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whoever records what a server does: it is told which message a scope belongs to, and when nobody is left to answer. */
export interface Watcher {
  /** The scopes whose answers name them, whatever else holds. */
  readonly quoted: WeakSet<Context>;
  readonly closed: (transport: object) => void;
}
