/** From a caller's record to a line in the queue: encoding, back-pressure, and what is dropped while there is no stream. */
import { ThroughlineError, type ErrorCode, type Hlc } from '../../context/index.js';
import type { CommitQueue } from './commit-queue.js';
import type { EncodedBody } from '../record/encode.js';
import type { Encoder } from '../record/encoder.js';
import type { Gap } from './gap.js';
import { Heartbeat } from './heartbeat.js';
import type { Metrics } from './metrics.js';
import type { CheckedOptions } from '../options.js';
import type { AppendOptions } from './stream-api.js';
import type { Appended, Durability, JsonObject, RecordInput, StreamState } from '../types.js';
import { WaitingRoom } from './waiting-room.js';

export interface IntakeParts {
  readonly queue: CommitQueue;
  readonly encoder: Encoder;
  readonly gap: Gap;
  readonly metrics: Metrics;
  readonly state: () => StreamState;
}

export class Intake {
  /** Callers who wait for room. */
  readonly room: WaitingRoom;
  readonly heartbeat: Heartbeat;
  readonly #onFull: CheckedOptions['onFull'];
  readonly #parts: IntakeParts;
  /** Of the last record that was put into the queue. */
  #lastHlc: Hlc | undefined;

  constructor(options: CheckedOptions, parts: IntakeParts) {
    this.#parts = parts;
    this.#onFull = options.onFull;
    this.room = new WaitingRoom(options.bytesPendingMax, options.barrierWaitMsMax);
    this.heartbeat = new Heartbeat(options.aliveIntervalMs, (openRuns) => {
      this.note('wal.alive', { open_runs: openRuns }, 'none');
    });
  }

  append(record: RecordInput, options: AppendOptions): Promise<Appended> {
    const { encoder, queue, state } = this.#parts;
    let encoded: EncodedBody;
    try {
      encoded = encoder.record(record);
    } catch (error) {
      return Promise.reject(error);
    }
    const isWaiting = !this.room.has(encoded.text.length, queue.bytesPending);
    if (state() !== 'open' || !isWaiting) return this.#enqueue(record, encoded, options);
    if (this.#onFull === 'reject') return rejected('APPEND_REJECTED', 'too many bytes are waiting');
    return new Promise((resolve) => {
      this.room.wait(encoded.text.length, (hasRoom) => {
        resolve(hasRoom ? this.#enqueue(record, encoded, options) : this.#drop(encoded));
      });
    });
  }

  /** A record of the stream's own: never waits, never rejects; written also while the stream is being closed. */
  note(eventType: string, payload: JsonObject, durability: Durability = 'relaxed'): void {
    const { encoder, queue, state } = this.#parts;
    if (state() === 'degraded' || state() === 'poisoned') return;
    // Who waits for room has read the clock already, and comes behind this.
    const at = this.room.size > 0 ? this.#lastHlc : undefined;
    const encoded = encoder.own({ event_type: eventType, payload }, at);
    this.#lastHlc = encoded.hlc;
    queue.push(encoded, durability);
  }

  /** Says in the stream what it could not keep, if there is anything. */
  sayGap(durability?: Durability): void {
    const { gap, state } = this.#parts;
    if (state() === 'open' && gap.isOpen) this.note('wal.gap', gap.take(), durability);
  }

  #enqueue(record: RecordInput, encoded: EncodedBody, options: AppendOptions): Promise<Appended> {
    const { queue, state } = this.#parts;
    // Runs are followed also while nothing can be written: they are open all the same.
    this.heartbeat.see(record);
    if (state() !== 'open') return this.#drop(encoded);
    this.#lastHlc = encoded.hlc;
    const durability = options.durability ?? 'barrier';
    if (durability === 'barrier') return queue.pushBarrier(encoded);
    queue.push(encoded, durability);
    return Promise.resolve({ outcome: 'queued', sequence: undefined, hlc: encoded.hlc });
  }

  #drop(encoded: EncodedBody): Promise<Appended> {
    const { gap, metrics, state } = this.#parts;
    if (state() === 'poisoned') return rejected('STREAM_POISONED', 'the stream is poisoned');
    metrics.dropped += 1;
    gap.add(1, state() === 'open' ? 'no room' : (metrics.lastError ?? ''));
    return Promise.resolve({ outcome: 'dropped', sequence: undefined, hlc: encoded.hlc });
  }
}

export function rejected(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new ThroughlineError(code, message));
}
