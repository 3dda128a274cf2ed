/**
 * A front's connection to the workspace manager, the same for all three fronts. Fronts keep nothing: they write no
 * file, start no process and run under Node's permission model without write permission.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { bind } from 'throughline';
import { stampWriter } from 'throughline/json-rpc';
import {
  CancellationToken,
  createMessageConnection,
  ProgressType,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import {
  methods,
  type BatchParams,
  type Finding,
  type RunParams,
  type RunResult,
} from '../actions.js';

export interface RunOptions {
  readonly cancellation?: CancellationToken;
  /** Called with findings as they come. */
  readonly onFindings?: (findings: readonly Finding[]) => void;
}

export interface WorkspaceManager {
  run(params: RunParams, options?: RunOptions): Promise<RunResult>;
  runBatch(params: BatchParams, options?: RunOptions): Promise<readonly RunResult[]>;
  close(): void;
}

const findingsProgress = new ProgressType<readonly Finding[]>();
let tokens = 0;

/** Connects to the WM whose port is in `WORKBENCH_PORT` or in the file `WORKBENCH_PORT_FILE` names. */
export async function connectToWorkspaceManager(): Promise<WorkspaceManager> {
  const socket = connect(portOf(process.env), '127.0.0.1');
  await once(socket, 'connect');
  return overSocket(socket);
}

function overSocket(socket: Socket): WorkspaceManager {
  // The one line that carries the id on: whatever is written inside a request's scope names that request.
  const writer = stampWriter(new StreamMessageWriter(socket));
  const connection = createMessageConnection(new StreamMessageReader(socket), writer);
  // Without it, requests under way would wait for ever when the WM dies.
  connection.onClose(() => connection.dispose());
  connection.listen();

  const send = async <Result>(
    method: string,
    params: object,
    { cancellation = CancellationToken.None, onFindings }: RunOptions,
  ): Promise<Result> => {
    if (onFindings === undefined) return connection.sendRequest(method, params, cancellation);
    tokens += 1;
    // `bind`: the WM's progress arrives outside of any scope of ours, and belongs to the request that asked for it.
    const progress = connection.onProgress(findingsProgress, tokens, bind(onFindings));
    try {
      const streamed = { ...params, partialResultToken: tokens };
      return await connection.sendRequest(method, streamed, cancellation);
    } finally {
      progress.dispose();
    }
  };
  return {
    run: (params, options = {}) => send(methods.run, params, options),
    runBatch: (params, options = {}) => send(methods.runBatch, params, options),
    close: () => socket.end(),
  };
}

function portOf(env: NodeJS.ProcessEnv): number {
  const file = env['WORKBENCH_PORT_FILE'];
  const text = env['WORKBENCH_PORT'] ?? (file === undefined ? '' : readFileSync(file, 'utf8'));
  const port = Number.parseInt(text, 10);
  if (Number.isNaN(port)) throw new Error('set WORKBENCH_PORT or WORKBENCH_PORT_FILE');
  return port;
}
