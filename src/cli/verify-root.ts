/** All streams of a root, checked one after the other. Repairs nothing. */
import { ThroughlineError } from '../context/index.js';
import {
  listStreams,
  readPruned,
  readReferences,
  verifyStream,
  type Checkpoint,
  type StreamRef,
  type Verdict,
  type VerifyOptions,
  type VerifyReport,
} from '../wal/index.js';
import { UsageError } from './command.js';

export interface Verified {
  readonly ref: StreamRef;
  /** Absent for a stream that could not be read. */
  readonly report: VerifyReport | undefined;
  readonly problem: string;
  /** The writers of which the root says that something was removed. */
  readonly pruned: readonly string[];
}

/** What a crash leaves behind, and a failover: nothing acknowledged is missing. */
export const harmless: ReadonlySet<Verdict> = new Set(['TORN', 'UNSEALED', 'SUPERSEDED']);

/** Throws `ROOT_UNUSABLE`, and `UsageError` for what was kept elsewhere and is no use. */
export async function* verifyRoot(
  root: string,
  elsewhere: {
    readonly publicKey?: string | undefined;
    readonly kept?: readonly Checkpoint[];
  } = {},
): AsyncGenerator<Verified, void, undefined> {
  const { publicKey, kept = [] } = elsewhere;
  const refs = await listStreams(root);
  const pruned = await readPruned(refs);
  const references = await readReferences(refs);
  for (const ref of refs) {
    const checkpoints = kept.filter((one) => one.writerId === ref.writerId);
    const reference = references.get(ref.writerId);
    const options = { publicKey, pruned: pruned.get(ref.writerId), checkpoints, reference };
    yield { ref, ...(await verify(ref, options)), pruned: [...pruned.keys()] };
  }
}

/** What is wrong with it beyond what a crash leaves. */
export function damages(one: Verified): readonly Verdict[] {
  const found = (one.report?.faults ?? []).map((fault) => fault.verdict);
  return found.filter((verdict) => !harmless.has(verdict));
}

export function isThroughlineError(
  error: unknown,
  code: ThroughlineError['code'],
): error is ThroughlineError {
  return error instanceof ThroughlineError && error.code === code;
}

async function verify(
  ref: StreamRef,
  options: VerifyOptions,
): Promise<Pick<Verified, 'report' | 'problem'>> {
  try {
    return { report: await verifyStream(ref, options), problem: '' };
  } catch (error) {
    if (isThroughlineError(error, 'ARGUMENT_INVALID')) {
      throw new UsageError(error.message, { cause: error });
    }
    if (!isThroughlineError(error, 'STREAM_UNREADABLE')) throw error;
    return { report: undefined, problem: error.message };
  }
}
