/**
 * Records of a stream as a stream of their own, in the form of docs/format.md: numbered and chained anew, so that any
 * reader can check them; the number a record had is kept in it. One segment, whatever there was.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

type Json = Readonly<Record<string, unknown>>;

export interface Copied {
  readonly text: string;
  readonly records: number;
}

/** What a header says of files that are not in the copy. */
const elsewhere = ['predecessor', 'supersedes', 'previous_stream'] as const;

/** The records, in their order. `isSealed`: the stream was closed, and so is the copy. */
export function copyStream(records: readonly Json[], isSealed: boolean): Copied {
  const lines: string[] = [];
  let [previous, last] = ['00000000', records.at(-1) ?? {}];
  const add = (record: Json): void => {
    const { synced: _synced, prev: _prev, crc: _crc, ...rest } = record;
    const sequence = lines.length + 1;
    const text = ascii(JSON.stringify({ ...rest, sequence, synced: sequence - 1, prev: previous }));
    // The trailer comes last, and the check is over everything before it.
    const checked = text.slice(0, -1);
    previous = crc32(Buffer.from(checked)).toString(16).padStart(8, '0');
    lines.push(`${checked},"crc":"${previous}"}\n`);
    last = record;
  };
  for (const record of records)
    add({ ...withoutOthers(record), original_sequence: record['sequence'] });
  if (isSealed) add(seal(last, lines.join('')));
  return { text: lines.join(''), records: lines.length };
}

function withoutOthers(record: Json): Json {
  if (record['event_type'] !== 'wal.opened') return record;
  const payload: Record<string, unknown> = { ...(record['payload'] as Json), segment: 1 };
  for (const member of elsewhere) delete payload[member];
  return { ...record, payload };
}

function seal(last: Json, before: string): Json {
  const { schema_version, writer_id, ts, hlc } = last;
  const bytes = Buffer.from(before);
  const payload = {
    count: before.split('\n').length - 1,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    next: null,
    reason: 'bundle',
    clock_steps: 0,
  };
  // The first five members have their places.
  const head = { schema_version, sequence: 0, writer_id, ts, event_type: 'wal.sealed' };
  return { ...head, project_path: '', payload, hlc };
}

function ascii(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
