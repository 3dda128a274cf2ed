/** Tries again later, each time after twice as long. Keeps no process alive. */
export class Retry {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#delayMs = firstMs;
  }

  later(attempt: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(attempt), this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, this.#maxMs);
  }

  now(attempt: () => Promise<void>): void {
    this.#underWay = attempt();
  }

  /** All is well: the next wait is the first one again. */
  reset(): void {
    this.#delayMs = this.#firstMs;
  }

  /** No further attempt. Resolves when there is none under way. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#underWay;
  }
}
