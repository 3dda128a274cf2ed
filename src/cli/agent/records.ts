/**
 * Records of one correlation id, a page at a time: the bytes are searched for the id, and only lines that hold it are
 * parsed. Of each stream no more than a page is kept.
 */
import type { Entry } from '../../read/index.js';
import { Seen } from '../../read/merge/seen.js';
import type { StreamSource } from '../../read/sources/source.js';
import { StreamReader } from '../../read/merge/stream-reader.js';
import { watchedSources, type Places, type Watch } from './watched.js';

export interface RecordPage {
  readonly entries: readonly Entry[];
  /** There are more behind them. */
  readonly isCut: boolean;
}

/** `needle`: text that each of the lines holds. */
export async function recordsOf(
  places: Places,
  watch: Watch,
  wanted: {
    readonly needle: string;
    readonly is: (entry: Entry) => boolean;
    /** The key of the record behind which to begin. */
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<RecordPage> {
  const streams: StreamSource[] = [];
  for (const source of watchedSources(places, watch))
    streams.push(...(await source.list()).streams);
  const seen = new Seen(streams.map(({ writerId }) => writerId));
  const found: { readonly key: string; readonly entry: Entry }[] = [];
  for (const stream of streams) {
    let kept = 0;
    const items = stream.search?.(wanted.needle) ?? stream.scan();
    // Streams are in order, so that of each the first will do.
    for await (const entry of new StreamReader(stream).entries(seen, items)) {
      if (!wanted.is(entry)) continue;
      const key = keyOf(entry);
      if (wanted.after !== undefined && key <= wanted.after) continue;
      found.push({ key, entry });
      kept += 1;
      if (kept > wanted.limit) break;
    }
  }
  found.sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    entries: found.slice(0, wanted.limit).map(({ entry }) => entry),
    isCut: found.length > wanted.limit,
  };
}

/** Sorts as the merge does but for streams of one writer in two roots, which are the same record. */
export function keyOf({ at, writerId, sequence }: Entry): string {
  return `${at.hlc}.${writerId}.${String(sequence).padStart(12, '0')}`;
}

export function isKey(text: string): boolean {
  return /^[0-9A-Z]{13}\.[^\s.]{1,80}\.\d{12}$/.test(text);
}
