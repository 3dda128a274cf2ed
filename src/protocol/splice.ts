/**
 * Puts a context into a message's bytes and leaves every other byte as it was: parsing and writing again would change
 * large integers, `1.0`, the order of keys and duplicate ones. Whatever is not surely a request (or a notification,
 * where asked for) is returned as it is, and so is a message that carries a valid context.
 */
import { inject, type Carrier, type Context } from '../context/index.js';
import { viewOf } from './bytes.js';
import type { CarrierPlace, Outline, Place, Slot, Span } from './outline-types.js';

/** `meta`: `_meta` beside `method`. `w3c`: members beside `method`. `params-meta`: `_meta` in `params` (MCP). */
export type SpliceForm = 'meta' | 'w3c' | 'params-meta';

export interface SpliceOptions {
  /** Notifications are stamped as requests are. Default false. */
  readonly notifications?: boolean | undefined;
  /** `params` are made where there are none; form `params-meta` only. Default false: some servers refuse them. */
  readonly createParams?: boolean | undefined;
  /** A valid context is replaced where it stands, for a hop that continues it. Default false. */
  readonly replace?: boolean | undefined;
}

const shortBytes = 32;

interface Edit extends Span {
  readonly text: string;
}

/** The message with `context` in it, or the same array when it must not be touched. Mints no id in that case. */
export function splice(
  body: Uint8Array,
  found: Outline,
  form: SpliceForm,
  context: Context,
  options: SpliceOptions = {},
): Uint8Array {
  const place = placeToWrite(found, form, options);
  if (place === undefined) return body;
  const edits = editsFor(found, place, () => inject(context));
  return edits === undefined ? body : apply(body, edits);
}

const finecodeMethods: ReadonlySet<string | undefined> = new Set([
  'actions/run',
  'actions/runBatch',
]);

/** Whether FineCode's WM reads a context from this message. */
export function isFinecodeRun({ kind, method, params }: Outline): boolean {
  return kind === 'request' && finecodeMethods.has(method) && typeof params === 'object';
}

/**
 * FineCode's form: `params._traceparent` and nothing else, where the WM reads it. What stands there is replaced: the
 * hop that `context` is continues it.
 */
export function spliceFinecode(body: Uint8Array, found: Outline, context: Context): Uint8Array {
  const { params, finecode } = found;
  if (!isFinecodeRun(found) || found.isAmbiguous || typeof params !== 'object') return body;
  const value = `"${context.traceparent}"`;
  const edit =
    finecode === undefined
      ? insertion(params, `"_traceparent":${value}`)
      : { ...finecode, text: value };
  return apply(body, [edit]);
}

/** Whether and where this message is written to. */
function placeToWrite(
  found: Outline,
  form: SpliceForm,
  options: SpliceOptions,
): { readonly form: CarrierPlace; readonly createParams: boolean } | undefined {
  const isStamped =
    found.kind === 'request' || (found.kind === 'notification' && options.notifications === true);
  if (!isStamped || found.isAmbiguous) return undefined;
  const createParams = options.createParams === true;
  if (found.carrierPlace === undefined) return { form, createParams };
  if (options.replace !== true || found.carrierPlace === 'finecode') return undefined;
  return { form: found.carrierPlace, createParams };
}

function editsFor(
  found: Outline,
  place: { readonly form: CarrierPlace; readonly createParams: boolean },
  carry: () => Carrier,
): readonly Edit[] | undefined {
  const { envelope, params } = found;
  if (envelope === undefined) return undefined;
  switch (place.form) {
    case 'meta':
      return intoMeta(found.meta, envelope, carry);
    case 'w3c': {
      const { traceparent, tracestate } = carry();
      return intoObject(envelope, { traceparent, tracestate });
    }
    case 'params-meta':
      if (typeof params === 'object') return intoMeta(found.paramsMeta, params, carry);
      if (params === 'other' || !place.createParams) return undefined;
      return [insertion(envelope, `"params":{"_meta":{${membersOf(carry())}}}`)];
    case 'finecode':
      return undefined;
  }
}

function intoMeta(meta: Slot, holder: Place, carry: () => Carrier): readonly Edit[] | undefined {
  if (meta === 'other') return undefined;
  if (meta === 'absent') return [insertion(holder, `"_meta":{${membersOf(carry())}}`)];
  return intoObject(meta, carry());
}

/** What stands there is replaced where it stands; the rest comes first in the object. */
function intoObject(place: Place, carrier: Carrier): readonly Edit[] {
  const edits: Edit[] = [];
  const missing: Record<string, string> = {};
  for (const name of ['traceparent', 'tracestate', 'baggage'] as const) {
    const value = carrier[name];
    const span = place[name];
    if (value === undefined) continue;
    if (span === undefined) missing[name] = value;
    else edits.push({ ...span, text: JSON.stringify(value) });
  }
  if (Object.keys(missing).length > 0) edits.push(insertion(place, membersOf(missing)));
  return edits.sort((one, other) => one.start - other.start);
}

function insertion(place: Place, text: string): Edit {
  return { start: place.start, end: place.start, text: place.isEmpty ? text : `${text},` };
}

const needsEscape = /["\\]/;

/** A carrier as the members of an object. */
export function membersOf(carrier: Carrier | Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in carrier) {
    const value = carrier[name as keyof Carrier] ?? '';
    if (text !== '') text += ',';
    // Carriers are printable ASCII: only these two are written otherwise in JSON.
    text += needsEscape.test(value) ? `"${name}":${JSON.stringify(value)}` : `"${name}":"${value}"`;
  }
  return text;
}

function apply(body: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const bytes = viewOf(body);
  let size = bytes.length;
  // Carriers are ASCII: a character is a byte.
  for (const { start, end, text } of edits) size += text.length - (end - start);
  const result = Buffer.allocUnsafe(size);
  let from = 0;
  let to = 0;
  for (const { start, end, text } of edits) {
    to += copyInto(result, to, bytes, from, start);
    to += result.write(text, to, 'latin1');
    from = end;
  }
  copyInto(result, to, bytes, from, bytes.length);
  return result;
}

/** A call into the runtime costs more than a few bytes. */
function copyInto(to: Buffer, at: number, bytes: Buffer, start: number, end: number): number {
  const size = end - start;
  if (size > shortBytes) return bytes.copy(to, at, start, end);
  for (let index = 0; index < size; index += 1) to[at + index] = bytes[start + index] ?? 0;
  return size;
}
