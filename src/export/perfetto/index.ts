/**
 * Perfetto's own format, TrackEvent: one process for each writer, a track for what runs beside something else, an arrow
 * from each cause to what it caused elsewhere. What has no end is written without one.
 */
import type { Exporter } from '../exporter.js';
import { marksOf, slicesOf } from '../trace/lanes.js';
import { streamsByWriter } from '../writers.js';
import { SliceWriter } from './slices.js';

const chunkBytes = 64 * 1024;

export const exporter: Exporter = async (source, sink) => {
  const writer = new SliceWriter(streamsByWriter(source.streams));
  let [requests, spans] = [0, 0];
  for (const request of source.requests) {
    requests += 1;
    const slices = slicesOf(request);
    spans += slices.length;
    for (const { slice, isEnd } of marksOf(slices)) {
      if (isEnd) writer.end(slice);
      else writer.begin(slice, request);
      if (writer.length >= chunkBytes) await sink.write(writer.take());
    }
  }
  if (writer.length > 0) await sink.write(writer.take());
  return { requests, spans, leftOut: writer.leftOut };
};
