/**
 * Signed checkpoints: a seal may carry an Ed25519 signature over what it says of its segment. Whoever has not the key
 * cannot change a sealed segment unnoticed, nor put another one in its place. It proves nothing about a segment that
 * was never sealed, and a whole stream can be taken away: keep checkpoints elsewhere if that matters.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { ThroughlineError } from '../context/index.js';
import type { JsonObject } from './types.js';

export interface CheckpointKey {
  /** How a verifier finds the public key; written into every seal. */
  readonly id: string;
  /** Ed25519, PEM (PKCS #8). */
  readonly privateKey: string;
}

/** What is signed. */
export interface Checkpoint {
  readonly writerId: string;
  readonly file: string;
  readonly lastSequence: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Signs the checkpoints of one stream. Throws `ARGUMENT_INVALID` for anything but an Ed25519 private key. */
export function signer(key: CheckpointKey): (checkpoint: Checkpoint) => JsonObject {
  const privateKey = readKey(() => createPrivateKey(key.privateKey));
  return (checkpoint) => ({
    key: key.id,
    signature: sign(null, Buffer.from(textOf(checkpoint)), privateKey).toString('base64'),
  });
}

/** Checks signatures made with the key of this PEM. Throws `ARGUMENT_INVALID`. */
export function verifier(
  publicKeyPem: string,
): (checkpoint: Checkpoint, signature: string) => boolean {
  const publicKey = readKey(() => createPublicKey(publicKeyPem));
  return (checkpoint, signature) =>
    verify(null, Buffer.from(textOf(checkpoint)), publicKey, Buffer.from(signature, 'base64'));
}

function textOf({ writerId, file, lastSequence, bytes, sha256 }: Checkpoint): string {
  return `throughline-checkpoint/1\n${writerId}\n${file}\n${lastSequence}\n${bytes}\n${sha256}\n`;
}

function readKey(
  read: () => ReturnType<typeof createPublicKey>,
): ReturnType<typeof createPublicKey> {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new ThroughlineError('ARGUMENT_INVALID', 'the key is not readable PEM', { cause });
  }
  throw new ThroughlineError('ARGUMENT_INVALID', 'the key is not an Ed25519 key');
}
