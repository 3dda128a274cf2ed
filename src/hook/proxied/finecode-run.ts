/** One run asked of FineCode's workspace manager, as the recorder takes it. Pure. */
import type { Context, Origin } from '../../context/index.js';
import type { RunDescriptor, Target } from '../descriptor.js';
import type { JsonObject } from '../../wal/index.js';
import type { FinecodeRequest } from './finecode-request.js';

export interface FinecodeRun {
  readonly request: FinecodeRequest;
  readonly method: string;
  readonly context: Context;
  readonly dispatched: Target;
}

const runner = 'finecode';
/** As JSON. In a record, which is ASCII and may have a mebibyte, it is at most three times as much. */
const targetsBytesMax = 131_072;

/** What is recorded of the run; the caller adds which message it was. */
export function describeFinecode(asked: FinecodeRun): RunDescriptor {
  const { request, method, context, dispatched } = asked;
  const { targetsTotal, trigger, devEnv, partialResultToken, progressToken } = request;
  const [only] = targetsTotal === 1 ? request.targets : [];
  const details: Record<string, string | number | undefined> = {
    method,
    params_hash: only?.paramsHash,
    partial_result_token: partialResultToken,
    progress_token: progressToken,
    targets: targetsTotal,
  };
  return {
    action: onlyAction(request) ?? method,
    context,
    targets: [dispatched],
    projectPath: only?.project,
    trigger,
    devEnv,
    // The editor asks again at each key; what a person asked for is on disk first.
    durability: trigger === 'system' ? 'relaxed' : 'barrier',
    details: JSON.parse(JSON.stringify(details)) as JsonObject,
  };
}

/**
 * The attempt: one message carries one parent, whatever it asks for, so that what a hook records of any target is below
 * this span. One target stands in it by itself, several as a list.
 */
export function dispatchOf({ targets, targetsTotal }: FinecodeRequest, run: Context): Target {
  const told: readonly JsonObject[] = targets.map(({ action, project, paramsHash }) => ({
    action,
    ...(project === undefined ? {} : { project }),
    ...(paramsHash === undefined ? {} : { params_hash: paramsHash }),
  }));
  const payload = targetsTotal === 1 ? told[0] : { asked_for: withinBytes(told) };
  return { context: run.child(), payload: { attempt: 1, runner, ...payload } };
}

/** The first of them: a record has a limit, and paths may be long. */
function withinBytes(told: readonly JsonObject[]): JsonObject[] {
  let left = targetsBytesMax;
  return told.filter((target) => {
    left -= Buffer.byteLength(JSON.stringify(target));
    return left >= 0;
  });
}

/** Which front it was, as far as FineCode's clients say: by their id, and a command line by what it asks. */
export function finecodeOrigin(
  method: string,
  request: FinecodeRequest,
  clientId: string | undefined,
): Origin {
  const isMcp = clientId?.startsWith('mcp-') === true;
  const asked = request.devEnv === 'cli' ? 'cli' : 'finecode';
  const client = isMcp ? clientId.slice('mcp-'.length) : clientId;
  const action = onlyAction(request);
  return {
    front: isMcp ? 'mcp' : clientId === 'lsp' ? 'lsp' : asked,
    method,
    ...(action === undefined ? {} : { name: action }),
    ...(client === undefined ? {} : { client }),
  };
}

/** The action, if there is only one. */
export function onlyAction({ targets }: FinecodeRequest): string | undefined {
  const [first] = targets;
  return targets.every(({ action }) => action === first?.action) ? first?.action : undefined;
}
