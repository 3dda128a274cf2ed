/** The records of one run: which fields each event carries. The table is docs/events.md. */
import type { Context } from '../context/index.js';
import {
  boundPeer,
  boundRpc,
  boundSummary,
  cut,
  nameCharsMax,
  pathCharsMax,
  type Rpc,
} from './bounds.js';
import type { Dispatch, RunDescriptor } from './descriptor.js';
import { redactText } from './failure.js';
import { paramsHash } from './params-hash.js';
import type { RunContext } from './run-context.js';
import type { Durability, JsonObject, RecordInput } from '../wal/index.js';

/** The fields all records of a run share. */
export type RunFields = Omit<RecordInput, 'event_type' | 'payload' | 'span_id' | 'parent_span_id'>;

export function runFields(
  runId: string,
  context: Context,
  descriptor: RunDescriptor,
  projectPath: string | undefined,
): RunFields {
  const { action, trigger, devEnv, envName } = descriptor;
  return {
    ...(projectPath === undefined ? {} : { project_path: cut(projectPath, pathCharsMax) }),
    wal_run_id: runId,
    action_name: cut(action, nameCharsMax),
    ...(trigger === undefined ? {} : { trigger: cut(trigger, nameCharsMax) }),
    ...(devEnv === undefined ? {} : { dev_env: cut(devEnv, nameCharsMax) }),
    ...(envName === undefined ? {} : { env_name: cut(envName, nameCharsMax) }),
    correlation_id: context.correlationId,
  };
}

/** The span a record belongs to, and its cause. */
export function spanFields(context: Context): Pick<RecordInput, 'span_id' | 'parent_span_id'> {
  return {
    span_id: context.spanId,
    ...(context.parentSpanId === undefined ? {} : { parent_span_id: context.parentSpanId }),
  };
}

/** What `run.accepted` has beyond the fields all records share. */
export function acceptance(
  run: RunContext,
  descriptor: RunDescriptor,
  durability: Durability,
): Pick<RecordInput, 'links' | 'origin' | 'peer' | 'payload'> {
  const { context } = run;
  const peer = boundPeer(descriptor.peer);
  return {
    payload: acceptedPayload(run, descriptor, durability),
    ...(context.links.length === 0
      ? {}
      : {
          links: context.links.map(({ traceId, spanId }) => ({
            trace_id: traceId,
            span_id: spanId,
          })),
        }),
    ...(context.origin === undefined ? {} : { origin: context.origin }),
    ...(peer === undefined ? {} : { peer }),
  };
}

export function reasonPayload(reason: string | undefined): JsonObject {
  return reason === undefined ? {} : { reason: redactText(reason) };
}

/** Whole microseconds. */
export function sinceMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 1000) / 1000;
}

export function dispatchPayload(dispatch: Dispatch, attempt: number): JsonObject {
  return {
    attempt,
    runner: cut(dispatch.runner, nameCharsMax),
    ...(dispatch.env === undefined ? {} : { env_name: cut(dispatch.env, nameCharsMax) }),
    ...(dispatch.rpc === undefined ? {} : { rpc: boundRpc(dispatch.rpc) }),
  };
}

function acceptedPayload(
  run: RunContext,
  descriptor: RunDescriptor,
  durability: Durability,
): JsonObject {
  const hash = descriptor.params === undefined ? undefined : paramsHash(descriptor.params);
  const summary = boundSummary(descriptor.summary);
  const rpc = rpcOf(run, descriptor.rpc);
  return {
    durability,
    ...(hash === undefined ? {} : { params_hash: hash }),
    ...(summary === undefined ? {} : { summary }),
    ...(descriptor.command === undefined ? {} : { command: descriptor.command }),
    ...descriptor.details,
    ...(rpc === undefined ? {} : { rpc }),
    ...(run.context.isRoot ? { root: true } : {}),
    // The sender's clock was too far ahead to follow: times of this run and its cause do not compare.
    ...((run.request?.clock ?? descriptor.clock) === 'ahead' ? { clock: 'ahead' } : {}),
  };
}

function rpcOf(run: RunContext, given: Rpc | undefined): JsonObject | undefined {
  if (given !== undefined) return boundRpc(given);
  if (run.request === undefined) return undefined;
  const { connection, rpcId } = run.request;
  const rpc = boundRpc({ connection, ...(rpcId === undefined ? {} : { id: rpcId }) });
  // Several runs of one message have one parent and one rpc: told apart from a message delivered twice.
  return run.part === 1 ? rpc : { ...rpc, part: run.part };
}
