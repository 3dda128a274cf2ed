/** What a stream could not keep: counted while it goes on, and said in `wal.gap` once something can be written. */
import type { JsonObject } from '../types.js';

export class Gap {
  #records = 0;
  #reason = '';
  #lost: JsonObject | undefined;

  get isOpen(): boolean {
    return this.#records > 0 || this.#lost !== undefined;
  }

  add(records: number, reason: string): void {
    if (this.#reason === '') this.#reason = reason;
    this.#records += records;
  }

  /** A stream on disk was lost after this sequence. */
  lose(writerId: string, afterSequence: number, reason: string): void {
    this.#reason = reason;
    this.#lost = { lost_writer_id: writerId, after_sequence: afterSequence };
  }

  /** The payload of `wal.gap`; counting starts anew. */
  take(): JsonObject {
    const payload = { records: this.#records, reason: this.#reason, ...this.#lost };
    this.#records = 0;
    this.#reason = '';
    this.#lost = undefined;
    return payload;
  }
}
