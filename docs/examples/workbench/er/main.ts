/**
 * An extension runner (ER): `main.js ENVIRONMENT WORKSPACE`, started by the WM, which it talks to over stdio. Does the
 * work on files and says so in its own stream. Exits when its input ends.
 */
import { currentRun, openRecorder, recordJsonRpc, type Run } from 'throughline/hook';
import { correlated, stampWriter } from 'throughline/json-rpc';
import {
  createMessageConnection,
  ProgressType,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import {
  environmentOf,
  methods,
  type Finding,
  type RunParams,
  type RunResult,
} from '../actions.js';
import { settleRuns } from '../settle.js';
import { actions } from './actions.js';

const [environment = 'default', workspace = process.cwd()] = process.argv.slice(2);

// The root comes from the environment the WM gave: its streams and ours lie side by side.
const recorder = await openRecorder({ role: 'er', workspace, name: environment });
const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  stampWriter(new StreamMessageWriter(process.stdout), { responses: true }),
  undefined,
  correlated(),
);
const settleMsMax = 2000;
const leaving = new AbortController();
const findingsProgress = new ProgressType<readonly Finding[]>();

recordJsonRpc(connection, recorder, {
  [methods.execute]: {
    action: ({ action }: RunParams) => action,
    env: environment,
    summary: ['reason'],
  },
});

connection.onRequest(methods.execute, (params: RunParams, cancellation: CancellationToken) => {
  const run = currentRun();
  const action = actions[params.action];
  if (run === undefined || action === undefined) throw new Error(`no action ${params.action}`);
  return run.handler(params.action, async () => {
    const result = await action({
      workspace,
      params,
      run,
      signal: signalOf(cancellation),
      ask: (wanted) => askWorkspaceManager(run, wanted),
    });
    return stream(run, params, result);
  });
});

/** Another action, wherever it runs: an attempt of its own, so that the run it makes is caused by this one. */
function askWorkspaceManager(run: Run, params: RunParams): Promise<RunResult> {
  const dispatch = { runner: 'wm', env: environmentOf[params.action], attempt: 1 };
  return run.dispatched(dispatch, () => connection.sendRequest<RunResult>(methods.run, params));
}

/** With a token, findings go ahead of the result and are not in it again. */
async function stream(run: Run, params: RunParams, result: RunResult): Promise<RunResult> {
  const { partialResultToken: token } = params;
  if (token === undefined || result.findings.length === 0) return result;
  await connection.sendProgress(findingsProgress, token, result.findings);
  run.partialSent({ isFinal: true });
  return { ...result, findings: [] };
}

/** Aborts when the request is cancelled, and when the WM is gone. */
function signalOf(cancellation: CancellationToken): AbortSignal {
  const controller = new AbortController();
  cancellation.onCancellationRequested(() => controller.abort());
  return AbortSignal.any([controller.signal, leaving.signal]);
}

async function leave(): Promise<void> {
  leaving.abort();
  await settleRuns(recorder, settleMsMax);
  await recorder.close();
  process.exit(0);
}

connection.onClose(() => void leave());
connection.listen();
