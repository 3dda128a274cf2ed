/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The recorder of one host process: runs and runners in, records out. It writes one stream and reads none but in
 * `recover`. It never kills, retries or cancels anything.
 */
import { runInContext, ThroughlineError } from '../context/index.js';
import { currentRun } from './current-run.js';
import { cut, nameCharsMax } from './bounds.js';
import type { CancelSignal, RunDescriptor } from './descriptor.js';
import { RecordWriter } from './record-writer.js';
import { recoverRuns, type OpenRun } from './recover.js';
import { resolved, type Resolution } from './resolved.js';
import { runContext } from './run-context.js';
import { Run } from './run.js';
import { describeError } from './failure.js';
import type { Json, OnFailure, StreamMetrics } from '../wal/index.js';
import type { RecordStream } from './stream.js';

export interface RecorderParts {
  readonly stream: RecordStream;
  readonly role: string;
  readonly onFailure: OnFailure;
  /** Absolute path that records without a project of their own name. */
  readonly workspace: string | undefined;
}

/** What happened to a runner process. */
export interface RunnerEvent {
  readonly runner: string;
  readonly env?: string | undefined;
  readonly pid?: number | undefined;
  readonly exitCode?: number | null | undefined;
  readonly signal?: string | null | undefined;
  /** Why it could not be started, or stopped. */
  readonly error?: unknown;
}

export interface RecorderMetrics {
  /** Runs that have not settled. */
  readonly runsOpen: number;
  readonly runsAccepted: number;
  /** Records that could not be appended. */
  readonly recordsLost: number;
  /** Calls on runs that had settled. */
  readonly misuses: number;
  readonly stream: StreamMetrics;
}

export class Recorder {
  readonly #stream: RecordStream;
  readonly #writer: RecordWriter;
  readonly #role: string;
  readonly #workspace: string | undefined;
  #runsOpen = 0;
  #runsAccepted = 0;

  /** @internal Hosts call `openRecorder`. */
  constructor(parts: RecorderParts) {
    this.#stream = parts.stream;
    this.#writer = new RecordWriter(parts.stream, parts.onFailure);
    this.#role = parts.role;
    this.#workspace = parts.workspace;
  }

  get writerId(): string {
    return this.#stream.writerId;
  }

  /** Absolute path of the root the stream lies under. */
  get root(): string {
    return this.#stream.root;
  }

  /**
   * Runs `fn` as one run: `run.accepted` is durable before it starts, exactly one terminal record before this returns
   * or throws what `fn` does. `fn` runs in the scope of the run's span. Throws APPEND_REJECTED only under
   * `onFailure: 'reject'`.
   */
  async run<Result>(
    descriptor: RunDescriptor,
    fn: (run: Run) => Result | Promise<Result>,
  ): Promise<Result> {
    const run = new Run({
      ...runContext(descriptor.context, currentRun() !== undefined),
      writer: this.#writer,
      descriptor,
      projectPath: descriptor.projectPath ?? this.#workspace,
    });
    this.#runsAccepted += 1;
    this.#runsOpen += 1;
    try {
      await run.accept();
      return await this.#execute(run, descriptor.signal, fn);
    } finally {
      this.#runsOpen -= 1;
    }
  }

  /** A runner process was started, could not be, or stopped. Never throws. */
  recordRunner(what: 'started' | 'failed' | 'stopped', event: RunnerEvent): void {
    const { runner, env, pid, exitCode, signal, error } = event;
    const payload: Record<string, Json> = { runner: cut(runner, nameCharsMax) };
    if (pid !== undefined) payload['pid'] = pid;
    if (exitCode !== undefined) payload['exit_code'] = exitCode;
    if (signal !== undefined) payload['signal'] = signal;
    if (error !== undefined) payload['error'] = describeError(error);
    const envName = env === undefined ? {} : { env_name: cut(env, nameCharsMax) };
    void this.#writer.note(
      {
        event_type: `runner.${what}`,
        ...(this.#workspace === undefined ? {} : { project_path: this.#workspace }),
        ...envName,
        payload: { ...payload, ...envName },
      },
      'relaxed',
    );
  }

  /**
   * What to add to a runner's environment: the root, so that it writes beside this process. The trace variables are
   * there as `undefined`, which takes them out of `{ ...process.env, ...recorder.childEnv() }`: a runner serves many
   * requests and continues none of them through its environment.
   */
  childEnv(): Record<string, string | undefined> {
    return { THROUGHLINE_ROOT: this.root, TRACEPARENT: undefined, TRACESTATE: undefined };
  }

  /**
   * The runs that earlier incarnations of this role left open under the same root, oldest first, without those of
   * this process. Reads every stream of the role: call it once, at start-up. Throws ROOT_UNUSABLE.
   */
  recover(options: { readonly role?: string | undefined } = {}): Promise<readonly OpenRun[]> {
    return recoverRuns(this.root, options.role ?? this.#role);
  }

  /**
   * Closes an earlier incarnation's run in this stream: `abandoned`, `rerun` (as the run given), or `done` (its work
   * turned out to be complete). Durable when it resolves. Throws ARGUMENT_INVALID for a run that is in flight, and
   * APPEND_REJECTED under `onFailure: 'reject'`.
   */
  async resolve(run: OpenRun, resolution: Resolution, rerun?: Run): Promise<void> {
    if (run.verdict === 'in_flight') {
      throw new ThroughlineError(
        'ARGUMENT_INVALID',
        `run ${run.runId} is in flight: ${run.evidence}`,
      );
    }
    await this.#writer.require(resolved(run, resolution, rerun?.id), 'barrier');
  }

  metrics(): RecorderMetrics {
    return {
      runsOpen: this.#runsOpen,
      runsAccepted: this.#runsAccepted,
      recordsLost: this.#writer.lost,
      misuses: this.#writer.misuses,
      stream: this.#stream.metrics(),
    };
  }

  /** Makes everything recorded so far durable. Rejects when it cannot. */
  flush(): Promise<void> {
    return this.#stream.flush();
  }

  /** Seals the stream. A run that is still open stays open in it. May be called twice. */
  close(): Promise<void> {
    return this.#stream.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #execute<Result>(
    run: Run,
    signal: CancelSignal | undefined,
    fn: (run: Run) => Result | Promise<Result>,
  ): Promise<Result> {
    const unwatch = watchCancel(run, signal);
    let result: Result;
    try {
      result = await runInContext(run.context, () => fn(run));
    } catch (error) {
      // What the function threw is what the caller must see, even when its record is lost; that is counted.
      await run.fail(error).catch(() => undefined);
      throw error;
    } finally {
      unwatch();
    }
    await run.complete();
    return result;
  }
}

function watchCancel(run: Run, signal: CancelSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  const note = (): void => {
    const reason: unknown = signal.reason;
    run.cancelRequested(reason instanceof Error ? reason.message : undefined);
  };
  if (signal.aborted) note();
  else signal.addEventListener('abort', note, { once: true });
  return () => signal.removeEventListener('abort', note);
}
