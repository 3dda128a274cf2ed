/**
 * What a JSON-RPC message is, read off its bytes: its kind, its method and id, and where a context stands or could
 * stand. The message is never parsed as a whole, never changed and never refused: what cannot be read is `other`.
 */
import { extract, type RemoteContext } from '../context/index.js';
import { viewOf } from './bytes.js';
import { isIdAt, readText } from './outline-text.js';
import {
  envelopeKeys,
  keyAt,
  keyOf,
  metaKeys,
  paramsKeys,
  paramsMetaKeys,
} from './outline-keys.js';
import type { CarrierPlace, MessageKind, Outline, Place, Slot, Span } from './outline-types.js';
import { skipColon, skipSpace, skipString, skipValue } from './outline-scan.js';

/** Longer methods, ids and tokens are nobody's. */
const tokenBytesMax = 1024;
const carrierBytesMax = 16_384;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const comma = 0x2c;

/** Reads the outline of one message: the body of a frame or one line. Never throws. */
export function outline(body: Uint8Array): Outline {
  const found = new Found(viewOf(body));
  read(found);
  return found;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Ids are made when somebody asks for them: each is a call into the runtime, and most messages go on without. */
class Found implements Outline {
  readonly bytes: Buffer;
  kind: MessageKind = 'other';
  method: string | undefined = undefined;
  envelope: Mutable<Place> | undefined = undefined;
  meta: Slot = 'absent';
  params: Slot = 'absent';
  paramsMeta: Slot = 'absent';
  finecode: Span | undefined = undefined;
  carrier: RemoteContext | undefined = undefined;
  carrierPlace: CarrierPlace | undefined = undefined;
  isAmbiguous = false;
  hasMethod = false;
  hasAnswer = false;
  /** Something stands there that may be a carrier. */
  hasParent = false;
  /** No end: it is not there. */
  idStart = 0;
  idEnd = 0;
  tokenStart = 0;
  tokenEnd = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get id(): string | undefined {
    return idText(this.bytes, this.idStart, this.idEnd);
  }

  get progressToken(): string | undefined {
    return idText(this.bytes, this.tokenStart, this.tokenEnd);
  }
}

function read(found: Found): void {
  const { bytes } = found;
  const start = skipSpace(bytes, 0);
  const first = bytes[start];
  if (first !== openBrace) {
    if (first === openBracket) found.kind = 'batch';
    return;
  }
  const envelope = placeAt(start);
  const end = members(found, start, envelopeKeys, envelope);
  // What stands behind the message makes it something that no parser takes.
  if (end === -1 || skipSpace(bytes, end) !== bytes.length) return;
  found.envelope = envelope;
  found.kind = kindOf(found);
  if (found.hasParent) findCarrier(found);
}

function kindOf(found: Found): MessageKind {
  const hasId = found.idEnd > 0;
  if (!found.hasMethod) return found.hasAnswer && hasId ? 'response' : 'other';
  if (found.method === undefined || found.hasAnswer) return 'other';
  if (!hasId) return 'notification';
  return isId(found.bytes, found.idStart, found.idEnd) ? 'request' : 'other';
}

/** Reads the object whose brace is at `brace`; the byte behind it, or -1. */
function members(found: Found, brace: number, keys: number, place: Mutable<Place>): number {
  const { bytes } = found;
  let at = skipSpace(bytes, brace + 1);
  if (bytes[at] === closeBrace) return at + 1;
  place.isEmpty = false;
  let seen = 0;
  for (;;) {
    const keyEnd = skipString(bytes, at);
    if (keyEnd === -1) return -1;
    const key = keyAt(bytes, at + 1, keyEnd - 1) & keys;
    const start = skipColon(bytes, keyEnd);
    if (start === -1) return -1;
    if (key === 0) {
      at = skipValue(bytes, start);
    } else {
      if ((seen & key) !== 0) found.isAmbiguous = true;
      seen |= key;
      at = member(found, key, keys, start, place);
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
function member(
  found: Found,
  key: number,
  keys: number,
  start: number,
  place: Mutable<Place>,
): number {
  const { bytes } = found;
  if (key === keyOf.params) return params(found, start);
  if (key === keyOf.meta)
    return keys === paramsKeys ? paramsMeta(found, start) : meta(found, start);
  const end = skipValue(bytes, start);
  if (end === -1) return -1;
  switch (key) {
    case keyOf.method:
      found.hasMethod = true;
      found.method = readText(bytes, start, end, tokenBytesMax);
      break;
    case keyOf.id:
      found.idStart = start;
      found.idEnd = end;
      break;
    case keyOf.progressToken:
      found.tokenStart = start;
      found.tokenEnd = end;
      break;
    case keyOf.traceparent:
      found.hasParent = true;
      place.traceparent = { start, end };
      break;
    case keyOf.tracestate:
      place.tracestate = { start, end };
      break;
    case keyOf.baggage:
      place.baggage = { start, end };
      break;
    case keyOf.finecode:
      found.hasParent = true;
      found.finecode = { start, end };
      break;
    default:
      found.hasAnswer = true;
  }
  return end;
}

function params(found: Found, start: number): number {
  // Of params that stand there twice the last count.
  found.paramsMeta = 'absent';
  found.tokenEnd = 0;
  found.finecode = undefined;
  if (found.bytes[start] !== openBrace) {
    found.params = 'other';
    return skipValue(found.bytes, start);
  }
  const place = placeAt(start);
  found.params = place;
  return members(found, start, paramsKeys, place);
}

function meta(found: Found, start: number): number {
  if (found.bytes[start] !== openBrace) {
    found.meta = 'other';
    return skipValue(found.bytes, start);
  }
  const place = placeAt(start);
  found.meta = place;
  return members(found, start, metaKeys, place);
}

function paramsMeta(found: Found, start: number): number {
  if (found.bytes[start] !== openBrace) {
    found.paramsMeta = 'other';
    return skipValue(found.bytes, start);
  }
  const place = placeAt(start);
  found.paramsMeta = place;
  return members(found, start, paramsMetaKeys, place);
}

/** The first valid one counts, in this order. */
function findCarrier(found: Found): void {
  if (takeFrom(found, 'meta', found.meta)) return;
  if (takeFrom(found, 'w3c', found.envelope)) return;
  if (takeFrom(found, 'params-meta', found.paramsMeta)) return;
  if (found.finecode !== undefined) take(found, 'finecode', found.finecode, undefined);
}

function takeFrom(found: Found, name: CarrierPlace, place: Slot | undefined): boolean {
  if (typeof place !== 'object' || place.traceparent === undefined) return false;
  return take(found, name, place.traceparent, place);
}

function take(found: Found, name: CarrierPlace, parent: Span, place: Place | undefined): boolean {
  const text = (span: Span | undefined): string | undefined =>
    span === undefined ? undefined : readText(found.bytes, span.start, span.end, carrierBytesMax);
  found.carrier = extract({
    traceparent: text(parent),
    tracestate: text(place?.tracestate),
    baggage: text(place?.baggage),
  });
  if (found.carrier === undefined) return false;
  found.carrierPlace = name;
  return true;
}

/** A number or a string, as it is written. */
function isId(bytes: Buffer, start: number, end: number): boolean {
  return end - start <= tokenBytesMax && isIdAt(bytes, start);
}

function idText(bytes: Buffer, start: number, end: number): string | undefined {
  return end > 0 && isId(bytes, start, end) ? bytes.toString('utf8', start, end) : undefined;
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
