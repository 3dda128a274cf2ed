/** Counts of one recorder's stream, over all its incarnations. */
import type { StreamMetrics } from '../types.js';

/** 62 µs to 8 s, doubling; the last bucket has no bound. */
const bucketsMs: readonly number[] = [
  0.0625,
  0.125,
  0.25,
  0.5,
  1,
  2,
  4,
  8,
  16,
  32,
  64,
  128,
  256,
  512,
  1024,
  2048,
  4096,
  8192,
  Number.POSITIVE_INFINITY,
];

export class Metrics {
  records = 0;
  bytes = 0;
  flushes = 0;
  syncs = 0;
  rotations = 0;
  failovers = 0;
  late = 0;
  dropped = 0;
  flushRecordsMax = 0;
  lastError: string | undefined;
  readonly #counts = bucketsMs.map(() => 0);

  /** `durationMs` of a flush with a datasync. */
  flushed(records: number, bytes: number, durationMs: number | undefined): void {
    this.flushes += 1;
    this.records += records;
    this.bytes += bytes;
    if (records > this.flushRecordsMax) this.flushRecordsMax = records;
    if (durationMs === undefined) return;
    this.syncs += 1;
    let bucket = 0;
    while (durationMs > (bucketsMs[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** Moves a writer's counts here. */
  take(writer: { rotations: number; failovers: number; lastError: Error | undefined }): void {
    this.rotations += writer.rotations;
    this.failovers += writer.failovers;
    if (writer.lastError !== undefined) this.failed(writer.lastError);
    writer.rotations = 0;
    writer.failovers = 0;
    writer.lastError = undefined;
  }

  failed(error: unknown): void {
    const code = (error as { code?: unknown } | undefined)?.code;
    const message = error instanceof Error ? error.message : String(error);
    const isSaid = typeof code !== 'string' || message.startsWith(code);
    this.lastError = isSaid ? message : `${code}: ${message}`;
  }

  snapshot(pending: { bytesPending: number; recordsPending: number }): StreamMetrics {
    return {
      records: this.records,
      bytes: this.bytes,
      flushes: this.flushes,
      syncs: this.syncs,
      rotations: this.rotations,
      failovers: this.failovers,
      late: this.late,
      dropped: this.dropped,
      flushRecordsMax: this.flushRecordsMax,
      lastError: this.lastError,
      syncHistogram: bucketsMs.map((leMs, index) => ({ leMs, count: this.#counts[index] ?? 0 })),
      ...pending,
    };
  }
}
