/**
 * What streams say in their own words, on its way to a model. It goes into `data` and nowhere else, beside
 * `untrusted: true`; it is cleaned of what a terminal would act upon, and each text is cut.
 */
import { Buffer } from 'node:buffer';
import { cleanLines } from '../text.js';

/** Of each text, in UTF-8, with the mark that says how much there was. */
export const textBytesMax = 2048;
const membersMax = 64;
const depthMax = 8;

export interface Marked {
  readonly untrusted: true;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Marks and counts for one answer. */
export class Untrusted {
  /** Texts, lists and objects that were cut. */
  cuts = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number = textBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** The members, marked. What is `undefined` was not recorded and is left out. */
  mark(members: Readonly<Record<string, unknown>>): Marked {
    return { untrusted: true, data: this.#object(members, 0) };
  }

  /** A phrase for `omitted`, if anything was cut. */
  omitted(): readonly string[] {
    if (this.cuts === 0) return [];
    return [
      `${this.cuts} ${this.cuts === 1 ? 'field' : 'fields'} cut (a text at ${this.#bytesMax} bytes)`,
    ];
  }

  #object(members: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
    const all = Object.entries(members).filter(([, value]) => value !== undefined);
    if (all.length > membersMax) this.cuts += 1;
    const kept = all.slice(0, membersMax);
    return Object.fromEntries(kept.map(([key, one]) => [this.#text(key), this.#value(one, depth)]));
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= depthMax) {
      this.cuts += 1;
      return '…';
    }
    if (!Array.isArray(value)) return this.#object(value as Record<string, unknown>, depth + 1);
    if (value.length > membersMax) this.cuts += 1;
    return value.slice(0, membersMax).map((one: unknown) => this.#value(one, depth + 1));
  }

  #text(text: string): string {
    const whole = Buffer.byteLength(text);
    const cleaned = cleanLines(text.slice(0, this.#bytesMax + 1));
    if (whole <= this.#bytesMax && Buffer.byteLength(cleaned) <= this.#bytesMax) return cleaned;
    this.cuts += 1;
    const mark = `… [of ${whole} bytes]`;
    return `${startOf(cleaned, this.#bytesMax - Buffer.byteLength(mark))}${mark}`;
  }
}

/** The start of a text in so many bytes, at a character's border. */
function startOf(text: string, bytesMax: number): string {
  let [at, bytes] = [0, 0];
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    at += character.length;
  }
  return text.slice(0, at);
}
