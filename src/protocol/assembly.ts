/**
 * What goes on, put together into few large writes: short pieces are copied side by side, long ones go on as they are.
 * Copies no long body and keeps nothing once it was written.
 */
import { headerBytesMax, writePlain } from './plain-header.js';

/** Text that is put into a message's bytes in front of the byte at `at`, or at its end. It may change afterwards. */
export interface Insertion {
  readonly at: number;
  readonly text: Uint8Array;
}

/** Handing on a piece by itself costs a write; copying fewer bytes than this costs less. */
const copiedBytesMax = 16_384;
const blockBytesMin = 512;
const blockBytesMax = 131_072;
const empty = Buffer.alloc(0);

/** The message with the text in it, for whoever needs it in one. */
export function inserted(body: Uint8Array, { at, text }: Insertion): Uint8Array {
  const whole = Buffer.allocUnsafe(body.length + text.length);
  put(whole, 0, body, at, text);
  return whole;
}

export class Assembly {
  readonly #write: (bytes: Uint8Array) => void;
  #block: Buffer = empty;
  #used = 0;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Bytes that nobody changes any more. */
  add(bytes: Uint8Array): void {
    // Where nothing was copied yet, handing on is all there is to do.
    if (this.#used === 0 || bytes.length > copiedBytesMax) {
      this.flush();
      if (bytes.length > 0) this.#write(bytes);
      return;
    }
    this.copy(bytes);
  }

  /** Bytes that somebody may change. */
  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length, 0);
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  header(length: number): void {
    this.#reserve(headerBytesMax, 0);
    this.#used = writePlain(this.#block, this.#used, length);
  }

  /** A whole message that nobody changes any more. */
  whole(body: Uint8Array): void {
    this.header(body.length);
    this.add(body);
  }

  /** A whole message with something put in. `behind`: how much is still to come at once, and will be of about the same kind. */
  frame(body: Uint8Array, insertion: Insertion, behind: number): void {
    const { at, text } = insertion;
    const size = body.length + text.length;
    if (size > copiedBytesMax) {
      this.header(size);
      this.add(body.subarray(0, at));
      this.copy(text);
      this.add(body.subarray(at));
      return;
    }
    this.#reserve(headerBytesMax + size, behind);
    const start = writePlain(this.#block, this.#used, size);
    put(this.#block, start, body, at, text);
    this.#used = start + size;
  }

  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#block.subarray(0, this.#used);
    this.#block = empty;
    this.#used = 0;
    this.#write(bytes);
  }

  #reserve(bytes: number, behind: number): void {
    if (this.#block.length - this.#used >= bytes) return;
    this.flush();
    const hint = behind === 0 ? blockBytesMin : Math.min(2 * (bytes + behind), blockBytesMax);
    this.#block = Buffer.allocUnsafe(Math.max(bytes, hint));
  }
}

/** The body goes where its end will be; what stands in front of the text is then written again, and it is short. */
function put(target: Buffer, start: number, body: Uint8Array, at: number, text: Uint8Array): void {
  target.set(body, start + text.length);
  for (let index = 0; index < at; index += 1) target[start + index] = body[index] as number;
  target.set(text, start + at);
}
