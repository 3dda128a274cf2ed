/**
 * Retention: removes what is old or too much, and says so first. The intent is durable in a stream of role `prune`
 * before the first file goes, so that whatever a crash leaves half-way is explained; the next run ends the work.
 */
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { ThroughlineError } from '../../context/index.js';
import { hostIdentity, type HostIdentity } from '../liveness/liveness.js';
import { listStreams, type StreamRef } from '../read/list.js';
import { planRemoval, type Candidate, type Removal, type RetentionLimits } from './prune-plan.js';
import { nodeReadPort, type ReadPort } from '../disk/read-port.js';
import { nodeRemovalPort, type RemovalPort } from '../disk/removal-port.js';
import {
  readContent,
  summarise,
  type StreamContent,
  type StreamSummary,
} from './stream-summary.js';
import type { Stream } from '../append/stream-api.js';

export interface PruneOptions extends Partial<RetentionLimits> {
  readonly root: string;
  /** Only streams of these roles. Default: all. */
  readonly roles?: readonly string[] | undefined;
  /** Say what would go, and remove nothing. */
  readonly dryRun?: boolean | undefined;
  /** Unix milliseconds. Default: now. */
  readonly nowMs?: number | undefined;
  readonly here?: HostIdentity | undefined;
  readonly port?: ReadPort | undefined;
  readonly removal?: RemovalPort | undefined;
}

