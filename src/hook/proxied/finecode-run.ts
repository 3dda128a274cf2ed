/** One run asked of FineCode's workspace manager, as the recorder takes it. Pure. */
import type { Context, Origin } from '../../context/index.js';
import type { RunDescriptor, Target } from '../descriptor.js';
import type { JsonObject } from '../../wal/index.js';
import type { FinecodeRequest } from './finecode-request.js';

export interface FinecodeRun {
  readonly request: FinecodeRequest;
  readonly method: string;
  readonly context: Context;
  readonly targets: readonly Target[];
}

const runner = 'finecode';

/** What is recorded of the run; the caller adds which message it was. */
export function describeFinecode(asked: FinecodeRun): RunDescriptor {
  const { request, method, context, targets } = asked;
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
    targets,
    projectPath: only?.project,
    trigger,
    devEnv,
    // The editor asks again at each key; what a person asked for is on disk first.
    durability: trigger === 'system' ? 'relaxed' : 'barrier',
    details: JSON.parse(JSON.stringify(details)) as JsonObject,
  };
}

/** A span for each target, below the run's. */
export function targetsOf({ targets }: FinecodeRequest, run: Context): readonly Target[] {
  return targets.map(({ action, project, paramsHash }) => ({
    context: run.child(),
    payload: {
      attempt: 1,
      runner,
      action,
      ...(project === undefined ? {} : { project }),
      ...(paramsHash === undefined ? {} : { params_hash: paramsHash }),
    },
  }));
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
