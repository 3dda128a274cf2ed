/** What a table of methods says about the runs of a connection. */
import { pickScalars, type Scalar } from './bounds.js';
import type { Dispatch, RunDescriptor } from './descriptor.js';
import type { Durability, JsonObject } from '../wal/index.js';

/** What came on the wire, unchecked: the host names the type it has checked, or none. */
// oxlint-disable-next-line typescript/no-explicit-any -- A handler's own type for params; any accepts it.
type Params = any;

/** A value, or how to read it from the params. */
type From<Value> = Value | ((params: Params) => Value | undefined);

/** How the requests of one method are recorded. A function that throws leaves out what it was asked for. */
export interface RecordedMethod {
  /** The action's short name; default is the method. */
  readonly action?: From<string> | undefined;
  /** Default `barrier`. `relaxed` for reads such as hover. */
  readonly durability?: Durability | undefined;
  /** Absolute path of the project; default is the recorder's workspace. */
  readonly project?: From<string> | undefined;
  /** The environment that does the work. */
  readonly env?: From<string> | undefined;
  /** Why it runs: `user`, `save`, `schedule` … */
  readonly trigger?: From<string> | undefined;
  /** Where it was asked for: `ide`, `cli`, `ai`, `ci` … */
  readonly devEnv?: From<string> | undefined;
  /** What is kept of the params: the names of scalars, or a function that returns them. Default: nothing. */
  readonly summary?:
    | readonly string[]
    | ((params: Params) => Readonly<Record<string, Scalar | undefined>>)
    | undefined;
  /** Whether a hash of the params is kept, by which a retry is told. Hashes of guessable params can be guessed. Default true. */
  readonly hash?: boolean | undefined;
  /** The first attempt, recorded in the same flush as the acceptance. */
  readonly dispatch?: From<Dispatch> | undefined;
  /** What the host saw of its peer. */
  readonly peer?: From<JsonObject> | undefined;
}

/** The run of one request, but for its context. */
export function describeRun(
  method: string,
  recorded: RecordedMethod,
  params: unknown,
): RunDescriptor {
  const { durability, hash = true, summary } = recorded;
  const fields: Record<string, unknown> = {
    projectPath: valueOf(recorded.project, params),
    envName: valueOf(recorded.env, params),
    trigger: valueOf(recorded.trigger, params),
    devEnv: valueOf(recorded.devEnv, params),
    dispatch: valueOf(recorded.dispatch, params),
    peer: valueOf(recorded.peer, params),
    summary: typeof summary === 'function' ? valueOf(summary, params) : pick(summary, params),
    durability,
    params: hash ? params : undefined,
  };
  for (const [name, value] of Object.entries(fields)) if (value === undefined) delete fields[name];
  return { action: valueOf(recorded.action, params) ?? method, ...fields };
}

function pick(names: readonly string[] | undefined, params: unknown): unknown {
  return names === undefined ? undefined : pickScalars(params, names);
}

function valueOf<Value>(from: From<Value> | undefined, params: unknown): Value | undefined {
  if (typeof from !== 'function') return from;
  try {
    return (from as (params: unknown) => Value | undefined)(params);
  } catch {
    return undefined;
  }
}
