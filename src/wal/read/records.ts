/**
 * Reads a stream: its records with whether they were acknowledged, and its faults, in the order of the file.
 * Read-only, streaming, bounded memory. Never throws for what is in a file: that is a fault.
 */
import type { Fault } from './fault.js';
import type { StreamRef } from './list.js';
import { scanStream } from './scan.js';
import type { WalRecord } from '../types.js';
import type { ReadOptions } from './walk.js';

export type ScanItem =
  | {
      readonly kind: 'record';
      readonly record: WalRecord;
      readonly file: string;
      readonly offset: number;
      /** `yes`: known to have been durable. `unknown`: of the last flush, or of one that nothing came after. */
      readonly acknowledged: 'yes' | 'unknown';
    }
  | { readonly kind: 'fault'; readonly fault: Fault };

/**
 * Everything readable in the stream, in order. Rejects with `STREAM_UNREADABLE` when the system refuses to read a
 * file that is there.
 */
export async function* readStream(
  ref: StreamRef,
  options: ReadOptions = {},
): AsyncGenerator<ScanItem, void, undefined> {
  for await (const batch of scanStream(ref, options)) {
    for (const item of batch) {
      if (item.kind === 'fault') {
        yield item;
        continue;
      }
      const record = item.record();
      const { file, offset, acknowledged } = item;
      yield record === undefined
        ? { kind: 'fault', fault: item.fault() }
        : { kind: 'record', record, file, offset, acknowledged };
    }
  }
}
