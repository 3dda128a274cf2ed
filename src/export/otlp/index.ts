/** OTLP in both spellings. Each chunk that is written is one whole message, to be sent or to be appended to a file. */
import type { Request, Span } from '../../read/index.js';
import type { Exporter } from '../exporter.js';
import { Batches, type Encoding } from './batches.js';
import { problemOf } from './check.js';
import { jsonEncoding } from './json.js';
import { protobufEncoding } from './protobuf.js';
import { otlpSpan } from './span.js';

export const exporter: Exporter = exporterOf(protobufEncoding);
export const jsonExporter: Exporter = exporterOf(jsonEncoding);

function exporterOf<Piece, Message extends Uint8Array | string>(
  encoding: () => Encoding<Piece, Message>,
): Exporter {
  return async (source, sink) => {
    const batches = new Batches(encoding(), source.streams);
    /** What is wrong, and with how many spans. */
    const problems = new Map<string, number>();
    const count = (problem: string, by = 1): void => {
      problems.set(problem, (problems.get(problem) ?? 0) + by);
    };
    let [requests, spans] = [0, 0];
    const flush = async (): Promise<void> => {
      const message = batches.take();
      if (message !== undefined) await sink.write(message);
    };
    for (const request of source.requests) {
      requests += 1;
      for (const { span, parent } of withParents(request)) {
        const made = otlpSpan(request, span, parent);
        const problem = problemOf(made);
        if (problem !== undefined) {
          count(`left out: ${problem}`);
          continue;
        }
        if (made.eventsDropped > 0) count('without all of its effects: too many for one span');
        spans += 1;
        if (batches.add(made, span)) await flush();
      }
    }
    await flush();
    const leftOut = [...problems].map(
      ([problem, times]) => `${times} ${times === 1 ? 'span' : 'spans'} ${problem}`,
    );
    return { requests, spans, leftOut };
  };
}

/** All spans of a request, parents first, each with the one above it. */
function* withParents(
  request: Request,
): Generator<{ readonly span: Span; readonly parent: Span | undefined }, void, undefined> {
  const stack: { span: Span; parent: Span | undefined }[] = [];
  for (const span of request.roots.toReversed()) stack.push({ span, parent: undefined });
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    yield at;
    for (const child of at.span.children.toReversed()) stack.push({ span: child, parent: at.span });
  }
}
