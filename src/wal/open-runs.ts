/** Which runs of a stream are open: accepted here, and without a terminal record yet. */
import type { RecordInput } from './types.js';

const terminal: ReadonlySet<string> = new Set([
  'run.cancelled',
  'run.completed',
  'run.failed',
  'run.rejected',
]);

/** True for the events that end a run. */
export function isTerminal(eventType: string): boolean {
  return terminal.has(eventType);
}

export class OpenRuns {
  readonly #segmentOf = new Map<string, number>();

  get size(): number {
    return this.#segmentOf.size;
  }

  /** The lowest segment in which an open run was accepted. */
  get oldestSegment(): number | undefined {
    // Insertion order is the order of acceptance.
    for (const segment of this.#segmentOf.values()) return segment;
    return undefined;
  }

  see(record: Pick<RecordInput, 'event_type' | 'wal_run_id'>, segment: number): void {
    if (record.wal_run_id === undefined) return;
    if (record.event_type === 'run.accepted') this.#segmentOf.set(record.wal_run_id, segment);
    else if (terminal.has(record.event_type)) this.#segmentOf.delete(record.wal_run_id);
  }
}
