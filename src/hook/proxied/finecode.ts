/**
 * What passes between FineCode's clients and its workspace manager, recorded as runs: one for each `actions/run` and
 * `actions/runBatch`, with a dispatch for each action in each project. The request goes on when its acceptance is as
 * durable as its trigger asks, with a span of ours in it; its answer leaves when the run's end is. Never answers,
 * changes or drops another message, and never fails one for a record's sake.
 */
import type { Recorder } from '../recorder.js';
import type { JsonObject } from '../../wal/index.js';
import { FinecodeConnection, type RecordedRuns } from './finecode-connection.js';
import type { LspRun } from './lsp-run.js';
import { within } from './within.js';

export interface FinecodeRecordingOptions {
  readonly recorder: Recorder;
  /** Said once: there are more open requests than can be kept. */
  readonly warn: (message: string) => void;
}

/** How long the end of a process may come after that of its connections. */
const endMsMax = 500;

/** The runs of all connections, in one stream. */
export class FinecodeRecording implements RecordedRuns {
  readonly #recorder: Recorder;
  readonly #full: () => void;
  readonly #records = new Map<LspRun, Promise<void>>();
  readonly #connections = new Set<FinecodeConnection>();
  #end: JsonObject | undefined;
  #ended: (() => void) | undefined;
  readonly #over: Promise<void>;

  constructor({ recorder, warn }: FinecodeRecordingOptions) {
    this.#recorder = recorder;
    this.#full = (): void => warn('too many runs are open: some are not recorded');
    this.#over = new Promise((ended) => {
      this.#ended = ended;
    });
  }

  connection(name: string): FinecodeConnection {
    const connection = new FinecodeConnection(name, this.#full, this);
    this.#connections.add(connection);
    return connection;
  }

  /** The workspace manager's process is gone, and with it every answer. */
  ended(why: JsonObject): void {
    this.#end ??= why;
    this.#ended?.();
  }

  /** What is still open will not be answered. Resolves when all ends are recorded. */
  async close(): Promise<void> {
    this.#ended?.();
    for (const connection of this.#connections) connection.closed();
    await Promise.all(this.#records.values());
  }

  /** The connection is closed. */
  forget(connection: FinecodeConnection): void {
    this.#connections.delete(connection);
  }

  /** Opens the run's record; `goOn` is called when its message may go on. */
  record(run: LspRun, goOn: () => void): void {
    const recorded = run.record(this.#recorder, goOn).finally(() => this.#records.delete(run));
    this.#records.set(run, recorded);
  }

  /** Resolves when the run's end is recorded. */
  recorded(run: LspRun): Promise<void> | undefined {
    return this.#records.get(run);
  }

  /** How the process ended, if that is why a connection did. */
  async whyEnded(): Promise<JsonObject> {
    await within(this.#over, endMsMax);
    return this.#end ?? {};
  }
}
