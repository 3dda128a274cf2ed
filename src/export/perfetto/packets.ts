/**
 * Packets of one sequence. Texts that come again are written once and named by number from then on; the numbers begin
 * anew before there are too many, so that a trace of any length needs little memory, here and where it is read.
 */
import { ProtobufWriter } from '../encode/protobuf.js';
import { wellFormed } from '../encode/well-formed.js';
import { clockRealtime, defaults, flags, interned, internedText, packet, trace } from './fields.js';

const sequenceId = 1;
/** So many texts have numbers at a time. */
const textsMax = 16_384;

type TextKind = (typeof interned)[keyof typeof interned];

export class Packets {
  readonly out: ProtobufWriter = new ProtobufWriter();
  readonly #numbers = new Map<string, number>();
  #next = 1;
  #added: (readonly [TextKind, number, string])[] = [];
  #isFresh = true;

  /** A packet without a time that needs nothing of others. */
  plain(fill: (out: ProtobufWriter) => void): void {
    const began = this.out.begin(trace.packet);
    this.out.varint(packet.sequenceId, sequenceId);
    fill(this.out);
    this.out.end(began);
  }

  /** A packet with a time, in which `number` may be asked for. */
  timed(nanoseconds: bigint, fill: (out: ProtobufWriter) => void): void {
    const { out } = this;
    const isFirst = this.#isFresh || this.#numbers.size > textsMax;
    if (isFirst) this.#clear();
    const began = out.begin(trace.packet);
    out.varint64(packet.timestamp, nanoseconds);
    out.varint(packet.sequenceId, sequenceId);
    out.varint(packet.sequenceFlags, flags.needsState | (isFirst ? flags.stateCleared : 0));
    if (isFirst) {
      const part = out.begin(packet.defaults);
      out.varint(defaults.timestampClockId, clockRealtime);
      out.end(part);
    }
    fill(out);
    this.#writeAdded();
    out.end(began);
  }

  /** The number of a text. Where it is new, it is written with the packet that is being filled. */
  number(kind: TextKind, text: string): number {
    const key = `${kind} ${text}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#next;
    this.#next += 1;
    this.#numbers.set(key, number);
    this.#added.push([kind, number, text]);
    return number;
  }

  #clear(): void {
    this.#isFresh = false;
    this.#numbers.clear();
    this.#next = 1;
  }

  #writeAdded(): void {
    if (this.#added.length === 0) return;
    const { out } = this;
    const began = out.begin(packet.internedData);
    for (const [kind, number, text] of this.#added) {
      const entry = out.begin(kind);
      out.varint(internedText.iid, number);
      out.string(internedText.text, wellFormed(text));
      out.end(entry);
    }
    out.end(began);
    this.#added = [];
  }
}
