/** What a trace viewer's format says of a span, as the corpus lists it. */
import type { CorpusSpan } from '../support/export-corpus.js';

const prefixes: Readonly<Record<string, string>> = {
  run: 'run ',
  dispatch: 'dispatch to ',
  handler: 'handler ',
  other: 'span ',
};

/** A slice as it was read: times in microseconds, `null` where there is none. */
export interface ReadSlice {
  readonly title: string;
  readonly kind: string;
  readonly writerId: string;
  readonly start: number;
  readonly end: number | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

export function corpusSpanOf(slice: ReadSlice): CorpusSpan {
  const { facts, kind } = slice;
  const prefix = prefixes[kind] ?? '';
  if (!slice.title.startsWith(prefix)) throw new Error(`${slice.title} is no ${kind}`);
  const name = facts['unnamed'] === true ? '' : slice.title.slice(prefix.length);
  const isStartKnown = facts['start_recorded'] !== false;
  const isEndKnown = facts['last_record'] === undefined;
  return {
    correlationId: String(facts['correlation_id']),
    spanId: String(facts['span_id']),
    parentSpanId: (facts['parent_span_id'] as string | undefined) ?? null,
    kind,
    name,
    state: String(facts['state']),
    start: isStartKnown ? (timeOf(facts['started']) ?? slice.start) : null,
    end: isEndKnown ? (timeOf(facts['ended']) ?? slice.end) : null,
    links: (facts['links'] as readonly string[] | undefined) ?? [],
    writerId: slice.writerId,
  };
}

function timeOf(iso: unknown): number | undefined {
  if (typeof iso !== 'string') return undefined;
  return Date.parse(iso) * 1000 + Number(iso.slice(-4, -1));
}

export function sorted(spans: readonly CorpusSpan[]): readonly CorpusSpan[] {
  return spans.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ correlationId, spanId }: CorpusSpan): string {
  return `${correlationId} ${spanId}`;
}
