/**
 * The recorder around a command that knows nothing of it: one run, accepted before the command starts and ended after
 * it. Starting, signals and standard streams are the caller's; what happens to the record never changes what happens
 * to the command, unless the caller asked for that.
 */
import { Context, extractEnv, injectEnv, processClock } from '../../context/index.js';
import type { Env, OnFailure } from '../../wal/index.js';
import { openRecorder } from '../open.js';
import type { Recorder } from '../recorder.js';
import type { Run } from '../run.js';
import { commandName, describeCommand } from './command-line.js';
import { endFields, failureOf, type CommandEnd } from './outcome.js';
import { Tail } from './tail.js';
import { Watch } from './watch.js';

export interface CommandRecord {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  /** Default: as for every writer, by `THROUGHLINE_ROOT` or the directory. */
  readonly root?: string | undefined;
  /** Default: the command's name. */
  readonly action?: string | undefined;
  readonly keepsArguments: boolean;
  readonly watchPatterns: readonly string[];
  /** 0: nothing is kept, and `onStderr` need not be called. */
  readonly tailBytes: number;
  /** `degrade`: the command runs, recorded or not. `reject`: it does not run unless its start is on disk. */
  readonly onFailure: Exclude<OnFailure, 'exit'>;
  /** Said at most once: what is missing in the record, and why. */
  readonly warn: (message: string) => void;
  /** Starts the command and waits for its end. Never rejects. */
  readonly start: (watched: Watched) => Promise<CommandEnd>;
}

/** What the record wants to know while the command runs. */
export interface Watched {
  /** To set in the command's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onStart: (pid: number) => void;
  /** We were sent a signal, whoever got it besides. */
  readonly onSignal: (signal: string) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
}

/** Resolves with the command's end. Throws ROOT_UNUSABLE and APPEND_REJECTED under `reject`: nothing was started. */
export async function recordCommand(record: CommandRecord): Promise<CommandEnd> {
  const recorder = await open(record);
  const isRecorded = recorder.writerId !== '';
  if (!isRecorded) record.warn(`the command is not recorded: ${lastError(recorder)}`);
  const watch = new Watch(record.watchPatterns, { cwd: record.cwd, except: recorder.root });
  watch.begin();
  let end: CommandEnd | undefined;
  try {
    await recorder.run(descriptorOf(record), async (run) => {
      const session = new Session(record, run, recorder.root);
      end = await session.run();
      const failure = session.conclude(end, watch);
      if (failure !== undefined) throw failure;
    });
  } catch (error) {
    // With an end it is the failure thrown above, or a lost last record: the command has run either way.
    if (end === undefined) throw error;
  } finally {
    await recorder.close();
    if (isRecorded && end !== undefined && recorder.metrics().recordsLost > 0) {
      record.warn(`the record of the command is incomplete: ${lastError(recorder)}`);
    }
  }
  if (end === undefined) throw new Error('the command has no end');
  return end;
}

function open(record: CommandRecord): Promise<Recorder> {
  return openRecorder({
    role: 'exec',
    root: record.root,
    // The context in a command's environment is its parent, and so not also a link of the process.
    env: { ...record.env, TRACEPARENT: undefined },
    name: 'throughline record exec',
    sync: 'inline',
    onFailure: record.onFailure,
  });
}

function lastError(recorder: Recorder): string {
  return recorder.metrics().stream.lastError ?? 'no error was reported';
}

function descriptorOf(record: CommandRecord) {
  const { file, args, env, keepsArguments, cwd } = record;
  const action = record.action ?? commandName(file);
  const remote = extractEnv(env);
  const clock = remote?.hlc === undefined ? undefined : processClock().merge(remote.hlc);
  const origin = remote?.origin ?? { front: 'cli', name: action };
  return {
    action,
    projectPath: cwd,
    context: Context.begin({ remote, origin }),
    command: describeCommand(file, args, keepsArguments),
    clock,
  };
}

/** One command and its run. */
class Session {
  readonly #record: CommandRecord;
  readonly #run: Run;
  readonly #root: string;
  readonly #asked = new Set<string>();
  readonly #tail: Tail;
  #startedMs: number | undefined;
  #endedMs = 0;

  constructor(record: CommandRecord, run: Run, root: string) {
    this.#record = record;
    this.#run = run;
    this.#root = root;
    this.#tail = new Tail(record.tailBytes);
  }

  async run(): Promise<CommandEnd> {
    const end = await this.#record.start({
      env: { ...injectEnv(this.#run.context), THROUGHLINE_ROOT: this.#root },
      onStart: (pid) => {
        this.#startedMs = performance.now();
        this.#run.runnerStarted({ runner: commandName(this.#record.file), pid });
      },
      onSignal: (signal) => {
        this.#asked.add(signal);
        this.#run.cancelRequested(signal);
      },
      onStderr: (chunk) => this.#tail.add(chunk),
    });
    this.#endedMs = performance.now();
    return end;
  }

  /** Records what the command did, and returns what the run fails with. */
  conclude(end: CommandEnd, watch: Watch): Error | undefined {
    const failure = failureOf(end, this.#asked, this.#startedMs !== undefined);
    const { tailBytes, watchPatterns } = this.#record;
    const { changes, counts } = watch.end();
    for (const { path, before, after } of changes) {
      // In one flush with the end: the records of a stream become durable in order.
      void this.#run.touched(path, { before, after, inferred: true });
    }
    this.#run.ending = {
      ...endFields(end),
      // The command's own: looking at files is ours.
      duration_ms: Math.round((this.#endedMs - (this.#startedMs ?? this.#endedMs)) * 1000) / 1000,
      ...(watchPatterns.length === 0 ? {} : { watched: counts }),
      ...(failure === undefined || tailBytes === 0
        ? {}
        : { stderr_tail: this.#tail.text(), stderr_bytes: this.#tail.totalBytes }),
    };
    return failure;
  }
}
