/// <reference lib="dom" />
/** The page's data, read once: requests as they were written, and a request's spans as a tree when it is looked at. */
import type { WireMore, WireRequest, WireTruth } from '../wire.js';

export interface PageSpan {
  /** Its place in the request. */
  readonly index: number;
  readonly id: string;
  /** The place of the span it is shown below; -1: none. */
  readonly parent: number;
  readonly children: number[];
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly writer: string;
  /** Microseconds since the request began. */
  readonly at: number;
  /** Until when its bar is drawn; `undefined`: it has no end. */
  readonly until: number | undefined;
  /** By its writer's own clock, microseconds since `at` of the request; `undefined`: not recorded. */
  readonly started: number | undefined;
  readonly ended: number | undefined;
  readonly ms: number | undefined;
  readonly records: number;
  readonly fold: number;
  readonly more: WireMore;
}

export interface PageRequest {
  readonly wire: WireRequest;
  readonly spans: readonly PageSpan[];
  readonly roots: readonly number[];
  /** How long all of it took, in microseconds. */
  readonly length: number;
}

const nothing: WireMore = {};
/** Microseconds: what took less is drawn as a part of this. */
const lengthMin = 1000;

/** A span that is there: places come from the data itself. */
export function spanAt(request: PageRequest, index: number): PageSpan {
  const span = request.spans[index];
  if (span === undefined) throw new RangeError(`no span ${index}`);
  return span;
}

export function decodeRequest(wire: WireRequest): PageRequest {
  const spans: PageSpan[] = [];
  const roots: number[] = [];
  const text = (place: number): string => wire.texts[place] ?? '';
  for (const [index, row] of wire.rows.entries()) {
    const [id, up, kind, name, state, writer, at, ms, records, fold = 0, more = nothing] = row;
    const parent = up === 0 ? -1 : index - up;
    (spans[parent]?.children ?? roots).push(index);
    const started = more.start === undefined ? at : (more.start ?? undefined);
    const told = started === undefined || ms === null ? undefined : started + Math.round(ms * 1000);
    const ended = more.end === undefined ? told : (more.end ?? undefined);
    const isInstant = ended === undefined && text(kind) === 'other';
    spans.push({
      index,
      id,
      parent,
      children: [],
      kind: text(kind),
      name: text(name),
      state: text(state),
      writer: text(writer),
      at,
      until: isInstant ? at : (more.till ?? ended),
      started,
      ended,
      ms: ms ?? undefined,
      records,
      fold,
      more,
    });
  }
  // An attempt lasts as long as what it caused: from the leaves up.
  for (const span of spans.toReversed()) {
    if (span.kind !== 'dispatch' || span.more.open === 1 || span.children.length === 0) continue;
    const ends = span.children.map((child) => spans[child]?.until);
    if (ends.some((end) => end === undefined)) continue;
    const until = ends.reduce<number>((most, end) => Math.max(most, end ?? 0), span.at);
    spans[span.index] = { ...span, until };
  }
  let length = Math.max(lengthMin, wire.last);
  for (const { at, until } of spans) length = Math.max(length, until ?? at);
  return { wire, spans, roots, length };
}

/** The compressed lines of the page. The last one is about all of them. */
export async function readData(
  base64: string,
): Promise<{ readonly requests: readonly WireRequest[]; readonly truth: WireTruth }> {
  const bytes = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const lines = (await new Response(stream).text()).trimEnd().split('\n');
  const truth = JSON.parse(lines.pop() ?? '{}') as WireTruth;
  return { requests: lines.map((line) => JSON.parse(line) as WireRequest), truth };
}
