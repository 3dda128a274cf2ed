/**
 * When a checkpoint is due: so long after the first record that no signature covers. It rides at the head of the next
 * flush; where none comes, it asks for one. It keeps no process alive.
 */

export class CheckpointTimer {
  readonly #intervalMs: number;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  isDue = false;

  constructor(intervalMs: number, onDue: () => void) {
    this.#intervalMs = intervalMs;
    this.#onDue = onDue;
  }

  /** Records were written that nothing signed covers. */
  wrote(): void {
    this.#timer ??= setTimeout(() => {
      this.isDue = true;
      this.#onDue();
    }, this.#intervalMs).unref();
  }

  /** Everything written is covered, or this stream is written no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.isDue = false;
  }
}
