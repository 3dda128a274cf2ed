/**
 * What the WM serves, to fronts and to its own ERs alike. Each run is accepted in the stream before anything is asked
 * of an ER, and `run.dispatched` is the one span that goes on the wire to it.
 */
import { bind } from 'throughline';
import { currentRun, recordJsonRpc, type Recorder, type Run } from 'throughline/hook';
import { ProgressType, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc/node';
import {
  environmentOf,
  methods,
  type BatchParams,
  type Finding,
  type RunParams,
  type RunResult,
} from '../actions.js';
import type { Environments } from './environments.js';

export interface Platform {
  readonly recorder: Recorder;
  readonly environments: Environments;
}

interface Job {
  readonly run: Run;
  readonly params: RunParams;
  readonly cancellation: CancellationToken;
  /** Who asked, and gets what is streamed. */
  readonly asker: MessageConnection;
}

const findingsProgress = new ProgressType<readonly Finding[]>();
let tokens = 0;

/** Serves one connection. Call it before `listen`. */
export function serveActions(asker: MessageConnection, platform: Platform): void {
  const { recorder, environments } = platform;
  recordJsonRpc(asker, recorder, {
    [methods.run]: {
      action: ({ action }: RunParams) => action,
      env: ({ action }: RunParams) => environmentOf[action],
      // Of the parameters, this alone is kept. The files are the user's business.
      summary: ['reason'],
      // Durable in the same flush as the acceptance.
      dispatch: ({ action }: RunParams) => environments.runner(environmentOf[action]),
    },
  });
  asker.onRequest(methods.run, (params: RunParams, cancellation: CancellationToken) =>
    execute({ run: runOfThisRequest(), params, cancellation, asker }, environments),
  );
  // One message, several runs: each is a run of its own under the front's span.
  asker.onRequest(methods.runBatch, (batch: BatchParams, cancellation: CancellationToken) =>
    Promise.all(
      batch.runs.map((one) => {
        const { partialResultToken } = batch;
        const params = {
          ...one,
          ...(partialResultToken === undefined ? {} : { partialResultToken }),
        };
        const { action, reason } = params;
        const runner = environments.runner(environmentOf[action]);
        return recorder.run(
          { action, params, envName: runner.env, summary: { reason }, dispatch: runner },
          (run) => execute({ run, params, cancellation, asker }, environments),
        );
      }),
    ),
  );
}

/** Sends one action to the ER of its environment, in the scope of an attempt's span, and streams back what it finds. */
function execute(job: Job, environments: Environments): Promise<RunResult> {
  const { run, params, cancellation, asker } = job;
  const { runner, env, connection } = environments.runner(environmentOf[params.action]);
  return run.dispatched({ runner, env }, async () => {
    const { partialResultToken: asked } = params;
    if (asked === undefined) {
      return connection.sendRequest<RunResult>(methods.execute, params, cancellation);
    }
    tokens += 1;
    const streamed = { ...params, partialResultToken: tokens };
    const progress = connection.onProgress(
      findingsProgress,
      tokens,
      bind((findings: readonly Finding[]) => {
        run.partialSent();
        void asker.sendProgress(findingsProgress, asked, findings);
      }),
    );
    try {
      return await connection.sendRequest<RunResult>(methods.execute, streamed, cancellation);
    } finally {
      progress.dispose();
    }
  });
}

function runOfThisRequest(): Run {
  const run = currentRun();
  if (run === undefined) throw new Error(`${methods.run} is not recorded`);
  return run;
}
