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

/** Names sort by the clock of their writers, so the latest readings are in the last few. */
const streamsMax = 4;

/** Looks at the role's last streams. What cannot be read is as if it were not there: opening must not fail for it. */
export async function lastOfRole(root: string, role: string): Promise<LastOfRole | undefined> {
  let end: JsonObject | undefined;
  let hlc: Hlc | undefined;
  try {
    const writers = await listWriters(root, role);
    for (const writerId of writers.slice(-streamsMax)) {
      const directory = join(root, 'wal', role, writerId);
      const segment = (await segmentsOf(directory)).at(-1);
      const tail = segment === undefined ? undefined : await tailOf(join(directory, segment));
      const last = tail?.last;
      if (last === undefined) continue;
      const read = parseHlc((JSON.parse(last.text) as { hlc?: unknown }).hlc);
      if (read !== undefined && (hlc === undefined || read > hlc)) hlc = read;
      end = {
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

async function tailOf(path: string): Promise<Tail> {
  const file = await nodeReadPort.open(path);
  try {
    return await readTail(file, await file.size());
  } finally {
    await file.close();
  }
}
