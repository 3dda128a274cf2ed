/**
 * A command-line program is one request from its first line to its last, so its context covers the whole process:
 * unlike a server it takes `TRACEPARENT` as its parent. Nothing here does I/O.
 */
import {
  Context,
  currentContext,
  extractEnv,
  extractOtel,
  injectEnv,
  runInContext,
  type OtelApi,
  type RemoteContext,
  type Trust,
} from '../../src/context/index.js';
import { setProcessContext } from '../../src/context/scope.js';

export interface CliOptions {
  /** What was asked for: the program's name, or program and subcommand. */
  readonly name: string;
  readonly version?: string | undefined;
  /** Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What to make of `TRACEPARENT`. Default `join`: this program's span is its child. */
  readonly trust?: Trust | undefined;
  /** Who is in front of this program. Default: `<program>/<version>` when there is a version. */
  readonly client?: string | undefined;
  /** With an active OpenTelemetry span, that span is the parent and not `TRACEPARENT`. */
  readonly otel?: OtelApi | undefined;
  /** Whether a new root is sampled. Default true. */
  readonly sampled?: boolean | undefined;
}

export interface CliCorrelation {
  /** The program's own span. Its ids are minted when first asked for. */
  readonly context: Context;
  /**
   * Runs `fn` in the program's scope and returns what it returns. Only needed where the process also does other
   * work: without it, all code of the process that is in no other scope is in this one.
   */
  run<Result>(fn: () => Result): Result;
  /**
   * `TRACEPARENT` and `TRACESTATE` for a child process: spread them over the child's environment. Default context:
   * that of the caller.
   */
  childEnv(context?: Context): Record<string, string>;
}

/** Continues `TRACEPARENT` or begins a root, and makes that the context of the whole process. */
export function correlateCli(options: CliOptions): CliCorrelation {
  const context = contextOf(options);
  setProcessContext(context);
  return {
    context,
    run: (fn) => runInContext(context, fn),
    childEnv: (of = currentContext() ?? context) => injectEnv(of),
  };
}

function contextOf(options: CliOptions): Context {
  try {
    const { name, version, trust, sampled } = options;
    const program = name.split(' ', 1)[0] ?? name;
    const client = options.client ?? (version === undefined ? undefined : `${program}/${version}`);
    return Context.begin({
      remote: remoteOf(options),
      ...(trust === undefined ? {} : { trust }),
      ...(sampled === undefined ? {} : { sampled }),
      origin: { front: 'cli', name, ...(client === undefined ? {} : { client }) },
    });
  } catch {
    // Whatever was passed in, the program must run: it is then a root that says nothing of itself.
    return Context.begin();
  }
}

function remoteOf(options: CliOptions): RemoteContext | undefined {
  const active = options.otel === undefined ? undefined : extractOtel(options.otel);
  return active ?? extractEnv(options.env ?? process.env);
}
