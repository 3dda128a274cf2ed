/**
 * Verifies a stream as a whole: the chain as every reader checks it, and beyond it what the seals and headers say of
 * their segments' bytes, with their signatures when a public key is given. One pass. Read-only; memory does not grow
 * with the stream.
 */
import type { Block } from '../read/blocks.js';
import { verifier, type Checkpoint, type Verifier } from '../segment/checkpoint.js';
import { ClockOrder } from './clock-order.js';
import type { Fault } from '../read/fault.js';
import type { FileDigest } from './file-digest.js';
import { startHashThread, type HashThread } from './hash-thread.js';
import { Hashing } from './hashing.js';
import type { Line } from '../record/line.js';
import type { StreamRef } from '../read/list.js';
import { OutsideKnowledge } from './outside-knowledge.js';
import { isObject, parseRecord } from '../record/parse.js';
import type { Reference } from './references.js';
import type { Claim } from '../read/survey.js';
import type { WalRecord } from '../types.js';
import { walkStream, type Companion, type ReadOptions } from '../read/walk.js';

export interface VerifyOptions extends ReadOptions {
  /** Ed25519, PEM. Every seal and checkpoint must then be signed with its key. */
  readonly publicKey?: string | undefined;
  /** Of this stream, kept elsewhere and checked: what they say must be there. */
  readonly checkpoints?: readonly Checkpoint[] | undefined;
  /** Another stream says that this one was durable up to a record. */
  readonly reference?: Reference | undefined;
  /** Faults beyond this are counted and not listed. Default 1000. */
  readonly faultsMax?: number | undefined;
}

export interface VerifyReport {
  readonly records: number;
  /** The highest sequence known to have been durable. */
  readonly synced: number;
  readonly sealedSegments: number;
  readonly signedSegments: number;
  /** Everything up to this record is covered by a signature of the given key; 0 for nothing. */
  readonly signedTo: number;
  /** The newest checkpoint as a note, to be kept elsewhere. */
  readonly checkpoint: string | undefined;
  /** The last record's sequence. */
  readonly last: number;
  /** How often the writer's wall clock ran back between two records, and how often the writer itself says it stepped. */
  readonly clockRanBack: number;
  readonly clockSteps: number;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
}

/** The stream's own records that say something of its files. */
const judged: ReadonlySet<string> = new Set(['wal.opened', 'wal.sealed', 'wal.checkpoint']);

/** Reads the whole stream. Rejects with `STREAM_UNREADABLE`, or `ARGUMENT_INVALID` for an unfit key. */
export async function verifyStream(
  ref: StreamRef,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  return verifyWith(ref, options, startHashThread);
}

/** The same with another way to start a thread that hashes. */
export async function verifyWith(
  ref: StreamRef,
  options: VerifyOptions,
  start: () => HashThread | undefined,
): Promise<VerifyReport> {
  const hashing = new Hashing(start);
  try {
    return await take(ref, options, hashing);
  } catch (error) {
    if (!hashing.isLost) throw error;
  } finally {
    await hashing.close();
  }
  // What the thread had hashed went with it.
  return take(ref, options, new Hashing(() => undefined));
}

