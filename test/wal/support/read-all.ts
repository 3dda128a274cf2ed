/** Reads a stream that is only in memory. */
import { readStream, type Fault, type ScanItem } from '../../../src/wal/index.js';
import { statePort } from './state-port.js';

const directory = '/root/wal/wm/stream';

function read(
  writerId: string,
  files: Readonly<Record<string, Uint8Array>>,
): AsyncGenerator<ScanItem, void, undefined> {
  const entries = new Map<string, Uint8Array | null>([[directory, null]]);
  for (const [name, content] of Object.entries(files)) entries.set(`${directory}/${name}`, content);
  const ref = { root: '/root', role: 'wm', writerId, directory, segments: Object.keys(files) };
  return readStream(ref, { port: statePort(entries) });
}

/** Whether a reader has anything to object; it is not asked a second time. */
export async function hasFault(
  writerId: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<boolean> {
  for await (const item of read(writerId, files)) if (item.kind === 'fault') return true;
  return false;
}

export async function readAll(
  writerId: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<readonly ScanItem[]> {
  const items: ScanItem[] = [];
  for await (const item of read(writerId, files)) items.push(item);
  return items;
}

/** What a reader says, in short: records by sequence, with a question mark while unacknowledged, and faults. */
export async function tell(
  writerId: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<{ readonly records: string; readonly faults: readonly string[] }> {
  const items = await readAll(writerId, files);
  const records = items.flatMap((item) =>
    item.kind === 'record'
      ? [`${item.record.sequence}${item.acknowledged === 'yes' ? '' : '?'}`]
      : [],
  );
  const faults = items.flatMap((item) => (item.kind === 'fault' ? [spell(item.fault)] : []));
  return { records: records.join(' '), faults };
}

export function spell(fault: Fault): string {
  const { verdict, file, offset, bytes, sequenceFrom, sequenceTo } = fault;
  const range = `${sequenceFrom ?? ''}..${sequenceTo ?? ''}`;
  return `${verdict} ${file} at ${offset}+${bytes ?? 0} ${range}`;
}
