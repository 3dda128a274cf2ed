/** Encodes a stream's records with its clock, project and limit. */
import type { HybridClock, Hlc } from '../../context/index.js';
import { encodeBody, type EncodedBody } from './encode.js';
import type { RecordInput } from '../types.js';

export interface EncoderOptions {
  readonly clock: HybridClock;
  readonly projectPath: string;
  readonly recordBytesMax: number;
}

export class Encoder {
  readonly #options: EncoderOptions;

  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  /** A caller's record. Throws `RECORD_INVALID`. */
  record(record: RecordInput): EncodedBody {
    const { clock, projectPath, recordBytesMax } = this.#options;
    return encodeBody(record, clock, projectPath, recordBytesMax);
  }

  /** One of the stream's own: small, and it must be written, so the limit does not hold for it. */
  own(record: RecordInput, at?: Hlc): EncodedBody {
    const { clock, projectPath } = this.#options;
    return encodeBody(record, clock, projectPath, Number.POSITIVE_INFINITY, at);
  }
}
