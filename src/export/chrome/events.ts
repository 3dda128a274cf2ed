/** Slices as events. Pure but for the numbers it gives to writers. */
import { traceIdOf } from '../../context/index.js';
import type { Request, Span, StreamReport } from '../../read/index.js';
import { streamsByWriter, writerKey } from '../writers.js';
import type { Slice } from '../trace/lanes.js';
import { LinkArrows } from '../trace/link-arrows.js';
import { factsOf, titleOf } from '../trace/slice-facts.js';

type ChromeEvent = Readonly<Record<string, unknown>>;

/** All of one category: an async event is told by its category and id together. */
const category = 'throughline';

export class ChromeEvents {
  readonly #streams: ReadonlyMap<string, StreamReport>;
  readonly #pids = new Map<string, number>();
  readonly #links = new LinkArrows();

  constructor(streams: readonly StreamReport[]) {
    this.#streams = streamsByWriter(streams);
  }

  get leftOut(): readonly string[] {
    const { leftOut } = this.#links;
    return leftOut === 0 ? [] : [`${leftOut} links have no arrow: they are among the arguments`];
  }

  /** The beginning of a slice, with the process where that is new and the arrows from and to it. */
  *begin(slice: Slice, request: Request): Generator<ChromeEvent, void, undefined> {
    yield* this.#process(slice.span);
    const { pid, tid, ts } = this.#place(slice);
    const ph = slice.isInstant ? 'n' : 'b';
    const args = Object.fromEntries(factsOf(slice, request));
    const id = idOf(slice);
    yield { ph, cat: category, name: titleOf(slice), id, ts, pid, tid, args };
    for (const caused of slice.arrows) yield this.#arrow(slice, 's', caused.number);
    for (const link of this.#links.outOf(slice, request)) yield this.#arrow(slice, 's', link);
    if (slice.depth > 0 && slice.head === slice) yield this.#arrow(slice, 'f', slice.number);
    for (const link of this.#links.into(slice)) yield this.#arrow(slice, 'f', link);
  }

  end(slice: Slice): ChromeEvent {
    const { pid, tid } = this.#place(slice);
    const ts = microseconds(slice.end ?? slice.start);
    return { ph: 'e', cat: category, name: titleOf(slice), id: idOf(slice), ts, pid, tid };
  }

  #arrow(slice: Slice, ph: 's' | 'f', number: bigint): ChromeEvent {
    const { pid, tid, ts } = this.#place(slice);
    const id = `0x${number.toString(16)}`;
    const event = { ph, cat: category, name: 'caused', id, ts, pid, tid };
    return ph === 'f' ? { ...event, bp: 'e' } : event;
  }

  #place(slice: Slice): { readonly pid: number; readonly tid: number; readonly ts: number } {
    const pid = this.#pids.get(writerKey(slice.span)) ?? 0;
    return { pid, tid: pid, ts: microseconds(slice.start) };
  }

  *#process(span: Span): Generator<ChromeEvent, void, undefined> {
    const place = writerKey(span);
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

function microseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n);
}
