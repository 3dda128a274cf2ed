/** What streams say of each other: a header names where the role's stream before it stood. */
import { join } from 'node:path';
import type { StreamRef } from '../read/list.js';
import { isObject } from '../record/parse.js';
import { nodeReadPort, type ReadPort } from '../disk/read-port.js';
import { readOpened, withFile } from '../read/survey.js';

/** A stream was durable up to this record, says somebody else. */
export interface Reference {
  readonly sequence: number;
  /** Who says so, in words. */
  readonly source: string;
}

/** By the name of the stream that is spoken of: the furthest that any of `refs` saw it durable. */
export async function readReferences(
  refs: readonly StreamRef[],
  port: ReadPort = nodeReadPort,
): Promise<ReadonlyMap<string, Reference>> {
  const found = new Map<string, Reference>();
  for (const { directory, segments, writerId } of refs) {
    const [first] = segments;
    if (first === undefined) continue;
    const opened = await withFile(port, join(directory, first), async (file) =>
      readOpened(file, await file.size()),
    );
    const previous = opened?.record.payload['previous_stream'];
    if (!isObject(previous)) continue;
    const { writer_id: named, synced: sequence } = previous;
    if (typeof named !== 'string' || typeof sequence !== 'number') continue;
    const known = found.get(named);
    if (known !== undefined && known.sequence >= sequence) continue;
    found.set(named, { sequence, source: `the header of ${writerId}` });
  }
  return found;
}
