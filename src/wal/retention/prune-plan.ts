/**
 * Decides what retention removes. Pure: everything it needs is given. It removes only what is provably finished:
 * whole streams of writers that are gone or done, and sealed segments of live ones below their oldest open run.
 * What is unknown stays.
 */
import type { StreamContent, StreamSummary } from './stream-summary.js';

export interface RetentionLimits {
  readonly ageMsMax: number;
  readonly bytesMax: number;
  /** How long a lost run that nobody resolved keeps its stream. */
  readonly lostRunMsMax: number;
}

export interface Removal {
  readonly writerId: string;
  readonly role: string;
  readonly directory: string;
  /** Oldest first. */
  readonly files: readonly string[];
  /** The stream's directory goes, too. */
  readonly isWhole: boolean;
  readonly bytes: number;
  readonly reason: 'age' | 'bytes';
  readonly sequenceFrom: number | undefined;
  readonly sequenceTo: number | undefined;
  /** Runs in it that never ended and that nobody resolved. */
  readonly lostRuns: readonly string[];
}

export interface Candidate {
  readonly summary: StreamSummary;
  readonly content: StreamContent;
  /** Its open runs that no other stream ends or resolves. */
  readonly lostRuns: readonly string[];
  /** Other streams that are still there need this one's explanations. */
  readonly isNeeded: boolean;
}

/** What may be removed of one stream for `reason`, or `undefined`. */
export function planRemoval(
  candidate: Candidate,
  limits: RetentionLimits,
  now: { readonly ms: number; readonly reason: 'age' | 'bytes' },
): Removal | undefined {
  const { summary, content, lostRuns, isNeeded } = candidate;
  if (isNeeded) return undefined;
  const isFinished = content.writer === 'gone' || (content.isClosed && content.writer === 'alive');
  if (isFinished) {
    const isPinned =
      lostRuns.length > 0 &&
      (summary.lastMs === undefined || now.ms - summary.lastMs < limits.lostRunMsMax);
    return isPinned ? undefined : removal(candidate, summary.segments.length, true, now.reason);
  }
  if (content.writer !== 'alive') return undefined;
  return removal(candidate, finishedSegments(candidate, limits, now), false, now.reason);
}

/** How many segments from the first one are sealed, below the oldest open run and, for age, old enough. */
function finishedSegments(
  { summary, content }: Candidate,
  limits: RetentionLimits,
  now: { readonly ms: number; readonly reason: 'age' | 'bytes' },
): number {
  const needed = new Set(content.openRuns.values());
  let count = 0;
  // The last segment is the one being written.
  for (const { file, lastMs } of summary.segments.slice(0, -1)) {
    if (needed.has(file)) break;
    const isOld = lastMs !== undefined && now.ms - lastMs > limits.ageMsMax;
    if (now.reason === 'age' && !isOld) break;
    count += 1;
  }
  return count;
}

function removal(
  { summary, content, lostRuns }: Candidate,
  count: number,
  isWhole: boolean,
  reason: 'age' | 'bytes',
): Removal | undefined {
  const segments = summary.segments.slice(0, count);
  if (segments.length === 0) return undefined;
  const ranges = segments.flatMap(({ file }) => content.sequences.get(file) ?? []);
  return {
    writerId: summary.ref.writerId,
    role: summary.ref.role,
    directory: summary.ref.directory,
    files: segments.map(({ file }) => file),
    isWhole,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    reason,
    sequenceFrom: ranges[0]?.from,
    sequenceTo: ranges.at(-1)?.to,
    lostRuns: isWhole ? lostRuns : [],
  };
}
