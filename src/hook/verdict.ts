/** What can be said of a run that has no terminal record. Never says lost without proof. */
import type { Fault, WalRecord, writerState } from '../wal/index.js';

/** What one stream shows about its writer. */
export interface StreamEvidence {
  readonly opened: WalRecord | undefined;
  readonly isSealed: boolean;
  readonly hasGap: boolean;
  readonly faults: readonly Fault[];
  readonly state: ReturnType<typeof writerState> | undefined;
}

export interface Judgement {
  readonly verdict: 'lost' | 'in_flight' | 'unknown';
  readonly evidence: string;
  /** Written by the process that asks: not an earlier incarnation. */
  readonly isOwn: boolean;
}

/** Damage that may have swallowed a terminal record. A torn tail may not: what is in it was never acknowledged. */
const damaging: ReadonlySet<string> = new Set(['CORRUPT', 'GAP', 'MISSING', 'FORK']);

/** The verdict for the open runs of one of `streams`. */
export function judge(streams: readonly StreamEvidence[], index: number): Judgement {
  const stream = streams[index];
  const { opened, state } = stream ?? {};
  if (stream === undefined || opened === undefined || state === undefined) {
    return { verdict: 'unknown', evidence: 'the stream has no readable header', isOwn: false };
  }
  const isOwn = state.state === 'alive' && opened.payload['pid'] === process.pid;
  if (state.state === 'alive' && !stream.isSealed) {
    return { verdict: 'in_flight', evidence: state.evidence, isOwn };
  }
  const damage = stream.faults.find((fault) => damaging.has(fault.verdict));
  if (damage !== undefined) {
    return { verdict: 'unknown', evidence: `its stream is damaged: ${damage.message}`, isOwn };
  }
  // A writer that lost its stream goes on in another one, which begins with the gap.
  const identity = processOf(opened);
  if (streams.some((other) => other.hasGap && processOf(other.opened) === identity)) {
    return { verdict: 'unknown', evidence: 'its writer could not record everything', isOwn };
  }
  if (stream.isSealed) {
    return { verdict: 'lost', evidence: 'its writer closed the stream over it', isOwn };
  }
  return { verdict: state.state === 'gone' ? 'lost' : 'unknown', evidence: state.evidence, isOwn };
}

function processOf(opened: WalRecord | undefined): string | undefined {
  if (opened === undefined) return undefined;
  const { payload } = opened;
  return JSON.stringify([
    payload['machine'],
    payload['boot_id'],
    payload['pid_namespace'],
    payload['pid'],
    payload['process_start'],
  ]);
}
