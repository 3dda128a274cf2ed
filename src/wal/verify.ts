/**
 * Verifies a stream as a whole: the chain as every reader checks it, and beyond it what the seals and headers say of
 * their segments' bytes, with their signatures when a public key is given. One pass. Read-only; memory does not grow
 * with the stream.
 */
import type { Block } from './blocks.js';
import { verifier } from './checkpoint.js';
import { ClockOrder } from './clock-order.js';
import type { Fault } from './fault.js';
import { FileDigest } from './file-digest.js';
import type { Line } from './line.js';
import type { StreamRef } from './list.js';
import { isObject, parseRecord } from './parse.js';
import type { Claim } from './survey.js';
import type { WalRecord } from './types.js';
import { walkStream, type Companion, type ReadOptions } from './walk.js';

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

/** Reads the whole stream. Rejects with `STREAM_UNREADABLE`, or `ARGUMENT_INVALID` for an unfit key. */
export async function verifyStream(
  ref: StreamRef,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const verification = new Verification(ref, options);
  let synced = 0;
  for await (const known of walkStream(ref, options, verification)) {
    synced = known;
    verification.finishBlock();
  }
  return verification.report(synced);
}

/** A place in a file that says something. */
interface Place {
  readonly offset: number;
  readonly sequence: number;
}

class Verification implements Companion {
  readonly #writerId: string;
  readonly #faultsMax: number;
  readonly #isSigned: ReturnType<typeof verifier> | undefined;
  readonly #faults: Fault[] = [];
  readonly #clock = new ClockOrder();
  #digest: FileDigest | undefined;
  /** Of the file before. */
  #previous: FileDigest | undefined;
  #records = 0;
  #sealedSegments = 0;
  #signedSegments = 0;
  #clockSteps = 0;
  #faultCount = 0;

  constructor(ref: StreamRef, options: VerifyOptions) {
    this.#writerId = ref.writerId;
    this.#faultsMax = options.faultsMax ?? 1000;
    this.#isSigned = options.publicKey === undefined ? undefined : verifier(options.publicKey);
  }

  begin(file: string, next: Claim | undefined): void {
    this.#previous = this.#digest;
    this.#digest = new FileDigest(file, next?.bytes);
  }

  look(block: Block): void {
    this.#digest?.look(block);
  }

  finishBlock(): void {
    this.#digest?.finish();
  }

  record(line: Line, offset: number): void {
    this.#records += 1;
    if (line.isStreams) this.#ownRecord(line, offset);
    // The stream's own records are made when a flush is, and may be younger than what waited for it.
    else this.#clock.see(line.view, line.tsAt);
  }

  fault(fault: Fault): void {
    this.#faultCount += 1;
    if (this.#faults.length < this.#faultsMax) this.#faults.push(fault);
  }

  report(synced: number): VerifyReport {
    return {
      records: this.#records,
      synced,
      sealedSegments: this.#sealedSegments,
      signedSegments: this.#signedSegments,
      clockRanBack: this.#clock.ranBack,
      clockSteps: this.#clockSteps,
      faults: this.#faults,
      faultCount: this.#faultCount,
    };
  }

  #ownRecord(line: Line, offset: number): void {
    const { eventType, sequence } = line;
    if (eventType !== 'wal.sealed' && eventType !== 'wal.opened') return;
    const record = parseRecord(line.text);
    if (record === undefined) return;
    if (eventType === 'wal.sealed') this.#seal(record, { offset, sequence });
    else this.#header(record, { offset, sequence });
  }

  /** What a seal says of everything before it in its file. */
  #seal({ payload }: WalRecord, at: Place): void {
    const digest = this.#digest;
    const { bytes, sha256 } = payload;
    if (digest === undefined || typeof bytes !== 'number' || typeof sha256 !== 'string') return;
    this.#sealedSegments += 1;
    this.#clockSteps = Math.max(this.#clockSteps, Number(payload['clock_steps']) || 0);
    if (bytes !== at.offset || sha256 !== digest.at(at.offset)) this.#corrupt(digest.file, at);
    if (this.#isSigned === undefined) return;
    const { checkpoint } = payload;
    const signature = isObject(checkpoint) ? checkpoint['signature'] : undefined;
    const { file } = digest;
    const lastSequence = at.sequence - 1;
    const said = { writerId: this.#writerId, file, lastSequence, bytes, sha256 };
    if (typeof signature === 'string' && this.#isSigned(said, signature)) this.#signedSegments += 1;
    else this.#refuse(at, 'the seal is not signed with the given key');
  }

  /** What a header says of the file before. That such a file is not there is MISSING already, or explained. */
  #header({ payload }: WalRecord, at: Place): void {
    const said = payload['predecessor'];
    const before = this.#previous;
    if (!isObject(said) || before === undefined || before.isEmpty) return;
    const { file, bytes, sha256 } = said;
    if (file !== before.file || typeof bytes !== 'number') return;
    if (before.at(bytes) !== sha256) this.#corrupt(before.file, at);
  }

  #corrupt(file: string, at: Place): void {
    this.#refuse(at, `${file} is not what ${this.#digest?.file ?? ''} says of it`);
  }

  #refuse({ offset, sequence }: Place, message: string): void {
    const range = { sequenceFrom: sequence, sequenceTo: sequence };
    this.fault({
      verdict: 'CORRUPT',
      file: this.#digest?.file ?? '',
      offset,
      ...range,
      message,
    });
  }
}
