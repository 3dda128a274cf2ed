/** Says when it is worth looking again: when the system tells of a change, or when the time is over. Watches only. */
import { watch } from 'node:fs';
import type { StopSignal } from './follow-types.js';

/** So many directories are watched; what is in others is found by looking. */
const watchesMax = 512;
const pollMsWatched = 1000;
const pollMsBlind = 200;

export class Wake {
  readonly #watches = new Map<string, { close(): void }>();
  readonly #pollMs: number | undefined;
  #isBlind = false;
  #isChanged = false;
  #wake: (() => void) | undefined;

  constructor(pollMs: number | undefined, signal: StopSignal | undefined) {
    this.#pollMs = pollMs;
    signal?.addEventListener('abort', () => this.#tell());
  }

  /** Watches a directory, if that works here and there is room. */
  add(directory: string): void {
    if (this.#watches.has(directory) || this.#watches.size >= watchesMax) return;
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#tell());
      watcher.on('error', () => {
        this.#isBlind = true;
        this.#watches.delete(directory);
        watcher.close();
      });
      this.#watches.set(directory, watcher);
    } catch {
      // No inotify, or none left: then looking has to do.
      this.#isBlind = true;
    }
  }

  drop(directory: string): void {
    this.#watches.get(directory)?.close();
    this.#watches.delete(directory);
  }

  /** Resolves at a change, after the interval, or after `msMax`. */
  async wait(msMax: number): Promise<void> {
    const pollMs = this.#pollMs ?? (this.#isBlind ? pollMsBlind : pollMsWatched);
    if (!this.#isChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(pollMs, msMax));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isChanged = false;
  }

  close(): void {
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #tell(): void {
    this.#isChanged = true;
    this.#wake?.();
  }
}
