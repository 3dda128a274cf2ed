/** Writers, which formats show as processes or resources. A name alone may stand in several roots. Pure. */
import type { Span, StreamReport } from '../read/index.js';

/** Names a writer among all that were read. */
export function writerKey({ root, writerId }: Pick<Span, 'root' | 'writerId'>): string {
  return `${root}\n${writerId}`;
}

export function streamsByWriter(
  streams: readonly StreamReport[],
): ReadonlyMap<string, StreamReport> {
  return new Map(streams.map((stream) => [writerKey(stream), stream]));
}
