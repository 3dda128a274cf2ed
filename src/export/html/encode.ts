/** A request as a line of the page's data. Pure. */
import { foldSiblings, quietOf, siblingOf, spanDurationMs } from '../../read/requests/fold.js';
import { hlcMicroseconds } from '../../context/index.js';
import { walk, type Request, type Span } from '../../read/index.js';
import type { WireMore, WireRequest, WireSpan } from './wire.js';

/** As `throughline show` folds. */
const siblingsMax = 20;
/** So many links and effects of a span are in the page. */
const listedMax = 200;
const digestChars = 8;

/** The request with its first `spansMax` spans; whoever is shown has its parent shown, too. */
export function wireRequest(request: Request, spansMax: number): WireRequest {
  const base = hlcMicroseconds(request.started.hlc);
  const texts = new Texts();
  const folds = foldsOf(request);
  const places = new Map<Span, number>();
  const path: Span[] = [];
  const rows: WireSpan[] = [];
  for (const { span, depth } of walk(request.roots)) {
    if (rows.length === spansMax) break;
    const parent = path[depth - 1];
    path.length = depth;
    path.push(span);
    const up = parent === undefined ? 0 : rows.length - (places.get(parent) ?? rows.length);
    places.set(span, rows.length);
    const more = moreOf(span, parent, request);
    const fold = folds.get(span) ?? 0;
    rows.push([
      span.spanId,
      up,
      texts.place(span.kind),
      texts.place(span.name),
      texts.place(span.state),
      texts.place(span.writerId),
      hlcMicroseconds(span.first.hlc) - base,
      spanDurationMs(span) ?? null,
      span.records,
      ...tailOf(fold, more),
    ]);
  }
  return { ...headOf(request, base), texts: texts.all, rows };
}

function tailOf(fold: number, more: WireMore): [] | [number] | [number, WireMore] {
  if (Object.keys(more).length > 0) return [fold, more];
  return fold > 0 ? [fold] : [];
}

function headOf(request: Request, base: number): Omit<WireRequest, 'texts' | 'rows'> {
  const { via, client, durationMs, answered, resolution } = request;
  return {
    id: request.correlationId,
    entry: request.entrySpanId,
    state: request.state,
    why: request.why,
    start: base,
    last: hlcMicroseconds(request.last.hlc) - base,
    at: request.started.microseconds,
    ...(durationMs === undefined ? {} : { ms: durationMs }),
    ...(via === undefined ? {} : { via }),
    ...(client === undefined ? {} : { client }),
    what: request.what,
    spans: request.spans,
    open: request.open,
    records: request.records,
    effects: request.effects,
    ...(answered === undefined ? {} : { answered }),
    ...(resolution === undefined ? {} : { resolution }),
  };
}

/** Texts by their place. */
class Texts {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.all.push(text) - 1;
      this.#places.set(text, place);
    }
    return place;
  }
}

/** The number of the line that each span shares with others. */
function foldsOf({ roots }: Request): ReadonlyMap<Span, number> {
  const quiet = quietOf(roots);
  const rule = { siblingsMax, isQuiet: (span: Span): boolean => quiet.has(span) };
  const folds = new Map<Span, number>();
  let number = 0;
  const levels = [roots];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    for (const { members: group } of foldSiblings(level.map(siblingOf), rule)) {
      if (group.length > 1) {
        number += 1;
        for (const { span, attempt } of group) folds.set(attempt ?? span, number);
      }
      for (const { span } of group) if (span.children.length > 0) levels.push(span.children);
    }
  }
  return folds;
}

function moreOf(span: Span, parent: Span | undefined, request: Request): WireMore {
  const { error, effects, links } = span;
  const more: { -readonly [Key in keyof WireMore]: WireMore[Key] } = timesOf(span, request);
  if (span.parentSpanId !== (parent?.spanId ?? request.entrySpanId))
    more.parent = span.parentSpanId ?? null;
  if (span.open) more.open = 1;
  if (span.open || span.ended === undefined) more.why = span.why;
  if (error !== undefined) {
    more.error = [error.code ?? '', error.class ?? '', error.message ?? ''];
  }
  if (span.attempt !== undefined) more.attempt = span.attempt;
  if (span.runner !== undefined) more.runner = span.runner;
  // Handlers share the id of their run; it is told once.
  if (span.runId !== undefined && span.runId !== parent?.runId) more.run = span.runId;
  if (span.trigger !== undefined) more.trigger = span.trigger;
  if (span.env !== undefined) more.env = span.env;
  if (span.answered === false) more.unheard = 1;
  if (span.cancelRequested !== undefined) more.cancel = span.cancelRequested;
  if (span.clientGone) more.gone = 1;
  if (span.resolution !== undefined) more.resolution = span.resolution;
  if (span.terminals > 1) more.ends = span.terminals;
  if (span.ended === undefined) more.lastEvent = span.last.event;
  if (span.join !== undefined && span.join !== 'exact') more.join = span.join;
  if (span.isEndInferred) more.endInferred = 1;
  if (span.candidates.length > 0) {
    more.candidates = span.candidates
      .slice(0, listedMax)
      .map((link) => `${link.traceId}-${link.spanId}`);
  }
  if (links.length > 0) {
    more.links = links.slice(0, listedMax).map((link) => `${link.traceId}-${link.spanId}`);
  }
  if (effects.length > 0) {
    more.effects = effects
      .slice(0, listedMax)
      .map(({ change, path, before, after, inferred }) => [
        change,
        path,
        before?.sha256.slice(0, digestChars) ?? '',
        after?.sha256.slice(0, digestChars) ?? '',
        inferred ? 1 : 0,
      ]);
    if (effects.length > listedMax) more.effectCount = effects.length;
  }
  return more;
}

/** The writers' own times, where the place in the merged clock and the duration do not say the same. */
function timesOf(span: Span, request: Request): Pick<WireMore, 'start' | 'end' | 'till'> {
  const { started, ended, first } = span;
  const own = started?.microseconds;
  const base = hlcMicroseconds(request.started.hlc);
  const at = hlcMicroseconds(first.hlc) - base;
  const till = ended === undefined ? null : hlcMicroseconds(ended.hlc) - base;
  const start = own === undefined ? null : own - request.started.microseconds;
  const end = ended === undefined ? null : ended.microseconds - request.started.microseconds;
  const ms = spanDurationMs(span);
  const told = start === null || ms === undefined ? null : start + Math.round(ms * 1000);
  return {
    ...(start === at ? {} : { start }),
    ...(end === told ? {} : { end }),
    ...(till === null || till === end ? {} : { till }),
  };
}
