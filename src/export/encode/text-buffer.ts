/** Puts small texts together until they are worth a write: an exporter's rows are short and a million. */
import type { Sink } from '../exporter.js';

const charsAtOnce = 64 * 1024;

export class TextBuffer {
  readonly #sink: Sink;
  #text = '';

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** True: `flush` before adding more. */
  add(text: string): boolean {
    this.#text += text;
    return this.#text.length >= charsAtOnce;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.#sink.write(text);
  }
}
