/** Slices as packets: the process and the track they are on where those are new, then the event itself. */
import type { Request, Span, StreamReport } from '../../read/index.js';
import type { Slice } from '../trace/lanes.js';
import { LinkArrows } from '../trace/link-arrows.js';
import type { ProtobufWriter } from '../encode/protobuf.js';
import { factsOf, titleOf, type Fact } from '../trace/slice-facts.js';
import { derivedNumber } from '../trace/derived-number.js';
import { writerKey } from '../writers.js';
import { wellFormed } from '../encode/well-formed.js';
import {
  annotation,
  clock,
  clockRealtime,
  clockSnapshot,
  event,
  eventType,
  interned,
  packet,
  processFields,
  track,
} from './fields.js';
import { Packets } from './packets.js';

const trackNames = { run: 'runs', dispatch: 'attempts', handler: 'handlers', other: 'events' };
/** Values that few spans have to themselves. */
const repeated: ReadonlySet<string> = new Set([
  'state',
  'correlation_id',
  'why',
  'error_code',
  'error_class',
  'runner',
  'trigger',
  'env_name',
  'request',
  'request_state',
  'via',
  'client',
  'join_confidence',
]);

export class SliceWriter {
  readonly #packets = new Packets();
  readonly #streams: ReadonlyMap<string, StreamReport>;
  readonly #processes = new Map<string, bigint>();
  readonly #links = new LinkArrows();

  /** `streams`: by root and writer. */
  constructor(streams: ReadonlyMap<string, StreamReport>) {
    this.#streams = streams;
  }

  get length(): number {
    return this.#packets.out.length;
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    return this.#packets.out.finish();
  }

  get leftOut(): readonly string[] {
    const { leftOut } = this.#links;
    return leftOut === 0 ? [] : [`${leftOut} links have no arrow: they are among the arguments`];
  }

  begin(slice: Slice, request: Request): void {
    if (this.#processes.size === 0) this.#writeClock(slice.start);
    const process = this.#process(slice.span);
    if (slice.head === slice) this.#writeTrack(slice, process);
    this.#packets.timed(slice.start, (out) => {
      const began = out.begin(packet.trackEvent);
      out.varint(event.type, slice.isInstant ? eventType.instant : eventType.begin);
      out.varint64(event.trackUuid, slice.head.number);
      const { span } = slice;
      out.varint(event.categoryIids, this.#packets.number(interned.categories, span.kind));
      out.varint(event.nameIid, this.#packets.number(interned.eventNames, titleOf(slice)));
      const correlation = this.#packets.number(interned.correlationIds, span.correlationId);
      out.varint(event.correlationIdIid, correlation);
      this.#writeArrows(slice, request);
      for (const [name, fact] of factsOf(slice, request)) this.#writeFact(name, fact);
      out.end(began);
    });
  }

  end(slice: Slice): void {
    if (slice.end === undefined) return;
    this.#packets.timed(slice.end, (out) => {
      const began = out.begin(packet.trackEvent);
      out.varint(event.type, eventType.end);
      out.varint64(event.trackUuid, slice.head.number);
      out.end(began);
    });
  }

  /** The times are of this clock and no other; no packet says how it relates to another one. */
  #writeClock(nanoseconds: bigint): void {
    this.#packets.plain((out) => {
      const began = out.begin(packet.clockSnapshot);
      const reading = out.begin(clockSnapshot.clocks);
      out.varint(clock.clockId, clockRealtime);
      out.varint64(clock.timestamp, nanoseconds);
      out.end(reading);
      out.varint(clockSnapshot.primaryTraceClock, clockRealtime);
      out.end(began);
    });
  }

  /** A writer's track. Its process id is not in every stream, so writers are counted instead. */
  #process({ root, writerId }: Span): bigint {
    const key = writerKey({ root, writerId });
    const known = this.#processes.get(key);
    if (known !== undefined) return known;
    const uuid = derivedNumber('writer', root, writerId);
    this.#processes.set(key, uuid);
    this.#packets.plain((out) => {
      const began = out.begin(packet.trackDescriptor);
      out.varint64(track.uuid, uuid);
      const process = out.begin(track.process);
      out.varint(processFields.pid, this.#processes.size);
      out.string(processFields.processName, wellFormed(writerId));
      const stream = this.#streams.get(key);
      if (stream !== undefined) {
        out.string(processFields.labels, `stream ${stream.condition}`);
        out.string(processFields.labels, wellFormed(`writer ${stream.writer.evidence}`));
      }
      out.end(process);
      out.end(began);
    });
    return uuid;
  }

  #writeTrack(slice: Slice, process: bigint): void {
    this.#packets.plain((out) => {
      const began = out.begin(packet.trackDescriptor);
      out.varint64(track.uuid, slice.head.number);
      out.varint64(track.parentUuid, process);
      // Tracks of one name are drawn as one, as many rows high as there is at a time.
      out.string(track.name, trackNames[slice.span.kind]);
      out.end(began);
    });
  }

  #writeArrows(slice: Slice, request: Request): void {
    const { out } = this.#packets;
    // An arrow of its own to each effect: one for all would lead from one effect to the next.
    for (const caused of slice.arrows) out.fixed64(event.flowIds, caused.number);
    for (const arrow of this.#links.outOf(slice, request)) out.fixed64(event.flowIds, arrow);
    if (slice.depth > 0 && slice.head === slice) {
      out.fixed64(event.terminatingFlowIds, slice.number);
    }
    for (const arrow of this.#links.into(slice)) out.fixed64(event.terminatingFlowIds, arrow);
  }

  #writeFact(name: string, fact: Fact): void {
    const { out } = this.#packets;
    const began = out.begin(event.annotations);
    out.varint(annotation.nameIid, this.#packets.number(interned.annotationNames, name));
    if (typeof fact === 'string' && repeated.has(name)) {
      const number = this.#packets.number(interned.annotationStrings, fact);
      out.varint(annotation.stringIid, number);
    } else {
      writeValue(out, fact);
    }
    out.end(began);
  }
}

function writeValue(out: ProtobufWriter, fact: Fact): void {
  if (typeof fact === 'boolean') out.bool(annotation.bool, fact);
  else if (typeof fact === 'string') out.string(annotation.string, wellFormed(fact));
  else if (typeof fact === 'number') {
    if (Number.isSafeInteger(fact)) out.int(annotation.int, fact);
    else out.double(annotation.double, fact);
  } else {
    for (const text of fact) {
      const began = out.begin(annotation.array);
      out.string(annotation.string, wellFormed(text));
      out.end(began);
    }
  }
}
