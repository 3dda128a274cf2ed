/**
 * SHA-256 of what is written to a segment, taken in large pieces: handing every flush to the hash costs a lone append
 * more than hashing it.
 */
import { createHash } from 'node:crypto';

const pieceBytes = 64 * 1024;

export class Digest {
  readonly #hash = createHash('sha256');
  readonly #piece = Buffer.allocUnsafeSlow(pieceBytes);
  #filled = 0;

  update(bytes: Uint8Array): void {
    if (this.#filled + bytes.byteLength > pieceBytes) this.#flush();
    if (bytes.byteLength > pieceBytes) {
      this.#hash.update(bytes);
      return;
    }
    this.#piece.set(bytes, this.#filled);
    this.#filled += bytes.byteLength;
  }

  /** Of everything so far, in hexadecimal. */
  read(): string {
    this.#flush();
    return this.#hash.copy().digest('hex');
  }

  #flush(): void {
    if (this.#filled > 0) this.#hash.update(this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
