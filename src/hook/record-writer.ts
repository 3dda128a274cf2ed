/**
 * Appends for the recorder, and what happens when that fails. Degrading means: the host goes on, the loss is counted
 * and said once on the process's warning channel. Nothing here retries; the stream owns its failover.
 */
import { ThroughlineError } from '../context/index.js';
import type { Durability, OnFailure, RecordInput } from '../wal/index.js';
import type { RecordStream } from './stream.js';

/** Codes of the warnings, emitted through `process.emitWarning` once for each code and recorder. */
export type WarningCode = 'THROUGHLINE_RECORD_LOST' | 'THROUGHLINE_RUN_SETTLED';

export class RecordWriter {
  readonly #stream: RecordStream;
  readonly #onFailure: OnFailure;
  readonly #warned = new Set<WarningCode>();
  #lost = 0;
  #misuses = 0;

  constructor(stream: RecordStream, onFailure: OnFailure) {
    this.#stream = stream;
    this.#onFailure = onFailure;
  }

  /** Records that could not be appended. */
  get lost(): number {
    return this.#lost;
  }

  /** Calls on a run that had settled. */
  get misuses(): number {
    return this.#misuses;
  }

  /** Never rejects: for records that no decision of the host waits for. */
  async note(record: RecordInput, durability: Durability): Promise<void> {
    try {
      await this.#append(record, durability);
    } catch {
      // Counted and said; whatever comes next and needs the stream decides.
    }
  }

  /** Rejects with APPEND_REJECTED when the record is lost and the host asked to know (`onFailure: 'reject'`). */
  async require(record: RecordInput, durability: Durability): Promise<void> {
    try {
      await this.#append(record, durability);
    } catch (cause) {
      if (this.#onFailure === 'degrade') return;
      throw new ThroughlineError('APPEND_REJECTED', `${record.event_type} could not be recorded`, {
        cause,
      });
    }
  }

  /** A programmer's error in the host: said, counted, and never thrown at it. */
  misused(message: string): void {
    this.#misuses += 1;
    this.#warn('THROUGHLINE_RUN_SETTLED', message);
  }

  async #append(record: RecordInput, durability: Durability): Promise<void> {
    try {
      // Synchronous up to here: two records written in one tick are in one flush, in order.
      const { outcome } = await this.#stream.append(record, { durability });
      if (outcome === 'dropped') this.#lose(record, 'the stream is degraded');
    } catch (error) {
      this.#lose(record, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  #lose(record: RecordInput, why: string): void {
    this.#lost += 1;
    this.#warn('THROUGHLINE_RECORD_LOST', `${record.event_type} was not recorded: ${why}`);
  }

  #warn(code: WarningCode, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    process.emitWarning(message, { type: 'ThroughlineWarning', code });
  }
}
