/** What a collector says: taken, taken in part, try again, or never. Pure; believes nothing about its size. */
import { isObject, text } from '../../read/entry/entry.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** The first `answerBytesMax` of it. */
  readonly body: Uint8Array;
}

export const answerBytesMax: number = 64 * 1024;

/** Statuses that OTLP says to try again after. */
const later: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A web page is no answer of a collector, whatever its status: of a server that shows one for every address. */
export function isTaken({ status, contentType }: Answer): boolean {
  return status >= 200 && status < 300 && !contentType.startsWith('text/html');
}

export function isForLater({ status }: Answer): boolean {
  return later.has(status);
}

/** How long to wait, by `Retry-After`: seconds, or a date. */
export function retryAfterMs({ retryAfter }: Answer, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

export interface Partial {
  readonly rejected: number;
  readonly message: string;
}

/** What a collector that took the message left of it, or has to say about it. */
export function partialSuccess({ contentType, body }: Answer): Partial | undefined {
  const isJson = contentType.startsWith('application/json');
  const found = isJson ? partialOfJson(body) : partialOfProtobuf(body);
  return found.rejected === 0 && found.message === '' ? undefined : found;
}

/** What it says of why not: the message of a google.rpc.Status, or nothing. */
export function reasonOf({ contentType, body }: Answer): string {
  if (contentType.startsWith('application/json')) {
    return text(objectOf(body)['message']) ?? '';
  }
  if (!contentType.startsWith('application/x-protobuf')) return '';
  return fieldsOf(body).texts.get(2)?.at(-1) ?? '';
}

function partialOfJson(body: Uint8Array): Partial {
  const partial = objectOf(body)['partialSuccess'];
  if (!isObject(partial)) return { rejected: 0, message: '' };
  return {
    rejected: count(Number(partial['rejectedSpans'])),
    message: text(partial['errorMessage']) ?? '',
  };
}

function partialOfProtobuf(body: Uint8Array): Partial {
  const inner = fieldsOf(body).bytes.get(1)?.at(-1);
  if (inner === undefined) return { rejected: 0, message: '' };
  const { numbers, texts } = fieldsOf(inner);
  return { rejected: count(numbers.get(1) ?? 0), message: texts.get(2)?.at(-1) ?? '' };
}

function count(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function objectOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

interface Fields {
  readonly numbers: Map<number, number>;
  readonly bytes: Map<number, Uint8Array[]>;
  readonly texts: Map<number, string[]>;
}

/** The numbers and texts of a protobuf message, as far as it can be read. */
function fieldsOf(body: Uint8Array): Fields {
  const fields: Fields = { numbers: new Map(), bytes: new Map(), texts: new Map() };
  let at = 0;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (let byte = 0x80; byte >= 0x80 && at < body.length; factor *= 0x80) {
      byte = body[at++] ?? 0;
      value += (byte & 0x7f) * factor;
    }
    return value;
  };
  while (at < body.length) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) fields.numbers.set(field, varint());
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      const bytes = body.subarray(at, at + length);
      at += length;
      fields.bytes.set(field, [...(fields.bytes.get(field) ?? []), bytes]);
      fields.texts.set(field, [...(fields.texts.get(field) ?? []), Buffer.from(bytes).toString()]);
    } else break;
  }
  return fields;
}
