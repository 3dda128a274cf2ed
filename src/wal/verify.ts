/**
 * Verifies a stream as a whole: the chain as every reader checks it, and beyond it what the seals and headers say of
 * their segments' bytes, with their signatures when a public key is given. Read-only; memory does not grow with the
 * stream.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { verifier } from './checkpoint.js';
import type { Fault } from './fault.js';
import { textOf, timeOf } from './line.js';
import type { StreamRef } from './list.js';
import { isObject, parseRecord } from './parse.js';
import { nodeReadPort, type ReadPort } from './read-port.js';
import { walkStream, type ReadOptions } from './read.js';
import { openIfThere } from './survey.js';
import type { WalRecord } from './types.js';

export interface VerifyOptions extends ReadOptions {
  /** Ed25519, PEM. Every seal must then be signed with its key. */
  readonly publicKey?: string | undefined;
  /** Faults beyond this are counted and not listed. Default 1000. */
  readonly faultsMax?: number | undefined;
}

export interface VerifyReport {
  readonly records: number;
  /** The highest sequence known to have been durable. */
  readonly synced: number;
  readonly sealedSegments: number;
  readonly signedSegments: number;
  /** How often the writer's wall clock ran back between two records, and how often the writer itself says it stepped. */
  readonly clockRanBack: number;
  readonly clockSteps: number;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
}

interface Claimed {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly offset: number;
  /** Where the claim stands. */
  readonly in: string;
  readonly sequence: number;
}

/** Reads the whole stream. Rejects with `STREAM_UNREADABLE`, or `ARGUMENT_INVALID` for an unfit key. */
export async function verifyStream(
  ref: StreamRef,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const port = options.port ?? nodeReadPort;
  const faultsMax = options.faultsMax ?? 1000;
  const isSigned = options.publicKey === undefined ? undefined : verifier(options.publicKey);
  const faults: Fault[] = [];
  const counts = {
    records: 0,
    sealedSegments: 0,
    signedSegments: 0,
    faultCount: 0,
    clockRanBack: 0,
    clockSteps: 0,
  };
  let ts = '';
  const add = (fault: Fault | undefined): void => {
    if (fault === undefined) return;
    counts.faultCount += 1;
    if (faults.length < faultsMax) faults.push(fault);
  };
  const knows = { synced: 0 };
  for await (const walked of walkStream(ref, options, knows)) {
    for (const item of walked) {
      if (item.kind === 'fault') {
        add(item.fault);
        continue;
      }
      counts.records += 1;
      const { line, raw, file } = item;
      if (!line.eventType.startsWith('wal.')) {
        // The stream's own records are made when a flush is, and may be younger than what waited for it.
        const lineTs = timeOf(raw.bytes);
        if (lineTs < ts) counts.clockRanBack += 1;
        ts = lineTs;
      }
      if (line.eventType !== 'wal.sealed' && line.eventType !== 'wal.opened') continue;
      const record = parseRecord(textOf(raw.bytes));
      if (record === undefined) continue;
      const claim = claimOf(record, file, raw.offset);
      if (claim === undefined) continue;
      add(await checkBytes(ref, port, claim));
      if (line.eventType !== 'wal.sealed') continue;
      counts.sealedSegments += 1;
      counts.clockSteps = Math.max(counts.clockSteps, Number(record.payload['clock_steps']) || 0);
      if (isSigned === undefined) continue;
      const { checkpoint } = record.payload;
      const signature = isObject(checkpoint) ? checkpoint['signature'] : undefined;
      const said = { ...claim, writerId: ref.writerId, lastSequence: line.sequence - 1 };
      if (typeof signature === 'string' && isSigned(said, signature)) counts.signedSegments += 1;
      else add(corrupt(claim, 'the seal is not signed with the given key'));
    }
  }
  return { ...counts, synced: knows.synced, faults };
}

/** What a seal says of its own file, or a header of the file before it. */
function claimOf(record: WalRecord, file: string, offset: number): Claimed | undefined {
  const isSeal = record.event_type === 'wal.sealed';
  const said = isSeal ? record.payload : record.payload['predecessor'];
  if (!isObject(said)) return undefined;
  const { bytes, sha256 } = said;
  const named = isSeal ? file : said['file'];
  if (typeof bytes !== 'number' || typeof sha256 !== 'string' || typeof named !== 'string') {
    return undefined;
  }
  return { file: named, bytes, sha256, offset, in: file, sequence: record.sequence };
}

async function checkBytes(
  ref: StreamRef,
  port: ReadPort,
  claim: Claimed,
): Promise<Fault | undefined> {
  const open = await openIfThere(port, join(ref.directory, claim.file));
  // That a file is not there is MISSING already, or explained.
  if (open === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    let position = 0;
    while (position < claim.bytes) {
      const wanted = chunk.subarray(0, Math.min(chunk.length, claim.bytes - position));
      const count = await open.read(wanted, position);
      if (count === 0) break;
      hash.update(wanted.subarray(0, count));
      position += count;
    }
    if (position === claim.bytes && hash.digest('hex') === claim.sha256) return undefined;
    return corrupt(claim, `${claim.file} is not what ${claim.in} says of it`);
  } finally {
    await open.close();
  }
}

function corrupt(claim: Claimed, message: string): Fault {
  const { in: file, offset, sequence } = claim;
  return {
    verdict: 'CORRUPT',
    file,
    offset,
    sequenceFrom: sequence,
    sequenceTo: sequence,
    message,
  };
}
