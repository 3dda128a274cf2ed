/**
 * What earlier incarnations of a host left open. Reads streams and changes none; whether something is run again is
 * the host's decision, and `resolve` is how it says so.
 */
import {
  listStreams,
  readPruned,
  readStream,
  writerState,
  type Fault,
  type StreamRef,
  type WalRecord,
} from '../wal/index.js';
import { judge, type StreamEvidence } from './verdict.js';

/** A run without a terminal record. */
export interface OpenRun {
  readonly runId: string;
  readonly writerId: string;
  /**
   * `lost`: its writer is provably gone, or closed its stream over it. `in_flight`: its writer still runs.
   * `unknown`: neither can be proved; its writer may run elsewhere, or its end may be among missing records.
   */
  readonly verdict: 'lost' | 'in_flight' | 'unknown';
  /** Why, in a sentence. */
  readonly evidence: string;
  readonly action: string;
  readonly projectPath: string;
  readonly correlationId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly paramsHash?: string;
  /** When it was accepted, and when it was last heard of: `ts` of those records. */
  readonly accepted: string;
  readonly lastSeen: string;
  /** The last event of it: how far it came. */
  readonly lastEvent: string;
  readonly dispatches: number;
  /** Files it is known to have changed. More may have been: the record follows the change. */
  readonly effects: number;
}

interface Draft extends Omit<OpenRun, 'verdict' | 'evidence'> {
  readonly stream: number;
}

/** Oldest first. Throws ROOT_UNUSABLE. */
export async function recoverRuns(root: string, role: string): Promise<readonly OpenRun[]> {
  const scan = new RunScan();
  const all = await listStreams(root);
  const refs = all.filter((ref) => ref.role === role);
  const pruned = await readPruned(all);
  const evidence: StreamEvidence[] = [];
  for (const [stream, ref] of refs.entries()) {
    evidence.push(await scanStream(scan, stream, ref, pruned.get(ref.writerId)));
  }
  return scan
    .open()
    .map(({ stream, ...run }) => ({ ...run, ...judge(evidence, stream) }))
    .filter((run) => !run.isOwn)
    .map(({ isOwn: _isOwn, ...run }) => run)
    .sort((left, right) => (left.accepted < right.accepted ? -1 : 1));
}

async function scanStream(
  scan: RunScan,
  stream: number,
  ref: StreamRef,
  pruned: ReadonlySet<string> | undefined,
): Promise<StreamEvidence> {
  let opened: WalRecord | undefined;
  let isSealed = false;
  let hasGap = false;
  const faults: Fault[] = [];
  for await (const item of readStream(ref, { pruned })) {
    if (item.kind === 'fault') {
      faults.push(item.fault);
      continue;
    }
    const { record } = item;
    if (record.event_type === 'wal.opened') opened ??= record;
    if (record.event_type === 'wal.gap') hasGap = true;
    // A sealed segment that another one follows is no end.
    isSealed = record.event_type === 'wal.sealed';
    scan.see(record, stream);
  }
  return { opened, isSealed, hasGap, faults, state: opened && writerState(opened) };
}

/** The open runs of all streams seen. A run's end may stand in a later stream than its beginning. */
class RunScan {
  readonly #drafts = new Map<string, Draft>();
  /** Ends met before their beginnings: few, because streams come oldest first. */
  readonly #ended = new Set<string>();

  see(record: WalRecord, stream: number): void {
    const runId = record.wal_run_id;
    if (runId === undefined) return;
    switch (record.event_type) {
      case 'run.accepted':
        if (!this.#ended.delete(runId)) this.#drafts.set(runId, draft(record, runId, stream));
        return;
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
      case 'run.rejected':
      case 'run.resolved':
        if (!this.#drafts.delete(runId)) this.#ended.add(runId);
        return;
      default:
        this.#advance(record, runId);
    }
  }

  open(): readonly Draft[] {
    return [...this.#drafts.values()];
  }

  #advance(record: WalRecord, runId: string): void {
    const run = this.#drafts.get(runId);
    if (run === undefined) return;
    this.#drafts.set(runId, {
      ...run,
      lastEvent: record.event_type,
      lastSeen: record.ts,
      dispatches: run.dispatches + (record.event_type === 'run.dispatched' ? 1 : 0),
      effects: run.effects + (record.event_type === 'effect.applied' ? 1 : 0),
    });
  }
}

function draft(record: WalRecord, runId: string, stream: number): Draft {
  const paramsHash = record.payload['params_hash'];
  return {
    stream,
    runId,
    writerId: record.writer_id,
    action: record.action_name ?? '',
    projectPath: record.project_path,
    correlationId: record.correlation_id ?? '',
    spanId: record.span_id ?? '',
    ...(record.parent_span_id === undefined ? {} : { parentSpanId: record.parent_span_id }),
    ...(typeof paramsHash === 'string' ? { paramsHash } : {}),
    accepted: record.ts,
    lastSeen: record.ts,
    lastEvent: record.event_type,
    dispatches: 0,
    effects: 0,
  };
}
