/** The last bytes of what a command said on stderr, for the record of its failure, with secrets taken out. */
import { redactSecrets } from '../failure.js';

export const tailBytesMax = 65_536;
/** Kept in front of the tail, so that a secret which the cut would tear is seen whole; never recorded. */
const lookBehindBytes = 1024;
// Colours and cursor movements; then every other control character but tab and newline.
// oxlint-disable-next-line no-control-regex -- Control characters are what it removes.
const escapes = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
// oxlint-disable-next-line no-control-regex -- As above.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

export class Tail {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #total = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#kept += chunk.byteLength;
    this.#total += chunk.byteLength;
    const room = this.#bytesMax + lookBehindBytes;
    for (;;) {
      const first = this.#chunks[0];
      if (first === undefined || this.#kept - first.byteLength < room) return;
      this.#chunks.shift();
      this.#kept -= first.byteLength;
    }
  }

  /** How much was said altogether. */
  get totalBytes(): number {
    return this.#total;
  }

  /** The tail as text, as many bytes of UTF-8 as were asked for, or fewer. */
  text(): string {
    const kept = Buffer.concat(this.#chunks).subarray(-(this.#bytesMax + lookBehindBytes));
    const isCut = kept.byteLength < this.#total;
    const said = kept.toString('utf8').replace(/\r\n?/g, '\n');
    const text = said.replace(escapes, '').replace(controls, '');
    // The first line began before what was kept: what names its secret may be missing.
    const whole = isCut ? text.slice(text.indexOf('\n') + 1) : text;
    return lastBytes(redactSecrets(whole === '' ? text : whole), this.#bytesMax);
  }
}

function lastBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.byteLength <= bytesMax) return text;
  let from = bytes.byteLength - bytesMax;
  // Not into the middle of a character.
  while (((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.subarray(from).toString('utf8');
}
