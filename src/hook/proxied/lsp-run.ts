/** One run of a language server as the wire shows it, from its acceptance until somebody says how it ended. */
import type { RunDescriptor } from '../descriptor.js';
import type { Recorder } from '../recorder.js';
import type { Run } from '../run.js';
import type { JsonObject } from '../../wal/index.js';
import type { EditedFile } from './lsp-edits.js';

/** How a run is known to have ended, and what it did. */
export interface LspEnd {
  /** Members of the terminal record. */
  readonly ending: JsonObject;
  readonly failure?: Error | undefined;
  readonly edits?: readonly EditedFile[] | undefined;
}

/** A failure that was seen on the wire: its text is cut and redacted when it is recorded. */
export class LspFailure extends Error {
  readonly code: number | string;

  constructor(code: number | string, message: string) {
    super(message);
    this.code = code;
  }
}

/** More edited files of one run are only counted. */
const editsMax = 1000;

export class LspRun {
  readonly #descriptor: RunDescriptor;
  #run: Run | undefined;
  #ended: LspEnd | undefined;
  #wake: (() => void) | undefined;
  /** What happened before the run was there. */
  readonly #early: ((run: Run) => void)[] = [];

  constructor(descriptor: RunDescriptor) {
    this.#descriptor = descriptor;
  }

  get method(): string {
    return this.#descriptor.action;
  }

  /** The editor waits for its answer. */
  get isAsked(): boolean {
    return this.#descriptor.rpc !== undefined;
  }

  /** The span that what follows from this run has as its parent. */
  get context(): RunDescriptor['context'] {
    return this.#descriptor.context;
  }

  /** Its answer waits for the record of its end. */
  get isBarrier(): boolean {
    return this.#descriptor.durability === 'barrier';
  }

  /**
   * Records the run. `goOn` is called once, when its message may go on: with the record of its acceptance, or without,
   * when there is none to be had. Resolves when its end is recorded, or lost. Never rejects.
   */
  async record(recorder: Recorder, goOn: () => void): Promise<void> {
    try {
      await recorder.run(this.#descriptor, async (run) => {
        this.#run = run;
        for (const note of this.#early) note(run);
        goOn();
        conclude(run, await this.#end());
      });
    } catch {
      // What the run failed with is recorded; a record that is lost is counted.
    } finally {
      if (this.#run === undefined) goOn();
    }
  }

  /** Says something about the run while it is open. */
  note(note: (run: Run) => void): void {
    if (this.#run === undefined) this.#early.push(note);
    else note(this.#run);
  }

  /** The first end counts. */
  finish(end: LspEnd): void {
    this.#ended ??= end;
    this.#wake?.();
  }

  #end(): Promise<LspEnd> {
    return new Promise((ended) => {
      this.#wake = (): void => {
        if (this.#ended !== undefined) ended(this.#ended);
      };
      this.#wake();
    });
  }
}

function conclude(run: Run, { ending, failure, edits = [] }: LspEnd): void {
  for (const { uri, change } of edits.slice(0, editsMax)) {
    // The editor writes the file, or keeps it in a buffer: we saw the edit and not the file.
    const before = change === 'created' ? null : undefined;
    const after = change === 'deleted' ? null : undefined;
    // In one flush with the end: the records of a stream become durable in order.
    void run.touched(uri, { before, after, inferred: true });
  }
  run.ending = edits.length > editsMax ? { ...ending, edited: edits.length } : ending;
  if (failure !== undefined) throw failure;
}
