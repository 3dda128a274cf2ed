/** Which runs of a stream are open: accepted here, and without a terminal record yet. */
import type { RecordInput } from '../types.js';

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
  readonly #runs = new Set<string>();

  get size(): number {
    return this.#runs.size;
  }

  see(record: Pick<RecordInput, 'event_type' | 'wal_run_id'>): void {
    if (record.wal_run_id === undefined) return;
    if (record.event_type === 'run.accepted') this.#runs.add(record.wal_run_id);
    else if (terminal.has(record.event_type)) this.#runs.delete(record.wal_run_id);
  }
}
