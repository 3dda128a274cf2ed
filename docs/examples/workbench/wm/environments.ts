/**
 * One extension runner (ER) process per environment, started when first needed and again after it died. The connection
 * to it goes both ways: the WM asks for work, and the work may ask the WM for more.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runInContext } from 'throughline';
import type { Dispatch, Recorder } from 'throughline/hook';
import { correlated, stampWriter } from 'throughline/json-rpc';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';

export interface Runner extends Dispatch {
  /** `oxc@4711`: the environment and the process. */
  readonly runner: string;
  readonly env: string;
  readonly connection: MessageConnection;
}

export interface EnvironmentsOptions {
  readonly recorder: Recorder;
  readonly workspace: string;
  /** Called once per ER, before anything is read from it: what the ER may ask of the WM. */
  readonly serve: (connection: MessageConnection) => void;
}

const runnerProgram = fileURLToPath(new URL('../er/main.js', import.meta.url));

export class Environments {
  readonly #options: EnvironmentsOptions;
  readonly #running = new Map<string, { readonly runner: Runner; readonly child: ChildProcess }>();

  constructor(options: EnvironmentsOptions) {
    this.#options = options;
  }

  /** The environment's ER, started if it is not running. */
  runner(environment: string): Runner {
    // In no context: a process that serves everybody does not belong to the request that happened to start it.
    return (
      this.#running.get(environment)?.runner ??
      runInContext(undefined, () => this.#start(environment))
    );
  }

  #start(environment: string): Runner {
    const { recorder, workspace, serve } = this.#options;
    const child = spawn(process.execPath, [runnerProgram, environment, workspace], {
      env: { ...process.env, ...recorder.childEnv() },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      stampWriter(new StreamMessageWriter(child.stdin), { responses: true }),
      undefined,
      correlated(),
    );
    const runner = { runner: `${environment}@${child.pid}`, env: environment, connection };
    const facts = {
      runner: runner.runner,
      env: environment,
      ...(child.pid === undefined ? {} : { pid: child.pid }),
    };
    this.#running.set(environment, { runner, child });
    recorder.recordRunner('started', facts);
    // `close`, not `exit`: what the ER answered before it went is still read.
    child.once('close', (code, signal) => {
      this.#running.delete(environment);
      recorder.recordRunner(code === 0 ? 'stopped' : 'failed', {
        ...facts,
        exitCode: code,
        signal,
      });
      // Rejects what waits for an answer.
      connection.dispose();
    });
    serve(connection);
    connection.listen();
    return runner;
  }

  /** Lets every ER finish: it exits when its input ends. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.values()].map(async ({ child }) => {
        const closed = once(child, 'close');
        child.stdin?.end();
        await closed;
      }),
    );
  }
}
