/** `wal.alive` while a run is open: a reader elsewhere, who cannot see our process, has at least that. */
import { OpenRuns } from '../record/open-runs.js';
import type { RecordInput } from '../types.js';

export class Heartbeat {
  readonly #runs = new OpenRuns();
  readonly #intervalMs: number;
  readonly #beat: (openRuns: number) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, beat: (openRuns: number) => void) {
    this.#intervalMs = intervalMs;
    this.#beat = beat;
  }

  /** Takes note of a record that opens or ends a run. */
  see(record: RecordInput): void {
    if (record.wal_run_id === undefined) return;
    this.#runs.see(record);
    if (this.#runs.size === 0) this.stop();
    else this.#timer ??= setInterval(() => this.#beat(this.#runs.size), this.#intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
