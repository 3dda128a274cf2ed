/**
 * The JSON that chrome://tracing reads: an async event for each span, one process for each writer, and arrows from
 * causes to what they caused elsewhere. Written as it goes, one event on a line. What has no end has a `b` and no `e`.
 */
import { TextBuffer } from '../encode/text-buffer.js';
import { wellFormedJson } from '../encode/well-formed.js';
import type { Exporter, ExportSource } from '../exporter.js';
import { marksOf, slicesOf } from '../trace/lanes.js';
import { ChromeEvents } from './events.js';

export const exporter: Exporter = async (source, sink) => {
  const events = new ChromeEvents(source.streams);
  const out = new TextBuffer(sink);
  out.add('{"displayTimeUnit":"ms","traceEvents":[');
  let [requests, spans] = [0, 0];
  let comma = '\n';
  for (const request of source.requests) {
    requests += 1;
    const slices = slicesOf(request);
    spans += slices.length;
    for (const { slice, isEnd } of marksOf(slices)) {
      for (const event of isEnd ? [events.end(slice)] : events.begin(slice, request)) {
        if (out.add(comma + wellFormedJson(event))) await out.flush();
        comma = ',\n';
      }
    }
  }
  out.add(`\n],"otherData":${wellFormedJson(otherData(source))}}\n`);
  await out.flush();
  return { requests, spans, leftOut: events.leftOut };
};

/** Viewers show it as the metadata of the trace. */
function otherData({ truth }: ExportSource): Readonly<Record<string, unknown>> {
  const { streams, conditions, records, duplicates, foreign, unknownEvents } = truth;
  const { attemptsUnseen, notRead, searched, problems } = truth;
  return {
    writer: 'throughline',
    clock: 'the merged clock of all writers, in microseconds since 1970 UTC',
    streams,
    conditions,
    records,
    duplicates,
    later_format: foreign,
    unknown_events: unknownEvents,
    attempts_unseen: attemptsUnseen,
    not_read: notRead,
    searched,
    problems: problems.map(({ message }) => message),
  };
}
