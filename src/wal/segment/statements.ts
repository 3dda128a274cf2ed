/** What a stream says of its own file: the seal at its end, and signed checkpoints on the way there. */
import type { Link } from './chain.js';
import type { SignedCheckpoint } from './checkpoint.js';
import { checkpointRecord, sealRecord } from './segment-records.js';
import type { Segment } from './segment.js';
import type { WriterOptions } from './writer-options.js';

/** A record, encoded, with the note of what it signs; empty where nothing is signed. */
export interface Statement {
  readonly body: string;
  readonly note: string;
}

/** The seal of `segment`, whose last record is `end`. */
export function sealOf(
  options: WriterOptions,
  segment: Segment,
  end: Link,
  said: { readonly next: string | null; readonly reason: string },
): Statement {
  const { count, position: bytes, sha256 } = segment;
  const signed = signatureOf(options, segment, end);
  const record = sealRecord({
    count,
    bytes,
    sha256,
    ...said,
    clock_steps: options.clockSteps(),
    ...(signed === undefined ? {} : { checkpoint: signed.record }),
  });
  return { body: options.encode(record, end.hlc), note: signed?.note ?? '' };
}

/** Signs everything in `segment` so far, if it is the next record there. `undefined` without a key. */
export function checkpointOf(
  options: WriterOptions,
  segment: Segment,
  end: Link,
): Statement | undefined {
  const signed = signatureOf(options, segment, end);
  if (signed === undefined) return undefined;
  const { file, position: bytes, sha256 } = segment;
  const record = checkpointRecord({ file, bytes, sha256, checkpoint: signed.record });
  return { body: options.encode(record, end.hlc), note: signed.note };
}

function signatureOf(
  { sign, writerId }: WriterOptions,
  { file, position: bytes, sha256 }: Segment,
  end: Link,
): SignedCheckpoint | undefined {
  return sign?.({ writerId, file, lastSequence: end.position.sequence, bytes, sha256 });
}
