/** One recorded request on its way: its run, from the acceptance until somebody says how it ended. */
import { mcpEnding, mcpOutcome, type McpAnswer } from '../mcp-outcome.js';
import type { RunDescriptor } from '../descriptor.js';
import type { Recorder } from '../recorder.js';
import type { Run } from '../run.js';
import type { JsonObject } from '../../wal/index.js';

export interface AskedOptions {
  readonly method: string;
  readonly descriptor: RunDescriptor;
}

/** Nobody will answer, and nobody outside of the server knows what it did. */
const unanswered: JsonObject = { answered: false, execution: 'unknown' };

export class Asked {
  readonly method: string;
  /** Its answer waits for the record of its end. */
  readonly isBarrier: boolean;
  readonly #descriptor: RunDescriptor;
  readonly #askedMs = performance.now();
  #heldMs = 0;
  #run: Run | undefined;
  #ended: { readonly answer: McpAnswer; readonly more: JsonObject } | undefined;
  #wake: (() => void) | undefined;
  /** What happened before the run was there. */
  readonly #early: ((run: Run) => void)[] = [];

  constructor({ method, descriptor }: AskedOptions) {
    this.method = method;
    this.isBarrier = descriptor.durability === 'barrier';
    this.#descriptor = descriptor;
  }

  /**
   * Records the request. `goOn` is called once, when it may be sent: with the record of its acceptance, or without,
   * when there is none to be had. Resolves when its end is recorded, or lost. Never rejects.
   */
  async record(recorder: Recorder, goOn: () => void): Promise<void> {
    try {
      await recorder.run(this.#descriptor, async (run) => {
        this.#run = run;
        for (const note of this.#early) note(run);
        this.#heldMs = performance.now() - this.#askedMs;
        goOn();
        await this.#end();
        this.#conclude(run);
      });
    } catch {
      // What the run failed with is recorded; a record that is lost is counted.
    } finally {
      if (this.#run === undefined) goOn();
    }
  }

  /** How long its record has held it on its way to the server. */
  get heldMs(): number {
    return this.#heldMs;
  }

  answered(answer: McpAnswer): void {
    this.#finish(answer, {});
  }

  cancelled(reason: string | undefined): void {
    this.#note((run) => run.cancelRequested(reason));
    this.#finish('cancelled', unanswered);
  }

  clientGone(reason: string): void {
    this.#note((run) => run.clientGone(reason));
  }

  /** The answer can not come any more. */
  closed(why: JsonObject): void {
    this.#finish('connection_closed', { ...unanswered, ...why });
  }

  #note(note: (run: Run) => void): void {
    if (this.#run === undefined) this.#early.push(note);
    else note(this.#run);
  }

  #finish(answer: McpAnswer, more: JsonObject): void {
    this.#ended ??= { answer, more };
    this.#wake?.();
  }

  #end(): Promise<void> {
    return new Promise((wake) => {
      this.#wake = wake;
      if (this.#ended !== undefined) wake();
    });
  }

  #conclude(run: Run): void {
    const { answer, more } = this.#ended ?? { answer: 'connection_closed', more: unanswered };
    const end = mcpOutcome(this.method, answer);
    run.ending = { ...mcpEnding(end), ...more };
    if (end.failure !== undefined) throw end.failure;
  }
}
