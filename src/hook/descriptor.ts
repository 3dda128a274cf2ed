/** What a host says about a run before it starts. */
import type { Context, Merge } from '../context/index.js';
import type { Rpc, Scalar } from './bounds.js';
import type { Durability, JsonObject } from '../wal/index.js';

export interface RunDescriptor {
  /** The action's short name. */
  readonly action: string;
  /** Absolute path of the project; default is the recorder's workspace. */
  readonly projectPath?: string | undefined;
  /** The run's own context. Default: chosen from the ambient one (docs/hook.md). */
  readonly context?: Context | undefined;
  /** Why it runs: `user`, `save`, `schedule` … */
  readonly trigger?: string | undefined;
  /** Where it was asked for: `ide`, `cli`, `ai`, `ci` … */
  readonly devEnv?: string | undefined;
  readonly envName?: string | undefined;
  /** Hashed, never kept. Without it there is no params hash. */
  readonly params?: unknown;
  /** Kept: at most 16 scalars, texts of at most 120 characters. `pickScalars` takes them from params by name. */
  readonly summary?: Readonly<Record<string, Scalar | undefined>> | undefined;
  /** Default `barrier`. `relaxed` for reads such as hover. */
  readonly durability?: Durability | undefined;
  /** Default: the inbound message's. */
  readonly rpc?: Rpc | undefined;
  /** What the host saw of its peer: transport, uid, clientInfo. */
  readonly peer?: JsonObject | undefined;
  /** The first dispatch, recorded in the same flush as the acceptance; `run.dispatched` for that runner then uses it. */
  readonly dispatch?: Dispatch | undefined;
  /** When it aborts, the run notes that a cancel was asked for. It does not end the run. */
  readonly signal?: CancelSignal | undefined;
  /** False when nobody awaits an answer: a notification. Default true. */
  readonly answers?: boolean | undefined;
  /** @internal The command line that is run: of `record exec`. */
  readonly command?: JsonObject | undefined;
  /** @internal Further members of the acceptance. */
  readonly details?: JsonObject | undefined;
  /** @internal What else the request goes to, each with a span of its own: recorded with the acceptance. */
  readonly targets?: readonly Target[] | undefined;
  /** @internal What became of the sender's clock, where no message brought it. */
  readonly clock?: Merge | undefined;
}

/** One of several things that one request asks of one runner. */
export interface Target {
  /** Its own span, a child of the run's. */
  readonly context: Context;
  readonly payload: JsonObject;
}

/** What is used of an `AbortSignal`, which a project without the types of Node or of a DOM cannot name. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** One attempt at a runner. */
export interface Dispatch {
  /** The runner's name or id. */
  readonly runner: string;
  /** The environment it runs. */
  readonly env?: string | undefined;
  /** From 1; default counts the attempts at this environment, or this runner when none is named. */
  readonly attempt?: number | undefined;
  readonly rpc?: Rpc | undefined;
}

export interface Attempt {
  readonly attempt: number;
  readonly runner: string;
  /** The attempt's own span: what goes on the wire. */
  readonly context: Context;
}
