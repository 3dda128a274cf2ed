/** Runs an exporter over a story, in this process. */
import type { Exported, Exporter, ExportSource } from '../../src/export/exporter.js';
import type { Story } from '../../src/read/index.js';

export interface Collected {
  readonly exported: Exported;
  readonly chunks: readonly (Uint8Array | string)[];
  readonly bytes: Uint8Array;
  readonly text: string;
}

export async function collect(
  exporter: Exporter,
  story: Pick<Story, 'requests' | 'streams' | 'truth'>,
  rest: Partial<ExportSource> = {},
): Promise<Collected> {
  const chunks: (Uint8Array | string)[] = [];
  const { requests, streams, truth } = story;
  const exported = await exporter(
    { requests, streams, truth, ...rest },
    {
      write: async (chunk) => {
        // What is written may be used again by whoever wrote it.
        chunks.push(typeof chunk === 'string' ? chunk : Uint8Array.from(chunk));
      },
    },
  );
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
  return { exported, chunks, bytes, text: bytes.toString('utf8') };
}
