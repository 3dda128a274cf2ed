/** Slices as events. Pure but for the numbers it gives to writers. */
import { traceIdOf } from '../../context/index.js';
import type { Request, Span, StreamReport } from '../../read/index.js';
import type { Slice } from '../lanes.js';
import { LinkArrows } from '../link-arrows.js';
import { factsOf, titleOf } from '../slice-facts.js';
import { derivedNumber } from '../span-ids.js';

type ChromeEvent = Readonly<Record<string, unknown>>;

/** All of one category: an async event is told by its category and id together. */
const category = 'throughline';

export class ChromeEvents {
  readonly #streams: ReadonlyMap<string, StreamReport>;
  readonly #pids = new Map<string, number>();
  readonly #links = new LinkArrows();

  constructor(streams: readonly StreamReport[]) {
    this.#streams = new Map(streams.map((stream) => [placeOf(stream), stream]));
  }

  get leftOut(): readonly string[] {
    const { leftOut } = this.#links;
    return leftOut === 0 ? [] : [`${leftOut} links have no arrow: they are among the arguments`];
  }

  /** The beginning of a slice, with the process where that is new and the arrows from and to it. */
  *begin(slice: Slice, request: Request): Generator<ChromeEvent, void, undefined> {
    yield* this.#process(slice.span);
    const name = titleOf(slice);
    const args = Object.fromEntries(factsOf(slice, request));
    yield this.#event(slice, { ph: slice.isInstant ? 'n' : 'b', name, id: idOf(slice), args });
    for (const caused of slice.arrows) yield this.#arrow(slice, 's', arrowOf(caused));
    for (const link of this.#links.outOf(slice, request)) yield this.#arrow(slice, 's', link);
    if (slice.depth > 0 && slice.head === slice) yield this.#arrow(slice, 'f', arrowOf(slice));
    for (const link of this.#links.into(slice)) yield this.#arrow(slice, 'f', link);
  }

  end(slice: Slice): ChromeEvent {
    const event = this.#event(slice, { ph: 'e', name: titleOf(slice), id: idOf(slice) });
    return { ...event, ts: microseconds(slice.end ?? slice.start) };
  }

  #event(slice: Slice, rest: ChromeEvent): ChromeEvent {
    const pid = this.#pids.get(placeOf(slice.span)) ?? 0;
    return { ...rest, cat: category, ts: microseconds(slice.start), pid, tid: pid };
  }

  #arrow(slice: Slice, ph: 's' | 'f', id: bigint): ChromeEvent {
    const end = ph === 'f' ? { bp: 'e' } : {};
    return this.#event(slice, { ph, name: 'caused', id: `0x${id.toString(16)}`, ...end });
  }

  *#process(span: Span): Generator<ChromeEvent, void, undefined> {
    const place = placeOf(span);
    if (this.#pids.has(place)) return;
    const pid = this.#pids.size + 1;
    this.#pids.set(place, pid);
    const about = { ph: 'M', pid, tid: pid };
    yield { ...about, name: 'process_name', args: { name: span.writerId } };
    const stream = this.#streams.get(place);
    if (stream === undefined) return;
    const labels = `stream ${stream.condition}, writer ${stream.writer.evidence}`;
    yield { ...about, name: 'process_labels', args: { labels } };
  }
}

/** Events of one id are one tree: a span that is drawn in its cause has the id of that. */
function idOf({ head: { span } }: Slice): string {
  return `${traceIdOf(span.correlationId)}-${span.spanId}`;
}

function arrowOf({ span }: Slice): bigint {
  return derivedNumber('arrow', traceIdOf(span.correlationId), span.spanId);
}

function placeOf({ root, writerId }: { readonly root: string; readonly writerId: string }): string {
  return `${root}\n${writerId}`;
}

function microseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n);
}
