/**
 * Signed checkpoints: a seal carries an Ed25519 signature over what it says of its segment, and so does a
 * `wal.checkpoint` while a stream is open. Whoever has not the key cannot change what comes before one unnoticed. But
 * the end of a stream, its last checkpoints included, can be cut off: that is found out with a note kept elsewhere,
 * which has the form of a signed note, as transparency logs use.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ThroughlineError } from '../../context/index.js';
import type { JsonObject } from '../types.js';

export interface CheckpointKey {
  /** How a verifier finds the public key; written into every seal. Printable ASCII without spaces and `+`. */
  readonly id: string;
  /** Ed25519, PEM (PKCS #8). */
  readonly privateKey: string;
  /** The longest time that records stay without a signature over them. Default 60,000. */
  readonly intervalMs?: number | undefined;
  /** Is given every checkpoint as text once it is durable, to be kept where the writer cannot change it. */
  readonly onCheckpoint?: ((note: string) => void) | undefined;
}

/** What is signed: a file's first bytes, up to and with that record. */
export interface Checkpoint {
  readonly writerId: string;
  readonly file: string;
  readonly lastSequence: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A checkpoint as its writer signed it. */
export interface SignedCheckpoint {
  /** For the record. */
  readonly record: JsonObject;
  /** To be kept elsewhere. */
  readonly note: string;
}

export type Signer = (checkpoint: Checkpoint) => SignedCheckpoint;

const keyIdPattern = /^[!-*,-~]{1,64}$/;
const title = 'throughline-checkpoint/1';
/** Of a signed note: the kind of signature that Ed25519 is. */
const ed25519Kind = 1;
const hintBytes = 4;
const notePattern =
  /^(throughline-checkpoint\/1\n([^\n]+)\n([^\n]+)\n(\d{1,16})\n(\d{1,16})\n([0-9a-f]{64})\n)\n((?:\u2014 [^\n]+\n)+)$/;

/** Signs the checkpoints of one stream. Throws `ARGUMENT_INVALID` for anything but an Ed25519 private key. */
export function signer(key: CheckpointKey): Signer {
  const privateKey = readKey(() => createPrivateKey(key.privateKey));
  if (!keyIdPattern.test(key.id)) {
    throw new ThroughlineError('ARGUMENT_INVALID', 'the key id is empty, too long or has a space');
  }
  const hint = hintOf(key.id, createPublicKey(privateKey));
  return (checkpoint) => {
    const text = textOf(checkpoint);
    const signature = sign(null, Buffer.from(text), privateKey);
    return {
      record: { key: key.id, signature: signature.toString('base64') },
      note: noteOf(text, key.id, Buffer.concat([hint, signature])),
    };
  };
}

/** The note of a checkpoint whose record says `signed`; `undefined` when that is not signed with the key. */
export type Verifier = (checkpoint: Checkpoint, signed: JsonObject) => string | undefined;

/** Checks signatures made with the key of this PEM. Throws `ARGUMENT_INVALID`. */
export function verifier(publicKeyPem: string): Verifier {
  const publicKey = readKey(() => createPublicKey(publicKeyPem));
  return (checkpoint, { key, signature: base64 }) => {
    if (typeof key !== 'string' || typeof base64 !== 'string') return undefined;
    const text = textOf(checkpoint);
    const signature = Buffer.from(base64, 'base64');
    if (!verify(null, Buffer.from(text), publicKey, signature)) return undefined;
    return noteOf(text, key, Buffer.concat([hintOf(key, publicKey), signature]));
  };
}

/**
 * The checkpoints in a text of notes, one after the other. Throws `ARGUMENT_INVALID` when one is no checkpoint, or is
 * not signed with the key of this PEM: nothing could be concluded from it.
 */
export function readCheckpoints(notes: string, publicKeyPem: string): readonly Checkpoint[] {
  const publicKey = readKey(() => createPublicKey(publicKeyPem));
  return notes
    .split(new RegExp(`^(?=${title}$)`, 'm'))
    .filter((note) => note.trim() !== '')
    .map((note) => readCheckpoint(note, publicKey));
}

function readCheckpoint(note: string, publicKey: KeyObject): Checkpoint {
  const [, text = '', writerId = '', file = '', lastSequence, bytes, sha256 = '', signatures = ''] =
    notePattern.exec(`${note.trimEnd()}\n`) ?? [];
  if (text === '') throw new ThroughlineError('ARGUMENT_INVALID', 'a note is no checkpoint');
  const isSigned = signatures.split('\n').some((line) => {
    const [, id = '', base64 = ''] = line.split(' ');
    const inNote = Buffer.from(base64, 'base64');
    const isOurs = inNote.subarray(0, hintBytes).equals(hintOf(id, publicKey));
    return isOurs && verify(null, Buffer.from(text), publicKey, inNote.subarray(hintBytes));
  });
  if (!isSigned) {
    const message = `the checkpoint of ${writerId} is not signed with the given key`;
    throw new ThroughlineError('ARGUMENT_INVALID', message);
  }
  return { writerId, file, lastSequence: Number(lastSequence), bytes: Number(bytes), sha256 };
}

function textOf({ writerId, file, lastSequence, bytes, sha256 }: Checkpoint): string {
  return `${title}\n${writerId}\n${file}\n${lastSequence}\n${bytes}\n${sha256}\n`;
}

function noteOf(text: string, keyId: string, hintAndSignature: Buffer): string {
  return `${text}\n\u2014 ${keyId} ${hintAndSignature.toString('base64')}\n`;
}

/** Which key a signature in a note is meant for. */
function hintOf(id: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const named = Buffer.concat([Buffer.from(`${id}\n`), Buffer.of(ed25519Kind), raw]);
  return createHash('sha256').update(named).digest().subarray(0, hintBytes);
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new ThroughlineError('ARGUMENT_INVALID', 'the key is not readable PEM', { cause });
  }
  throw new ThroughlineError('ARGUMENT_INVALID', 'the key is not an Ed25519 key');
}
