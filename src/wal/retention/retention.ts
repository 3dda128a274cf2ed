/** A recorder's own retention: in the background, after it opened and after each rotation, for its own role only. */
import { prune, type OpenJournal } from './prune.js';
import type { RetentionLimits } from './prune-plan.js';

export interface RetentionOptions extends Partial<RetentionLimits> {
  /** How long after the open or the rotation. Default 1000: a one-shot command is gone by then and pays nothing. */
  readonly delayMs?: number;
}

export interface RetentionParts {
  readonly root: string;
  readonly role: string;
  readonly options: RetentionOptions;
  readonly openJournal: OpenJournal;
  readonly onError: (error: unknown) => void;
}

export class Retention {
  readonly #parts: RetentionParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #rotations = 0;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Looks soon if there were more rotations than last time. */
  saw(rotations: number): void {
    if (rotations > this.#rotations) this.due();
    this.#rotations = rotations;
  }

  /** Looks soon; does not keep the process alive for it. */
  due(): void {
    if (this.#running !== undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run();
    }, this.#parts.options.delayMs ?? 1000).unref();
  }

  /** No look is begun after this; one that is under way has ended when this resolves. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { root, role, options, openJournal, onError } = this.#parts;
    try {
      await prune({ root, roles: [role], ...options }, openJournal);
    } catch (error) {
      // A root too full is no reason to fail the host; the next rotation tries again.
      onError(error);
    }
    this.#running = undefined;
  }
}
