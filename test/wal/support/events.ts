/** Reads what is under a root on the real disk. */
import { listStreams, readStream, type Fault, type WalRecord } from '../../../src/wal/index.js';

export interface Found {
  readonly records: readonly WalRecord[];
  readonly faults: readonly Fault[];
}

/** All streams under `root`, in the order of their names. */
export async function readRoot(root: string): Promise<Found> {
  const records: WalRecord[] = [];
  const faults: Fault[] = [];
  for (const ref of await listStreams(root)) {
    for await (const item of readStream(ref)) {
      if (item.kind === 'record') records.push(item.record);
      else faults.push(item.fault);
    }
  }
  return { records, faults };
}

/** Event types in order, without the streams' own unless asked for. */
export function types(found: Found): readonly string[] {
  return found.records.map((record) => record.event_type);
}
