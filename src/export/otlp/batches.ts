/**
 * Puts spans into messages: in each, one resource for every writer with all of its spans, and no more spans and bytes
 * than a collector takes at once. Holds one message.
 */
import type { Span, StreamReport } from '../../read/index.js';
import { streamsByWriter, writerKey } from '../writers.js';
import { resourceOf } from './resource.js';
import type { Attribute } from './attributes.js';
import type { OtlpSpan } from './span.js';

/** How spans and messages are spelled. A `Piece` is a span in the spelling, or where that stands. */
export interface Encoding<Piece, Message> {
  readonly span: (span: OtlpSpan) => Piece;
  readonly lengthOf: (span: Piece) => number;
  /** Pieces that were made before are of no use afterwards. */
  readonly message: (writers: readonly WriterSpans<Piece>[]) => Message;
}

export interface WriterSpans<Piece> {
  readonly resource: readonly Attribute[];
  readonly spans: readonly Piece[];
}

/** Collectors take 20 MiB, and others 4; a message is one span longer than this at most. */
const bytesMax = 512 * 1024;
const spansMax = 500;

export class Batches<Piece, Message> {
  readonly #encoding: Encoding<Piece, Message>;
  readonly #streams: ReadonlyMap<string, StreamReport>;
  #writers = new Map<string, { resource: readonly Attribute[]; spans: Piece[] }>();
  #spans = 0;
  #bytes = 0;

  constructor(encoding: Encoding<Piece, Message>, streams: readonly StreamReport[]) {
    this.#encoding = encoding;
    this.#streams = streamsByWriter(streams);
  }

  /** Returns true when the message is full: `take` it before adding more. */
  add(span: OtlpSpan, writer: Pick<Span, 'root' | 'writerId'>): boolean {
    const piece = this.#encoding.span(span);
    const place = writerKey(writer);
    let found = this.#writers.get(place);
    if (found === undefined) {
      const resource = resourceOf(writer.writerId, this.#streams.get(place));
      found = { resource, spans: [] };
      this.#writers.set(place, found);
    }
    found.spans.push(piece);
    this.#spans += 1;
    this.#bytes += this.#encoding.lengthOf(piece);
    return this.#spans >= spansMax || this.#bytes >= bytesMax;
  }

  /** The message so far; `undefined` when there is nothing in it. */
  take(): Message | undefined {
    if (this.#spans === 0) return undefined;
    const message = this.#encoding.message([...this.#writers.values()]);
    this.#writers = new Map();
    this.#spans = 0;
    this.#bytes = 0;
    return message;
  }
}
