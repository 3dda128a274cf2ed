/**
 * What is known of each stream: how far it goes, how it ends, what is wrong with it, and whether its writer lives.
 * The evidence every state rests on, and what the truth line counts.
 */
import { hlcAt, type Hlc } from '../../context/index.js';
import { isObject, text, type Entry, type JsonObject, type Moment } from '../entry/entry.js';

/** What a scan found wrong in one place. `UNREADABLE`: the file could not be read at all. */
export interface StreamFault {
  readonly verdict: string;
  readonly file: string;
  readonly offset: number;
  readonly message: string;
  readonly bytes?: number;
  readonly sequenceFrom?: number;
  readonly sequenceTo?: number;
  /** The stream's reading when the fault was met: nothing before it is in doubt. */
  readonly after: Hlc;
}

/** `alive` and `gone` are proved; everything else is `unknown`. */
export interface WriterState {
  readonly state: 'alive' | 'gone' | 'unknown';
  readonly evidence: string;
}

/**
 * `complete`: sealed. `live`: its writer may still append. `unsealed`: it ends between two records, without a seal.
 * `torn`: it ends in half a record, a crash's normal trace. `gap`: its writer says records are missing. `damaged`:
 * what was durable is missing or changed. `unknown`: nothing proves that it goes on or that it ended.
 */
export type StreamCondition =
  | 'complete'
  | 'live'
  | 'unsealed'
  | 'torn'
  | 'gap'
  | 'damaged'
  | 'unknown'
  | 'unreadable';

export interface StreamReport {
  readonly root: string;
  readonly role: string;
  readonly writerId: string;
  readonly records: number;
  readonly first: Moment | undefined;
  readonly last: (Moment & { readonly event: string; readonly sequence: number }) | undefined;
  readonly sealed: boolean;
  readonly writer: WriterState;
  readonly condition: StreamCondition;
  readonly faults: readonly StreamFault[];
  /** Records that were in another file of this stream, or in a copy of it, already. */
  readonly duplicates: number;
  /** A later format than this reader knows; read as far as it goes. */
  readonly isForeign: boolean;
  /** Event types this reader does not know. */
  readonly unknownEvents: number;
  /** Its header, as recorded; absent where that could not be read. */
  readonly opened: JsonObject | undefined;
  /** False: it was searched for an id, and only what was found was checked. */
  readonly isWhole: boolean;
}

export type StreamDraft = {
  -readonly [Key in Exclude<keyof StreamReport, 'faults' | 'first' | 'last'>]: StreamReport[Key];
} & {
  readonly first: StreamReport['first'];
  readonly last: StreamReport['last'];
  firstEntry: Entry | undefined;
  lastEntry: Entry | undefined;
  faults: StreamFault[];
  /** Where records are missing, by the writer's own account. */
  gaps: Hlc[];
  /** Earlier streams of the same process that this one says were lost. */
  lostWriterIds: string[];
  floor: Hlc;
};

/** The highest `format` and `schema_version` this reader was written for. */
const formatMax = 1;
const schemaVersionMax = 2;
/** Verdicts that say how a stream ends, or what was set right, not that something durable is missing. */
const harmless: ReadonlySet<string> = new Set(['TORN', 'UNSEALED', 'SUPERSEDED', 'DUP']);

const knownEvents: ReadonlySet<string> = new Set([
  'run.accepted',
  'run.rejected',
  'runner.selected',
  'run.dispatched',
  'run.cancel_requested',
  'run.client_gone',
  'handler.started',
  'handler.completed',
  'handler.failed',
  'handler.parts_started',
  'handler.parts_completed',
  'partial_result.first_sent',
  'partial_result.final_sent',
  'effect.applied',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.resolved',
  'runner.started',
  'runner.failed',
  'runner.stopped',
  'wal.opened',
  'wal.sealed',
  'wal.gap',
  'wal.alive',
  'wal.checkpoint',
  'wal.late',
  'stream.pruned',
]);

/** A stream of which nothing has been read yet. */
export function streamDraft(ref: { root: string; role: string; writerId: string }): StreamDraft {
  return {
    root: ref.root,
    role: ref.role,
    writerId: ref.writerId,
    records: 0,
    firstEntry: undefined,
    lastEntry: undefined,
    // Looked at when somebody asks: not for each record.
    get first() {
      return this.firstEntry?.at;
    },
    get last() {
      const entry = this.lastEntry;
      if (entry === undefined) return undefined;
      return { ...entry.at, event: entry.event, sequence: entry.sequence };
    },
    sealed: false,
    writer: { state: 'unknown', evidence: 'its header could not be read' },
    condition: 'unknown',
    faults: [],
    duplicates: 0,
    isForeign: false,
    unknownEvents: 0,
    isWhole: true,
    gaps: [],
    lostWriterIds: [],
    opened: undefined,
    floor: hlcAt(0),
  };
}

/** Adds a record of the stream, in the stream's own order. */
export function addToStream(stream: StreamDraft, entry: Entry): void {
  const { event } = entry;
  stream.records += 1;
  stream.firstEntry ??= entry;
  stream.lastEntry = entry;
  if (!knownEvents.has(event)) stream.unknownEvents += 1;
  switch (event) {
    case 'wal.opened': {
      stream.opened ??= entry.record;
      const format = entry.payload['format'];
      if (typeof format === 'number' && format > formatMax) stream.isForeign = true;
      const version = entry.record['schema_version'];
      if (typeof version === 'number' && version > schemaVersionMax) stream.isForeign = true;
      break;
    }
    case 'wal.sealed':
      stream.sealed = isFinalSeal(entry);
      break;
    case 'wal.gap': {
      const lostWriterId = text(entry.payload['lost_writer_id']);
      if (lostWriterId === undefined) stream.gaps.push(entry.at.hlc);
      else stream.lostWriterIds.push(lostWriterId);
      break;
    }
    default:
      stream.sealed = false;
  }
}

/** Rotation seals a segment and names the next one; the stream itself ends with a seal that names none. */
function isFinalSeal(entry: Entry): boolean {
  const next = entry.payload['next'] ?? entry.payload['successor'];
  return !(isObject(next) || text(next) !== undefined);
}

/** Judges the stream, once all of it has been read. */
export function judgeStream(stream: StreamDraft, writer: WriterState): void {
  stream.writer = writer;
  stream.condition = conditionOf(stream);
}

function conditionOf(stream: StreamDraft): StreamCondition {
  const verdicts = new Set(stream.faults.map((fault) => fault.verdict));
  if (verdicts.has('UNREADABLE')) return 'unreadable';
  if (stream.faults.some((fault) => !harmless.has(fault.verdict))) return 'damaged';
  if (stream.gaps.length > 0) return 'gap';
  // What a living writer is just writing may look torn; it is not.
  if (stream.writer.state === 'alive' && !stream.sealed) return 'live';
  if (verdicts.has('TORN')) return 'torn';
  if (stream.sealed) return 'complete';
  return stream.writer.state === 'gone' ? 'unsealed' : 'unknown';
}

/** True when a record that belongs after `at` may be missing from the stream, other than by its writer's death. */
export function mayMissAfter(stream: StreamDraft, at: Hlc): boolean {
  return (
    stream.gaps.some((gap) => gap >= at) ||
    stream.faults.some((fault) => !harmless.has(fault.verdict) && fault.after >= at)
  );
}
