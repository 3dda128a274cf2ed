/**
 * Sources whose reading somebody watches: told of every batch, and able to stop it by throwing. Gives everybody else in
 * the process a turn now and then. Changes nothing that is read.
 */
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { nativeSource } from '../../read/sources/native-source.js';
import type { Source, SourceItem, StreamSource } from '../../read/sources/source.js';
import { boundedReadPort } from '../../wal/index.js';

/** So long other calls wait for a turn at most, and one piece of a stream. */
const turnEveryMs = 10;

/** Told how many records more were read; what it throws ends the reading. */
export type Watch = (records: number) => void;

/** What is read: roots, and streams that are in none. */
export interface Places {
  readonly roots: readonly string[];
  readonly sources?: readonly Source[] | undefined;
}

/** The streams of all places, watched. */
export function watchedSources({ roots, sources = [] }: Places, watch: Watch): readonly Source[] {
  const port = boundedReadPort();
  const all = [...roots.map((root) => nativeSource(resolve(root), port)), ...sources];
  return all.map((source) => watched(source, watch));
}

function watched(source: Source, watch: Watch): Source {
  return {
    async list(since) {
      const { streams, ...rest } = await source.list(since);
      return { streams: streams.map((stream) => watchedStream(stream, watch)), ...rest };
    },
  };
}

function watchedStream(stream: StreamSource, watch: Watch): StreamSource {
  const { root, role, writerId } = stream;
  return {
    root,
    role,
    writerId,
    scan: () => batches(stream.scan(), watch),
    ...(stream.search && {
      search: (text, remember) => batches(stream.search?.(text, remember) ?? stream.scan(), watch),
    }),
    ...(stream.bytes && { bytes: () => stream.bytes?.() ?? 0 }),
    ...(stream.ends && { ends: async () => (await stream.ends?.()) ?? [] }),
    ...(stream.first && { first: async () => stream.first?.() }),
    ...(stream.endedBefore && {
      endedBefore: async (microseconds) => (await stream.endedBefore?.(microseconds)) ?? false,
    }),
  };
}

async function* batches(
  items: AsyncIterable<readonly SourceItem[]>,
  watch: Watch,
): AsyncGenerator<readonly SourceItem[], void, undefined> {
  let turnMs = performance.now();
  for await (const batch of items) {
    if (performance.now() - turnMs > turnEveryMs) {
      // Files are read synchronously: without a turn nobody would hear that the call was cancelled.
      await turn();
      turnMs = performance.now();
    }
    watch(batch.length);
    yield batch;
  }
}
