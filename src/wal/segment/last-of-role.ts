/** Where the last stream of a role ended, so that the next one's clock starts behind it. */
import { join } from 'node:path';
import { parseHlc, type Hlc } from '../../context/index.js';
import { hex8 } from '../record/assemble.js';
import { listWriters, segmentsOf } from '../read/list.js';
import { nodeReadPort } from '../disk/read-port.js';
import { readTail, type Tail } from '../read/tail.js';
import type { JsonObject } from '../types.js';

export interface LastOfRole {
  /** For the new header: which stream, and where we saw it end. */
  readonly end: JsonObject;
  readonly hlc: Hlc | undefined;
}

/** Names sort by the clock of their writers, so the latest readings are in the last few in which anything was written. */
const streamsMax = 4;
/** So many are looked at for these. */
const lookedAtMax = 64;

/** Looks at the role's last streams. What cannot be read is as if it were not there: opening must not fail for it. */
export async function lastOfRole(root: string, role: string): Promise<LastOfRole | undefined> {
  let end: JsonObject | undefined;
  let hlc: Hlc | undefined;
  try {
    const writers = await listWriters(root, role);
    let count = 0;
    for (const writerId of writers.slice(-lookedAtMax).toReversed()) {
      if (count === streamsMax) break;
      const tail = await tailOf(join(root, 'wal', role, writerId));
      const last = tail?.last;
      if (last === undefined) continue;
      count += 1;
      const read = parseHlc((JSON.parse(last.text) as { hlc?: unknown }).hlc);
      if (read !== undefined && (hlc === undefined || read > hlc)) hlc = read;
      end ??= {
        writer_id: writerId,
        last_sequence: last.sequence,
        last_crc: hex8(last.crc >>> 0),
        // What was durable by then must be there for ever; what was only written may be lost in a power cut.
        synced: tail?.synced ?? 0,
      };
    }
  } catch {
    // A root that is not there yet, or a stream that was pruned meanwhile.
  }
  return end === undefined ? undefined : { end, hlc };
}

/** Of the stream's last file with a record. */
async function tailOf(directory: string): Promise<Tail | undefined> {
  for (const segment of (await segmentsOf(directory)).toReversed()) {
    const file = await nodeReadPort.open(join(directory, segment));
    try {
      const tail = await readTail(file, await file.size());
      if (tail.last !== undefined) return tail;
    } finally {
      await file.close();
    }
  }
  return undefined;
}
