/** Turns a stream's items into entries and faults, in its own order, and keeps what is known of the stream. */
import { hlcAt, parseHlc, type Hlc } from '../../context/index.js';
import { entryOf, placeByTime, type Entry } from '../entry/entry.js';
import type { Seen } from './seen.js';
import type { SourceFault, SourceItem, StreamSource } from '../sources/source.js';
import { addToStream, streamDraft, type StreamDraft, type StreamFault } from './streams.js';

export class StreamReader {
  readonly source: StreamSource;
  readonly stream: StreamDraft;

  constructor(source: StreamSource) {
    this.source = source;
    this.stream = streamDraft(source);
    this.stream.duplicates = source.copies ?? 0;
    this.stream.isForeign = source.isLater ?? false;
  }

  /** The place of an item in the merge; a fault has none. A reading that runs backwards counts as the one before. */
  place(item: SourceItem): Hlc | undefined {
    if (item.kind === 'fault') return undefined;
    return parseHlc(item.hlc) ?? placeByTime(item.text) ?? hlcAt(0);
  }

  /** Everything readable, or what is given of it, in the stream's own order; faults go to the stream. */
  async *entries(
    seen: Seen,
    items: AsyncIterable<readonly SourceItem[]> = this.source.scan(),
  ): AsyncGenerator<Entry, void, undefined> {
    for await (const batch of items) {
      for (const item of batch) {
        const place = this.place(item);
        if (item.kind === 'fault' || place === undefined) {
          if (item.kind === 'fault') this.fault(item.fault);
          continue;
        }
        const { stream } = this;
        const entry = this.entry(item, place > stream.floor ? place : stream.floor);
        const isNew =
          this.source.copies !== undefined || seen.isNew(stream.writerId, entry.sequence);
        if (isNew) yield entry;
        else stream.duplicates += 1;
      }
    }
  }

  /** Its turn has come, at this place. */
  entry(item: Extract<SourceItem, { kind: 'line' }>, hlc: Hlc): Entry {
    const { stream } = this;
    stream.floor = hlc;
    const entry = entryOf(item, hlc, this);
    addToStream(stream, entry);
    return entry;
  }

  fault(found: SourceFault): StreamFault {
    const { verdict, file, offset, message, bytes, sequenceFrom, sequenceTo } = found;
    const fault: StreamFault = {
      verdict,
      file,
      offset,
      message,
      ...(bytes === undefined ? {} : { bytes }),
      ...(sequenceFrom === undefined ? {} : { sequenceFrom }),
      ...(sequenceTo === undefined ? {} : { sequenceTo }),
      after: this.stream.floor,
    };
    this.stream.faults.push(fault);
    if (verdict === 'DUP') this.stream.duplicates += 1;
    return fault;
  }

  /** Found out when somebody looked into it: it passes its check and is no record. */
  notARecord(entry: Entry, bytes: number): void {
    const { file, offset, sequence } = entry;
    const message = 'the line passes its check and is not a record of this format';
    const range = { sequenceFrom: sequence, sequenceTo: sequence };
    this.fault({ verdict: 'CORRUPT', file, offset, bytes, ...range, message });
  }
}