export interface PruneReport {
  readonly removed: readonly Removal[];
  /** Of all roles that were looked at. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

const dayMs = 86_400_000;
export const defaultLimits: RetentionLimits = {
  ageMsMax: 30 * dayMs,
  bytesMax: 1024 * 1024 * 1024,
  lostRunMsMax: 14 * dayMs,
};

/** Opens the stream of role `prune` that the intent is written to. */
export type OpenJournal = (root: string) => Promise<Stream>;

/** Removes what the limits ask for. Rejects with `ROOT_UNUSABLE`, also when the intent could not be made durable. */
export async function prune(options: PruneOptions, openJournal: OpenJournal): Promise<PruneReport> {
  const { removed, bytesBefore, refs } = await planPrune(options);
  const bytesAfter = removed.reduce((rest, { bytes }) => rest - bytes, bytesBefore);
  if (options.dryRun !== true) {
    const removal = options.removal ?? nodeRemovalPort;
    await tidy(refs, options.port ?? nodeReadPort, removal);
    if (removed.length > 0) await carryOut(removed, await openJournal(options.root), removal);
  }
  return { removed, bytesBefore, bytesAfter };
}

/** Directories that an earlier run emptied, and was stopped before it removed them. A new stream's has no file either. */
async function tidy(
  refs: readonly StreamRef[],
  port: ReadPort,
  removal: RemovalPort,
): Promise<void> {
  const empty = refs.filter(({ segments }) => segments.length === 0);
  if (empty.length === 0) return;
  const explained = await readPruned(refs, port);
  for (const { writerId, directory } of empty) {
    if (explained.has(writerId)) await ifThere(removal.removeDirectory(directory));
  }
}

interface Plan {
  readonly refs: readonly StreamRef[];
  readonly removed: readonly Removal[];
  readonly bytesBefore: number;
}

async function planPrune(options: PruneOptions): Promise<Plan> {
  const limits = { ...defaultLimits, ...options };
  const nowMs = options.nowMs ?? Date.now();
  const streams: StreamSummary[] = [];
  const port = options.port ?? nodeReadPort;
  const refs = await listStreams(options.root, port);
  for (const ref of refs) {
    if (options.roles?.includes(ref.role) === false) continue;
    streams.push(await summarise(ref, port));
  }
  streams.sort((one, other) => (one.lastMs ?? 0) - (other.lastMs ?? 0));
  const bytesBefore = streams.reduce((sum, { bytes }) => sum + bytes, 0);
  let excess = bytesBefore - limits.bytesMax;
  const inspect = inspector(streams, options.here ?? hostIdentity(), port);
  const removed: Removal[] = [];
  for (const summary of streams) {
    const oldest = summary.segments[0]?.lastMs;
    const isOld = oldest !== undefined && nowMs - oldest > limits.ageMsMax;
    const isWholeOld = summary.lastMs !== undefined && nowMs - summary.lastMs > limits.ageMsMax;
    if (!isOld && excess <= 0) continue;
    const candidate = await inspect(summary);
    const isFinished = candidate.content.writer !== 'alive';
    // A finished stream goes as a whole, and so not before its last record is old.
    const reason = (isFinished ? isWholeOld : isOld) ? 'age' : 'bytes';
    if (reason === 'bytes' && excess <= 0) continue;
    const planned = planRemoval(candidate, limits, { ms: nowMs, reason });
    if (planned === undefined) continue;
    removed.push(planned);
    excess -= planned.bytes;
  }
  return { refs, removed, bytesBefore };
}

/** Reads a stream through, and the others of its role only when it has open runs that they might end. */
function inspector(
  streams: readonly StreamSummary[],
  here: HostIdentity,
  port: ReadPort,
): (summary: StreamSummary) => Promise<Candidate> {
  const contents = new Map<string, Promise<StreamContent>>();
  const contentOf = (summary: StreamSummary): Promise<StreamContent> => {
    const { writerId } = summary.ref;
    const known = contents.get(writerId) ?? readContent(summary.ref, port, here);
    contents.set(writerId, known);
    return known;
  };
  return async (summary) => {
    const content = await contentOf(summary);
    let lostRuns = [...content.openRuns.keys()];
    for (const other of streams) {
      if (lostRuns.length === 0) break;
      if (other.ref.role !== summary.ref.role || other === summary) continue;
      const { endedRuns } = await contentOf(other);
      lostRuns = lostRuns.filter((run) => !endedRuns.has(run));
    }
    const isNeeded = streams.some(
      (other) => other !== summary && content.explains.has(other.ref.writerId),
    );
    return { summary, content, lostRuns, isNeeded };
  };
}

async function carryOut(
  removed: readonly Removal[],
  journal: Stream,
  port: RemovalPort,
): Promise<void> {
  try {
    for (const removal of removed) {
      const { outcome } = await journal.append(intent(removal));
      // Nothing goes that is not explained.
      if (outcome !== 'durable') {
        throw new ThroughlineError('ROOT_UNUSABLE', 'the intent to prune could not be recorded');
      }
      await remove(port, removal);
    }
  } finally {
    await journal.close();
  }
}

function intent(removal: Removal): Parameters<Stream['append']>[0] {
  return {
    event_type: 'stream.pruned',
    payload: {
      writer_id: removal.writerId,
      role: removal.role,
      files: removal.files,
      whole: removal.isWhole,
      reason: removal.reason,
      bytes: removal.bytes,
      sequence_from: removal.sequenceFrom,
      sequence_to: removal.sequenceTo,
      lost_runs: removal.lostRuns,
    },
  };
}

/** Oldest first: a process that is killed here leaves the newer part of a chain. A power cut may leave any part. */
async function remove(port: RemovalPort, removal: Removal): Promise<void> {
  const { directory, files, isWhole } = removal;
  for (const file of files) {
    await ifThere(port.removeFile(join(directory, file)));
    // Whatever the port is, the host gets its turn.
    await turn();
  }
  // Synced before the next intent: what explains a removal must not go before it.
  if (isWhole) await ifThere(port.removeDirectory(directory));
  await ifThere(port.syncDirectory(isWhole ? dirname(directory) : directory));
}

/** Another pruner, or a user, may have been faster; a directory may hold what is not ours. */
async function ifThere(act: Promise<void>): Promise<void> {
  try {
    await act;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/**
 * Which files of which streams were removed on record: for `readStream`'s option `pruned`. `refs` are all streams of a
 * root, as `listStreams` gives them: only those of role `prune` are read.
 */
export async function readPruned(
  refs: readonly StreamRef[],
  port: ReadPort = nodeReadPort,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const all = new Map<string, Set<string>>();
  const here = hostIdentity();
  for (const ref of refs) {
    if (ref.role !== 'prune') continue;
    const { explains } = await readContent(ref, port, here);
    for (const [writerId, files] of explains) {
      all.set(writerId, new Set([...(all.get(writerId) ?? []), ...files]));
    }
  }
  return all;
}
