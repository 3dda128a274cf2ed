/**
 * Reads a stream: its records with whether they were acknowledged, and its faults, in the order of the file.
 * Read-only, streaming, bounded memory. Never throws for what is in a file: that is a fault.
 */
import { ThroughlineError } from '../context/index.js';
import type { Fault } from './fault.js';
import { textOf } from './line.js';
import type { Walked } from './findings.js';
import { readLines } from './lines.js';
import { segmentsOf, type StreamRef } from './list.js';
import { parseRecord } from './parse.js';
import { nodeReadPort, type ReadPort } from './read-port.js';
import { openIfThere, surveyStream, type SurveyedSegment } from './survey.js';
import type { WalRecord } from './types.js';
import { StreamWalker } from './walker.js';

export type ScanItem =
  | {
      readonly kind: 'record';
      readonly record: WalRecord;
      readonly file: string;
      readonly offset: number;
      /** `yes`: known to have been durable. `unknown`: of the last flush, or of one that nothing came after. */
      readonly acknowledged: 'yes' | 'unknown';
    }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface ReadOptions {
  readonly port?: ReadPort | undefined;
  /** Files of this stream whose removal is on record: that they are missing is no fault. */
  readonly pruned?: ReadonlySet<string> | undefined;
}

/**
 * Everything readable in the stream, in order. Rejects with `STREAM_UNREADABLE` when the system refuses to read a
 * file that is there.
 */
export async function* readStream(
  ref: StreamRef,
  options: ReadOptions = {},
): AsyncGenerator<ScanItem, void, undefined> {
  const walker = { synced: 0 };
  for await (const walked of walkStream(ref, options, walker)) {
    for (const item of walked) {
      if (item.kind === 'fault') {
        yield item;
        continue;
      }
      const { raw, line, file } = item;
      const record = parseRecord(textOf(raw.bytes));
      yield record === undefined
        ? { kind: 'fault', fault: notARecord(item) }
        : {
            kind: 'record',
            record,
            file,
            offset: raw.offset,
            acknowledged: line.sequence <= walker.synced ? 'yes' : 'unknown',
          };
    }
  }
}

/** The checked lines and faults of a stream, a chunk's worth at a time; `knows.synced` grows as it goes. */
export async function* walkStream(
  ref: StreamRef,
  options: ReadOptions,
  knows: { synced: number },
): AsyncGenerator<readonly Walked[], void, undefined> {
  const port = options.port ?? nodeReadPort;
  try {
    const { segments, synced } = await surveyStream(ref, port);
    const walker = new StreamWalker(ref.writerId, synced);
    knows.synced = synced;
    for (const [index, segment] of segments.entries()) {
      const next = segments.slice(index + 1).find((later) => !later.isBypassed);
      checkPredecessor(walker, segment, segments.slice(0, index), options.pruned);
      walker.begin(segment, next?.claim?.file === segment.file ? next.claim : undefined);
      for await (const walked of walkFile(walker, segment, port)) {
        knows.synced = walker.synced;
        yield walked;
      }
      walker.end();
      yield walker.take();
    }
    yield await endOfStream(walker, ref, segments.at(-1), port);
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    throw new ThroughlineError('STREAM_UNREADABLE', `${ref.directory} cannot be read`, { cause });
  }
}

async function* walkFile(
  walker: StreamWalker,
  segment: SurveyedSegment,
  port: ReadPort,
): AsyncGenerator<readonly Walked[], void, undefined> {
  const open = await openIfThere(port, segment.path);
  // Pruned since the survey: what it held is known to have been complete.
  if (open === undefined) return;
  try {
    for await (const lines of readLines(open, segment.size)) {
      for (const raw of lines) walker.line(raw);
      yield walker.take();
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

async function endOfStream(
  walker: StreamWalker,
  ref: StreamRef,
  last: SurveyedSegment | undefined,
  port: ReadPort,
): Promise<readonly Walked[]> {
  walker.endOfStream(last?.file ?? '', last?.size ?? 0);
  const next = walker.sealedNext;
  if (next !== undefined && !(await segmentsOf(ref.directory, port)).includes(next)) {
    walker.report({
      verdict: 'MISSING',
      file: next,
      offset: 0,
      sequenceFrom: walker.last + 1,
      message: `the seal names ${next}, which is not there`,
    });
  }
  return walker.take();
}

function notARecord(item: Extract<Walked, { kind: 'line' }>): Fault {
  return {
    verdict: 'CORRUPT',
    file: item.file,
    offset: item.raw.offset,
    bytes: item.raw.length,
    sequenceFrom: item.line.sequence,
    sequenceTo: item.line.sequence,
    message: 'the line passes its check and is not a record of this format',
  };
}
