/** Where exporters write to in tests. */
import type { Sink } from '../../src/export/exporter.js';

/** Keeps all that is written. */
export class MemorySink implements Sink {
  readonly #chunks: Buffer[] = [];

  write(chunk: Uint8Array | string): Promise<void> {
    this.#chunks.push(Buffer.from(chunk as string));
    return Promise.resolve();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** How large the chunks were. */
  get sizes(): readonly number[] {
    return this.#chunks.map((chunk) => chunk.length);
  }
}
