/**
 * Our two `tracestate` members. `tl` carries the sender's clock and what the front says of itself; `tl-links`
 * carries causes that are not the parent (docs/adr/0001). Both are read leniently: what is unreadable is left out.
 */
import { parseHlc, type Hlc } from './hlc.js';
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from './ids.js';

/** What a front says of itself: asserted by the sender, never checked. */
export interface Origin {
  /** The kind of front: `cli`, `lsp`, `mcp` … */
  readonly front?: string;
  /** The protocol's method, such as `tools/call` or `textDocument/formatting`. */
  readonly method?: string;
  /** What was asked for: a tool's or command's name. */
  readonly name?: string;
  /** The program in front of the front: an editor's, agent's or shell's name. */
  readonly client?: string;
}

/** A cause that is not the parent. */
export interface Link {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
}

/** The contents of the member `tl`. */
export interface Member {
  readonly hlc: Hlc | undefined;
  readonly origin: Origin | undefined;
}

export const memberKey = 'tl';
export const linksKey = 'tl-links';
/** How many links fit into one member of 256 characters. */
export const linksMax = 5;

const memberCharsMax = 256;
/** Per part, percent-encoded: with the clock's 13 and four semicolons they stay within 256. */
const partCharsMax = { front: 16, method: 64, name: 96, client: 48 } as const;
const partNames = ['front', 'method', 'name', 'client'] as const;
const reserved = /[^\x21-\x7e]|[%,;=]/gu;
/** What travels as it is; most methods and names do, and the loop over characters costs microseconds. */
const plain = /^[\x21-\x24\x26-\x2b\x2d-\x3a\x3c\x3e-\x7e]*$/;
const loneSurrogate = /\p{Surrogate}/gu;
/** What would move the cursor, break a line or reorder the text when a reader prints it. */
const control =
  // oxlint-disable-next-line no-control-regex -- Control characters are what it removes.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Writes `<hlc>;<front>;<method>;<name>;<client>`, each part optional from the right; at most 241 characters. */
export function formatMember(hlc: Hlc | undefined, origin: Origin | undefined): string {
  return (hlc ?? '') + (origin === undefined ? '' : encodeOrigin(origin));
}

/** An origin is written for everything its request causes, and never changes. */
const encodedOrigins = new WeakMap<Origin, string>();

/** The parts behind the clock, each with its semicolon. */
function encodeOrigin(origin: Origin): string {
  const known = encodedOrigins.get(origin);
  if (known !== undefined) return known;
  const parts: string[] = [''];
  for (const name of partNames) parts.push(encodePart(origin[name], partCharsMax[name]));
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const text = parts.join(';');
  encodedOrigins.set(origin, text);
  return text;
}

/** Reads a `tl` member's value. An unreadable part is left out; a member over 256 characters is not looked at. */
export function parseMember(value: string): Member {
  if (value.length > memberCharsMax) return { hlc: undefined, origin: undefined };
  const end = value.indexOf(';');
  if (end < 0) return { hlc: parseHlc(value), origin: undefined };
  return { hlc: parseHlc(value.slice(0, end)), origin: decodeOrigin(value.slice(end + 1)) };
}

/** A front asks for the same again and again: then it is one object, whose spelling is known. */
let decoded: { readonly text: string; readonly origin: Origin | undefined } = {
  text: '',
  origin: undefined,
};

function decodeOrigin(text: string): Origin | undefined {
  if (text === decoded.text) return decoded.origin;
  const parts = text.split(';', partNames.length);
  let origin: Record<string, string> | undefined;
  for (const [index, name] of partNames.entries()) {
    const part = decodePart(parts[index] ?? '');
    if (part === '') continue;
    origin ??= {};
    origin[name] = part;
  }
  // Frozen: requests of several peers may hold it.
  decoded = { text, origin: origin && Object.freeze(origin) };
  return origin;
}

/** Writes the member `tl-links`: `<trace-id>-<span-id>` joined by semicolons, the first five. */
export function formatLinks(links: readonly Link[]): string {
  return links
    .slice(0, linksMax)
    .map((link) => `${link.traceId}-${link.spanId}`)
    .join(';');
}

/** Reads the member `tl-links`; what is not a link is left out, over 256 characters is not looked at. */
export function parseLinks(value: string): readonly Link[] {
  if (value.length > memberCharsMax) return [];
  const links: Link[] = [];
  for (const part of value.split(';').slice(0, linksMax)) {
    const traceId = parseTraceId(part.slice(0, 32));
    const spanId = parseSpanId(part.slice(33));
    if (traceId !== undefined && spanId !== undefined && part.charAt(32) === '-') {
      links.push({ traceId, spanId });
    }
  }
  return links;
}

function encodePart(text: unknown, charsMax: number): string {
  // What a front says of itself may come straight from a message it was sent.
  if (typeof text !== 'string') return '';
  if (text.length <= charsMax && plain.test(text)) return text;
  // The cut comes first so that encoding a hostile megabyte costs nothing; it is repeated on whole escapes.
  const encoded: string[] = [];
  let chars = 0;
  for (const character of text
    .slice(0, charsMax)
    .replace(loneSurrogate, '\ufffd')
    .replace(control, ' ')) {
    const piece = character.replace(reserved, (one) => encodeURIComponent(one));
    if (chars + piece.length > charsMax) break;
    chars += piece.length;
    encoded.push(piece);
  }
  return encoded.join('');
}

function decodePart(text: string): string {
  if (plain.test(text)) return text;
  try {
    return decodeURIComponent(text).replace(control, '\ufffd');
  } catch {
    return '';
  }
}
