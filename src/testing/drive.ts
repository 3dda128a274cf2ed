/** Drives a front as its users would: a server on stdio in one burst, a command in many processes. */
import { once } from 'node:events';
import {
  Context,
  injectEnv,
  stampMessage,
  ThroughlineError,
  type TraceId,
} from '../context/index.js';
import type { Made } from './compare.js';
import type { JsonObject } from './json.js';
import { markerOf } from './marker.js';
import { startFront } from './process.js';
import { openRpc, type Answer, type RpcClient } from './rpc.js';
import type { CommandFrontOptions, ServerFrontOptions, WmAddress } from './types.js';

/** What was done: the calls, and what the front said about failing. */
export interface Driven {
  readonly made: readonly Made[];
  readonly failures: readonly string[];
  /** The id in the environment that a server was started under. */
  readonly environment: TraceId | undefined;
}

const serverCallsDefault = 200;
const commandCallsDefault = 12;
const processesMaxDefault = 4;

/** Starts the server under an id in its environment, makes all calls at once, and stops it. */
export async function driveServer(
  options: ServerFrontOptions,
  wm: WmAddress,
  signal: AbortSignal,
): Promise<Driven> {
  const environment = Context.begin();
  const planned = plan(options.calls ?? serverCallsDefault);
  const front = startFront(await options.front(wm), injectEnv(environment));
  try {
    const answers = await unlessAborted(
      signal,
      burst(options, openRpc(front, options.protocol), planned),
    );
    return {
      made: planned.map(madeOf),
      failures: answers.flatMap((answer) => ('error' in answer ? [answer.error] : [])),
      environment: environment.traceId,
    };
  } finally {
    await front.stop();
  }
}

async function burst(
  options: ServerFrontOptions,
  rpc: RpcClient,
  planned: readonly Planned[],
): Promise<readonly Answer[]> {
  await greet(rpc, options.protocol);
  for (const message of options.before ?? []) rpc.notify({ ...message });
  const answers = await Promise.all(
    planned.map(({ marker, context }, number) => {
      const call: JsonObject = { ...options.call(marker) };
      return rpc.request(context === undefined ? call : stamp(call, context, number, options));
    }),
  );
  await bid(rpc, options.protocol);
  return answers;
}

/** Runs one process a call, some at a time. */
export async function driveCommand(
  options: CommandFrontOptions,
  wm: WmAddress,
  signal: AbortSignal,
): Promise<Driven> {
  const planned = plan(options.calls ?? commandCallsDefault);
  const failures: string[] = [];
  const queue = planned.values();
  const worker = async (): Promise<void> => {
    // The workers share one iterator: each call is taken once.
    for (const { marker, context } of queue) {
      const carrier = context === undefined ? {} : injectEnv(context);
      const front = startFront(await options.front(wm, marker), carrier);
      try {
        front.child.stdout?.resume();
        front.child.stdin?.end();
        const exit = await unlessAborted(signal, front.exited);
        if (exit !== 0) failures.push(`exit ${exit}: ${front.stderr()}`);
      } finally {
        await front.stop();
      }
    }
  };
  const processes = Math.max(1, options.processesMax ?? processesMaxDefault);
  await Promise.all(Array.from({ length: processes }, worker));
  return { made: planned.map(madeOf), failures, environment: undefined };
}

interface Planned {
  readonly marker: string;
  readonly context: Context | undefined;
}

/** Every fourth call carries nothing, and must get a root of its own. */
function plan(calls: number): readonly Planned[] {
  if (!Number.isInteger(calls) || calls < 1) {
    throw new ThroughlineError('ARGUMENT_INVALID', 'expectPropagated: calls must be at least 1.');
  }
  return Array.from({ length: calls }, (_, number) => ({
    marker: markerOf(number),
    context: number % 4 === 3 ? undefined : Context.begin(),
  }));
}

function madeOf({ marker, context }: Planned): Made {
  return { marker, expected: context?.traceId };
}

function stamp(
  call: JsonObject,
  context: Context,
  number: number,
  options: ServerFrontOptions,
): JsonObject {
  const form = options.protocol === 'mcp' ? 'params-meta' : (options.carrier ?? 'meta');
  // Every other call comes from a tracer that knows nothing of us.
  const foreign = { traceparent: context.traceparent };
  if (number % 2 === 1 && form === 'meta') return { ...call, _meta: foreign };
  return stampMessage(call, context, form);
}

async function greet(rpc: RpcClient, protocol: 'mcp' | 'lsp'): Promise<void> {
  const clientInfo = { name: 'throughline-testing', version: '1' };
  const params =
    protocol === 'mcp'
      ? { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
      : { processId: process.pid, rootUri: null, capabilities: {}, clientInfo };
  const answer: Answer = await rpc.request({ method: 'initialize', params });
  if ('error' in answer) {
    throw new ThroughlineError('FRONT_FAILED', `The front refused to start: ${answer.error}`);
  }
  rpc.notify(
    protocol === 'mcp'
      ? { method: 'notifications/initialized' }
      : { method: 'initialized', params: {} },
  );
}

async function bid(rpc: RpcClient, protocol: 'mcp' | 'lsp'): Promise<void> {
  if (protocol === 'mcp') return;
  await rpc.request({ method: 'shutdown' });
  rpc.notify({ method: 'exit' });
}

/** What was started is left to the caller's `finally`, which stops the process it waits for. */
async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = once(signal, 'abort').then((): never => {
    throw signal.reason;
  });
  return Promise.race([work, aborted]);
}
