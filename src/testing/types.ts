/** What a test says about its front, and what it gets back. No test runner is named here. */
import type { CarrierForm, TraceId } from '../context/index.js';

/** Where the fake workspace manager listens, for the front's arguments, environment or port file. */
export interface WmAddress {
  readonly host: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
}

/** How to start the front: a real process. `env` is added to the test's own environment. */
export interface FrontCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** A request or notification, as JSON-RPC knows it. */
export interface RpcCall {
  readonly method: string;
  readonly params?: unknown;
}

interface CommonOptions {
  /** What the fake workspace manager answers to a request. Default `{}`. It may throw: that is an RPC error then. */
  readonly answer?: (request: RpcCall) => unknown;
  /** How the front and the workspace manager frame their messages. Default `content-length`. */
  readonly framing?: 'content-length' | 'lines';
  /** How many calls the burst has. Default 200, for a command-line front 12. Every fourth carries no id. */
  readonly calls?: number;
  /** Everything together, the front's start included. Default 30,000. */
  readonly timeoutMs?: number;
}

/** A front that is a server on stdio: MCP (one line a message) or LSP (`Content-Length`). */
export interface ServerFrontOptions extends CommonOptions {
  readonly protocol: 'mcp' | 'lsp';
  readonly front: (wm: WmAddress) => FrontCommand | Promise<FrontCommand>;
  /** One call. The marker must come out in the params of what the front asks the workspace manager for. */
  readonly call: (marker: string) => RpcCall;
  /** Sent once before the burst: notifications that open documents, for example. */
  readonly before?: readonly RpcCall[];
  /** Where an LSP call carries its context. Default `meta`. An MCP call carries it in `params._meta`. */
  readonly carrier?: CarrierForm;
}

/** A front that is one process a call. Its context is the environment's. */
export interface CommandFrontOptions extends CommonOptions {
  readonly protocol: 'cli';
  readonly front: (wm: WmAddress, marker: string) => FrontCommand | Promise<FrontCommand>;
  /** How many processes run at once. Default 4. */
  readonly processesMax?: number;
}

export type PropagationOptions = ServerFrontOptions | CommandFrontOptions;

/**
 * `unheard`: the workspace manager never got a message for the call. `lost`: the message carried no id. `foreign`:
 * it carried another call's id. `environment`: it carried the id of the environment that the server was started
 * under. `wrong`: it carried an id nobody sent. `shared`: two calls without an id were given the same root.
 */
export type FindingKind = 'unheard' | 'lost' | 'foreign' | 'environment' | 'wrong' | 'shared';

export interface Finding {
  readonly kind: FindingKind;
  readonly marker: string;
  /** The id the call was made with; absent for a call that carried none. */
  readonly expected?: TraceId;
  /** The id that arrived at the workspace manager. */
  readonly actual?: TraceId;
  /** The call whose id it is, for `foreign` and `shared`. */
  readonly owner?: string;
  /** The method the front asked the workspace manager for. */
  readonly method?: string;
}

export interface PropagationReport {
  readonly calls: number;
  /** How many messages for these calls arrived at the workspace manager. */
  readonly messages: number;
  readonly findings: readonly Finding[];
  /** What the front itself answered with an error or a failing exit code: not a finding, but often its reason. */
  readonly failures: readonly string[];
}
