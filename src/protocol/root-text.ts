/**
 * The context of a message that begins a request of its own, ready to be put into its bytes: all but its ids and its
 * clock is the same for each message of one origin. Never for a message that carries something already.
 */
import { Context, inject, processClock, type Link, type Origin } from '../context/index.js';
import { writeRootIds } from '../context/id-bytes.js';
import type { Outline } from './outline-types.js';
import { membersOf, type SpliceForm } from './splice.js';

const hlcChars = 13;
const versionChars = 3;
const traceChars = 32;

export class RootText {
  readonly #bytes: Buffer;
  readonly #traceAt: number;
  readonly #spanAt: number;
  readonly #hlcAt: number;

  constructor(form: SpliceForm, origin: Origin, links: readonly Link[]) {
    const sample = Context.begin({ origin, links });
    const members = membersOf(inject(sample));
    const text = form === 'w3c' ? `${members},` : `"_meta":{${members}},`;
    this.#bytes = Buffer.from(text, 'latin1');
    this.#traceAt = text.indexOf(sample.traceparent) + versionChars;
    this.#spanAt = this.#traceAt + traceChars + 1;
    this.#hlcAt = text.indexOf('"tl=') + '"tl='.length;
  }

  /** With new ids and a tick of the clock, a comma behind it. The same array each time. */
  next(): Uint8Array {
    const bytes = this.#bytes;
    writeRootIds(bytes, this.#traceAt, this.#spanAt);
    const hlc = processClock().tick();
    for (let index = 0; index < hlcChars; index += 1) {
      bytes[this.#hlcAt + index] = hlc.charCodeAt(index);
    }
    return bytes;
  }
}

/** Where it goes in this request or notification; -1 where something stands that must be looked at. */
export function rootPlace(found: Outline, form: SpliceForm): number {
  const { envelope, params, isAmbiguous } = found;
  if (isAmbiguous || envelope === undefined) return -1;
  switch (form) {
    case 'meta':
      return found.meta === 'absent' ? envelope.start : -1;
    case 'w3c': {
      const { traceparent, tracestate } = envelope;
      return traceparent === undefined && tracestate === undefined ? envelope.start : -1;
    }
    case 'params-meta': {
      const isPlain = typeof params === 'object' && !params.isEmpty;
      return isPlain && found.paramsMeta === 'absent' ? params.start : -1;
    }
  }
}
