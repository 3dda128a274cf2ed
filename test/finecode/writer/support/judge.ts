/** What a reader of ours finds in a root that Python wrote. */
import {
  listStreams,
  readStream,
  verifyStream,
  type WalRecord,
} from '../../../../src/wal/index.js';

export interface FoundStream {
  readonly writerId: string;
  readonly records: readonly WalRecord[];
  /** Verdicts of reading and of verifying. */
  readonly verdicts: readonly string[];
  readonly isSealed: boolean;
}

/** Every stream under `root`, in the order of their names. */
export async function judge(root: string): Promise<readonly FoundStream[]> {
  const found: FoundStream[] = [];
  for (const ref of await listStreams(root)) {
    const records: WalRecord[] = [];
    const verdicts: string[] = [];
    for await (const item of readStream(ref)) {
      if (item.kind === 'record') records.push(item.record);
      else verdicts.push(item.fault.verdict);
    }
    const { faults } = await verifyStream(ref);
    verdicts.push(...faults.map(({ verdict }) => verdict));
    const isSealed = records.at(-1)?.event_type === 'wal.sealed';
    found.push({ writerId: ref.writerId, records, verdicts, isSealed });
  }
  return found;
}

/** The only stream there is. */
export async function judgeOne(root: string): Promise<FoundStream> {
  const [stream, ...rest] = await judge(root);
  if (stream === undefined || rest.length > 0) throw new Error(`${rest.length + 1} streams`);
  return stream;
}

export const marked = (stream: FoundStream): readonly WalRecord[] =>
  stream.records.filter((record) => record.event_type === 'test.marked');

export const types = (stream: FoundStream): readonly string[] =>
  stream.records.map((record) => record.event_type);