async function take(
  ref: StreamRef,
  options: VerifyOptions,
  hashing: Hashing,
): Promise<VerifyReport> {
  const verification = new Verification(ref, options, hashing);
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
  readonly #hashing: Hashing;
  readonly #writerId: string;
  readonly #faultsMax: number;
  readonly #verify: Verifier | undefined;
  readonly #outside: OutsideKnowledge;
  readonly #faults: Fault[] = [];
  readonly #clock = new ClockOrder();
  #digest: FileDigest | undefined;
  /** Of the file before. */
  #previous: FileDigest | undefined;
  #records = 0;
  #last = 0;
  #sealedSegments = 0;
  #signedSegments = 0;
  #signedTo = 0;
  #checkpoint: string | undefined;
  #clockSteps = 0;
  #faultCount = 0;

  constructor(ref: StreamRef, options: VerifyOptions, hashing: Hashing) {
    this.#hashing = hashing;
    this.#writerId = ref.writerId;
    this.#faultsMax = options.faultsMax ?? 1000;
    this.#verify = options.publicKey === undefined ? undefined : verifier(options.publicKey);
    this.#outside = new OutsideKnowledge(options);
  }

  surveyed(bytes: number): void {
    this.#hashing.begin(bytes);
  }

  allocate(bytes: number): Block['bytes'] {
    return this.#hashing.allocate(bytes);
  }

  begin(file: string, next: Claim | undefined): void {
    this.#endFile();
    this.#previous = this.#digest;
    const claimed = next?.bytes === undefined ? [] : [next.bytes];
    this.#digest = this.#hashing.digest(file, [...claimed, ...this.#outside.placesIn(file)]);
  }

  look(block: Block): void {
    this.#digest?.look(block);
  }

  finishBlock(): void {
    this.#digest?.finish();
  }

  record(line: Line, offset: number): void {
    this.#records += 1;
    if (line.sequence > this.#last) this.#last = line.sequence;
    if (line.isStreams) this.#ownRecord(line, offset);
    // The stream's own records are made when a flush is, and may be younger than what waited for it.
    else this.#clock.see(line.view, line.tsAt);
  }

  fault(fault: Fault): void {
    this.#faultCount += 1;
    if (this.#faults.length < this.#faultsMax) this.#faults.push(fault);
  }

  report(synced: number): VerifyReport {
    this.#endFile();
    for (const fault of this.#outside.unseen(this.#last)) this.fault(fault);
    return {
      records: this.#records,
      synced,
      sealedSegments: this.#sealedSegments,
      signedSegments: this.#signedSegments,
      signedTo: this.#signedTo,
      checkpoint: this.#checkpoint,
      last: this.#last,
      clockRanBack: this.#clock.ranBack,
      clockSteps: this.#clockSteps,
      faults: this.#faults,
      faultCount: this.#faultCount,
    };
  }

  #endFile(): void {
    const digest = this.#digest;
    if (digest === undefined) return;
    for (const fault of this.#outside.compare(digest, this.#last)) this.fault(fault);
  }

  #ownRecord(line: Line, offset: number): void {
    const { eventType, sequence } = line;
    if (!judged.has(eventType)) return;
    const record = parseRecord(line.text);
    if (record === undefined) return;
    const at = { offset, sequence };
    if (eventType === 'wal.opened') this.#header(record, at);
    else if (eventType === 'wal.sealed') this.#seal(record, at);
    else if (record.payload['file'] === this.#digest?.file) this.#statement(record, at);
  }

  #seal(record: WalRecord, at: Place): void {
    this.#sealedSegments += 1;
    this.#clockSteps = Math.max(this.#clockSteps, Number(record.payload['clock_steps']) || 0);
    if (this.#statement(record, at)) this.#signedSegments += 1;
  }

  /** What a seal or a checkpoint says of everything before it in its file, and whether it is signed. */
  #statement({ event_type, payload }: WalRecord, at: Place): boolean {
    const digest = this.#digest;
    const { bytes, sha256, checkpoint } = payload;
    if (digest === undefined || bytes !== at.offset || typeof sha256 !== 'string') {
      return this.#corrupt(digest?.file ?? '', at);
    }
    if (sha256 !== digest.at(at.offset)) return this.#corrupt(digest.file, at);
    if (this.#verify === undefined) return false;
    const { file } = digest;
    const lastSequence = at.sequence - 1;
    const said = { writerId: this.#writerId, file, lastSequence, bytes, sha256 };
    const note = isObject(checkpoint) ? this.#verify(said, checkpoint) : undefined;
    if (note === undefined) {
      const what = event_type === 'wal.sealed' ? 'seal' : 'checkpoint';
      return this.#refuse(at, `the ${what} is not signed with the given key`);
    }
    this.#checkpoint = note;
    this.#signedTo = Math.max(this.#signedTo, lastSequence);
    return true;
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

  #corrupt(file: string, at: Place): false {
    return this.#refuse(at, `${file} is not what ${this.#digest?.file ?? ''} says of it`);
  }

  #refuse({ offset, sequence }: Place, message: string): false {
    const range = { sequenceFrom: sequence, sequenceTo: sequence };
    const file = this.#digest?.file ?? '';
    this.fault({ verdict: 'CORRUPT', file, offset, ...range, message });
    return false;
  }
}
