/**
 * Walks through a stream's files, in order, block by block. Read-only, bounded memory. Never throws for what is in a
 * file: the listener hears of it.
 */
import { ThroughlineError } from '../../context/index.js';
import { readBlocks, type Block } from './blocks.js';
import type { Listener } from './findings.js';
import { segmentsOf, type StreamRef } from './list.js';
import { nodeReadPort, type ReadPort } from '../disk/read-port.js';
import { openIfThere, surveyStream, type Claim, type SurveyedSegment } from './survey.js';
import { StreamWalker } from './walker.js';

export interface ReadOptions {
  readonly port?: ReadPort | undefined;
  /** Files of this stream whose removal is on record: that they are missing is no fault. */
  readonly pruned?: ReadonlySet<string> | undefined;
  /** How much of a file is read at a time; two such stretches are held. Default 1 MiB. */
  readonly blockBytes?: number | undefined;
}

/** Who listens, and also wants to know where the walk is. */
export interface Companion extends Listener {
  /** The files were looked at, and none is read yet: how many bytes they are. */
  surveyed?(bytes: number): void;
  /**
   * Where to read a block into.
   * @internal Not declared publicly: a consumer may not have the types of Node.
   */
  allocate?(bytes: number): Block['bytes'];
  /** A file begins; `next` is what the file that goes on from it says of it. */
  begin?(file: string, next: Claim | undefined): void;
  /** This block's lines are told of next. */
  look?(block: Block): void;
}

/** Yields the highest sequence known durable after each block, and once when all is told. */
export async function* walkStream(
  ref: StreamRef,
  options: ReadOptions,
  companion: Companion,
): AsyncGenerator<number, void, undefined> {
  const port = options.port ?? nodeReadPort;
  try {
    const { segments, synced } = await surveyStream(ref, port);
    companion.surveyed?.(segments.reduce((sum, { size }) => sum + size, 0));
    const walker = new StreamWalker(ref.writerId, synced, companion);
    for (const [index, segment] of segments.entries()) {
      const following = segments.slice(index + 1).find((later) => !later.isBypassed);
      const next = following?.claim?.file === segment.file ? following.claim : undefined;
      checkPredecessor(walker, segment, segments.slice(0, index), options.pruned);
      walker.begin(segment, next);
      if (!walker.isBypassed) companion.begin?.(segment.file, next);
      yield* walkFile(walker, segment, { port, blockBytes: options.blockBytes }, companion);
      walker.end();
    }
    await endOfStream({ walker, ref, last: segments.at(-1), pruned: options.pruned, port });
    yield walker.synced;
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    throw new ThroughlineError('STREAM_UNREADABLE', `${ref.directory} cannot be read`, { cause });
  }
}

async function* walkFile(
  walker: StreamWalker,
  segment: SurveyedSegment,
  how: { readonly port: ReadPort; readonly blockBytes: number | undefined },
  companion: Companion,
): AsyncGenerator<number, void, undefined> {
  const open = await openIfThere(how.port, segment.path);
  // Pruned since the survey: what it held is known to have been complete.
  if (open === undefined) return;
  const allocate =
    companion.allocate &&
    ((bytes: number) => companion.allocate?.(bytes) ?? Buffer.allocUnsafe(bytes));
  try {
    for await (const block of readBlocks(open, segment.size, how.blockBytes, allocate)) {
      if (!walker.isBypassed) companion.look?.(block);
      walker.walk(block);
      yield walker.synced;
    }
  } finally {
    await open.close();
  }
}

/** A header that names a file which is not there: removed on record, or missing. */
function checkPredecessor(
  walker: StreamWalker,
  segment: SurveyedSegment,
  before: readonly SurveyedSegment[],
  pruned: ReadonlySet<string> | undefined,
): void {
  const { claim, header, file } = segment;
  if (header === undefined || segment.isBypassed) return;
  const isThere =
    claim === undefined ? header.sequence === 1 : before.some((one) => one.file === claim.file);
  if (isThere) return;
  const from = walker.last + 1;
  walker.startAt(header.sequence, header.prev);
  if (claim !== undefined && pruned?.has(claim.file) === true) return;
  walker.report({
    verdict: 'MISSING',
    file: claim?.file ?? file,
    offset: 0,
    sequenceFrom: from,
    sequenceTo: header.sequence - 1,
    message: `${file} goes on from ${claim?.file ?? 'a file'} that is not there`,
  });
}

async function endOfStream(at: {
  readonly walker: StreamWalker;
  readonly ref: StreamRef;
  readonly last: SurveyedSegment | undefined;
  readonly pruned: ReadonlySet<string> | undefined;
  readonly port: ReadPort;
}): Promise<void> {
  const { walker, ref, last, pruned, port } = at;
  walker.endOfStream(last?.file ?? '', last?.size ?? 0);
  const next = walker.sealedNext;
  // A power cut may keep an older file of those that were removed, and not the next one.
  if (next === undefined || pruned?.has(next) === true) return;
  if ((await segmentsOf(ref.directory, port)).includes(next)) return;
  walker.report({
    verdict: 'MISSING',
    file: next,
    offset: 0,
    sequenceFrom: walker.last + 1,
    message: `the seal names ${next}, which is not there`,
  });
}
