/**
 * What a JSON-RPC message is, read off its bytes: its kind, its method and id, and where a context stands or could
 * stand. The message is never parsed as a whole, never changed and never refused: what cannot be read is `other`.
 */
import { extract } from '../context/index.js';
import { viewOf } from './bytes.js';
import type { CarrierPlace, MessageKind, Outline, Place, Slot, Span } from './outline-types.js';
import { hasBackslash, isAt, skipColon, skipSpace, skipString, skipValue } from './outline-scan.js';

/** Longer methods, ids and tokens are nobody's. */
const tokenBytesMax = 1024;
const carrierBytesMax = 16_384;
/** The longest name that matters, each of its characters escaped. */
const keyBytesMax = 128;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
const quote = 0x22;

const keys = {
  envelope: [
    'method',
    'id',
    'params',
    '_meta',
    'traceparent',
    'tracestate',
    'baggage',
    'result',
    'error',
  ],
  params: ['_meta', '_traceparent'],
  meta: ['traceparent', 'tracestate', 'baggage'],
  paramsMeta: ['traceparent', 'tracestate', 'baggage', 'progressToken'],
} as const;
type Level = keyof typeof keys;

/** Reads the outline of one message: the body of a frame or one line. Never throws. */
export function outline(body: Uint8Array): Outline {
  return new Reader(viewOf(body)).read();
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

class Reader {
  readonly #bytes: Buffer;
  readonly #found: Mutable<Outline> = {
    kind: 'other',
    method: undefined,
    id: undefined,
    envelope: undefined,
    meta: 'absent',
    params: 'absent',
    paramsMeta: 'absent',
    finecode: undefined,
    progressToken: undefined,
    carrier: undefined,
    carrierPlace: undefined,
    isAmbiguous: false,
  };
  #hasId = false;
  #hasMethod = false;
  #hasAnswer = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): Outline {
    const start = skipSpace(this.#bytes, 0);
    const first = this.#bytes[start];
    if (first === 0x5b) this.#found.kind = 'batch';
    if (first !== openBrace) return this.#found;
    const envelope = placeAt(start);
    const end = this.#members(start, 'envelope', envelope);
    // What stands behind the message makes it something that no parser takes.
    if (end === -1 || skipSpace(this.#bytes, end) !== this.#bytes.length) return this.#found;
    this.#found.envelope = envelope;
    this.#found.kind = this.#kind();
    this.#findCarrier();
    return this.#found;
  }

  #kind(): MessageKind {
    const { method, id } = this.#found;
    if (this.#hasMethod) {
      if (method === undefined || this.#hasAnswer) return 'other';
      if (!this.#hasId) return 'notification';
      return id === undefined ? 'other' : 'request';
    }
    return this.#hasAnswer && this.#hasId ? 'response' : 'other';
  }

  /** Reads the object whose brace is at `brace`; the byte behind it, or -1. */
  #members(brace: number, level: Level, place: Mutable<Place>): number {
    const bytes = this.#bytes;
    let at = skipSpace(bytes, brace + 1);
    if (bytes[at] === closeBrace) return at + 1;
    place.isEmpty = false;
    let seen = 0;
    for (;;) {
      const keyEnd = skipString(bytes, at);
      if (keyEnd === -1) return -1;
      const index = this.#keyIndex(level, at + 1, keyEnd - 1);
      const start = skipColon(bytes, keyEnd);
      if (start === -1) return -1;
      if (index === -1) {
        at = skipValue(bytes, start);
      } else {
        if ((seen & (1 << index)) !== 0) this.#found.isAmbiguous = true;
        seen |= 1 << index;
        at = this.#member(level, keys[level][index] ?? '', start, place);
      }
      if (at === -1) return -1;
      at = skipSpace(bytes, at);
      const next = bytes[at];
      if (next === closeBrace) return at + 1;
      if (next !== comma) return -1;
      at = skipSpace(bytes, at + 1);
    }
  }

  /** Takes the value of a key that matters; the byte behind it, or -1. */
  #member(level: Level, key: string, start: number, place: Mutable<Place>): number {
    if (level === 'envelope' && (key === '_meta' || key === 'params')) {
      return key === 'params' ? this.#params(start) : this.#object(start, 'meta', 'meta');
    }
    if (level === 'params' && key === '_meta')
      return this.#object(start, 'paramsMeta', 'paramsMeta');
    const end = skipValue(this.#bytes, start);
    if (end === -1) return -1;
    switch (key) {
      case 'traceparent':
      case 'tracestate':
      case 'baggage':
        place[key] = { start, end };
        break;
      case 'method':
        this.#hasMethod = true;
        this.#found.method = this.#text(start, end, tokenBytesMax);
        break;
      case 'id':
        this.#hasId = true;
        this.#found.id = this.#idText(start, end);
        break;
      case 'progressToken':
        this.#found.progressToken = this.#idText(start, end);
        break;
      case '_traceparent':
        this.#found.finecode = { start, end };
        break;
      default:
        this.#hasAnswer = true;
    }
    return end;
  }

  #params(start: number): number {
    this.#found.paramsMeta = 'absent';
    this.#found.progressToken = undefined;
    this.#found.finecode = undefined;
    return this.#object(start, 'params', 'params');
  }

  #object(start: number, level: Level, slot: 'meta' | 'params' | 'paramsMeta'): number {
    if (this.#bytes[start] !== openBrace) {
      this.#found[slot] = 'other';
      return skipValue(this.#bytes, start);
    }
    const place = placeAt(start);
    this.#found[slot] = place;
    return this.#members(start, level, place);
  }

  /** Which of the level's keys this is; -1 for any other. */
  #keyIndex(level: Level, start: number, end: number): number {
    const bytes = this.#bytes;
    const names = keys[level];
    const length = end - start;
    if (hasBackslash(bytes, start, Math.min(end, start + keyBytesMax))) {
      const text = this.#text(start - 1, end + 1, keyBytesMax);
      return names.findIndex((name) => name === text);
    }
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index];
      if (name?.length === length && isAt(bytes, start, name)) return index;
    }
    return -1;
  }

  #findCarrier(): void {
    const { meta, envelope, paramsMeta, finecode } = this.#found;
    const tries: readonly (readonly [CarrierPlace, Slot | undefined])[] = [
      ['meta', meta],
      ['w3c', envelope],
      ['params-meta', paramsMeta],
    ];
    for (const [name, place] of tries) {
      if (typeof place !== 'object' || place.traceparent === undefined) continue;
      if (this.#take(name, place.traceparent, place)) return;
    }
    if (finecode !== undefined) this.#take('finecode', finecode, undefined);
  }

  #take(name: CarrierPlace, parent: Span, place: Place | undefined): boolean {
    const read = (span: Span | undefined): string | undefined =>
      span === undefined ? undefined : this.#text(span.start, span.end, carrierBytesMax);
    this.#found.carrier = extract({
      traceparent: read(parent),
      tracestate: read(place?.tracestate),
      baggage: read(place?.baggage),
    });
    if (this.#found.carrier !== undefined) this.#found.carrierPlace = name;
    return this.#found.carrier !== undefined;
  }

  /** The string that these bytes spell; `undefined` for anything else. */
  #text(start: number, end: number, bytesMax: number): string | undefined {
    const bytes = this.#bytes;
    if (bytes[start] !== quote || end - start > bytesMax) return undefined;
    if (!hasBackslash(bytes, start, end)) return bytes.toString('utf8', start + 1, end - 1);
    try {
      return JSON.parse(bytes.toString('utf8', start, end)) as string;
    } catch {
      return undefined;
    }
  }

  /** A number or a string, as it is written. */
  #idText(start: number, end: number): string | undefined {
    const first = this.#bytes[start] ?? 0;
    const isId = first === quote || first === 0x2d || (first >= 0x30 && first <= 0x39);
    if (!isId || end - start > tokenBytesMax) return undefined;
    return this.#bytes.toString('utf8', start, end);
  }
}

function placeAt(brace: number): Mutable<Place> {
  return {
    start: brace + 1,
    isEmpty: true,
    traceparent: undefined,
    tracestate: undefined,
    baggage: undefined,
  };
}
