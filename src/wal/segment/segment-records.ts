/** The records a stream writes about itself: `wal.opened` at the head of every segment and `wal.sealed` at its end. */
import { arch, hostname } from 'node:os';
import { hex8, type Position } from '../record/assemble.js';
import { ownIdentity } from '../liveness/liveness.js';
import type { JsonObject, RecordInput } from '../types.js';

/** The version of docs/format.md. Not `schema_version`, which is FineCode's and stays 2. */
export const formatVersion = 1;

/** The segment before this one, and where it ended. */
export interface Predecessor {
  readonly file: string;
  readonly end: Position;
  readonly bytes: number;
  readonly sha256: string;
}

export interface HeaderParts {
  readonly role: string;
  readonly segment: number;
  /** Merged into the payload by the opener of the stream. */
  readonly header: JsonObject;
  /** The segment before, complete at that position. */
  readonly predecessor?: Predecessor;
  /** The file whose records from this sequence on were never acknowledged and are written anew here. */
  readonly supersedes?: { readonly file: string; readonly end: Position };
  /** The last stream of this role. */
  readonly previousStream?: JsonObject;
}

export function segmentName(segment: number): string {
  return `wal-${String(segment).padStart(6, '0')}.jsonl`;
}

/** `wal.opened`. */
export function headerRecord(parts: HeaderParts): RecordInput {
  const { predecessor, supersedes, previousStream } = parts;
  return {
    event_type: 'wal.opened',
    payload: {
      ...parts.header,
      format: formatVersion,
      role: parts.role,
      segment: parts.segment,
      ...ownIdentity(),
      host: hostname(),
      platform: `${process.platform}-${arch()}`,
      node: process.version,
      ...(predecessor === undefined
        ? {}
        : {
            predecessor: {
              file: predecessor.file,
              last_sequence: predecessor.end.sequence,
              last_crc: hex8(predecessor.end.crc),
              bytes: predecessor.bytes,
              sha256: predecessor.sha256,
            },
          }),
      ...(supersedes === undefined
        ? {}
        : {
            supersedes: {
              file: supersedes.file,
              last_sequence: supersedes.end.sequence,
              last_crc: hex8(supersedes.end.crc),
            },
          }),
      ...(previousStream === undefined ? {} : { previous_stream: previousStream }),
    },
  };
}

export interface SealParts {
  /** Records in this segment before the seal, and their bytes. */
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
  /** The next segment, or null when the stream ends here. */
  readonly next: string | null;
  readonly reason: string;
  /** How often the writer saw its wall clock step, since its process began. */
  readonly clock_steps: number;
  /** A signature over the above. */
  readonly checkpoint?: JsonObject;
}

export interface CheckpointParts {
  /** The segment it stands in. In another one a failover has put it, and it says nothing. */
  readonly file: string;
  /** Of everything before it in this file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly checkpoint: JsonObject;
}

/** `wal.checkpoint`: a signature over what was written so far. */
export function checkpointRecord(parts: CheckpointParts): RecordInput {
  return { event_type: 'wal.checkpoint', payload: { ...parts } };
}

/** `wal.sealed`: always the last record of its segment. */
export function sealRecord(parts: SealParts): RecordInput {
  return { event_type: 'wal.sealed', payload: { ...parts } };
}
