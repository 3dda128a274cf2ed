/**
 * A page that opens from disk: requests as a waterfall that folds, with its data, script and style in one file, under a
 * policy that lets it load and send nothing. Written as it goes; a page holds only so many spans and says what it left.
 */
import { once } from 'node:events';
import { createGzip, constants, type Gzip } from 'node:zlib';
import type { Exporter, Sink } from '../exporter.js';
import { pageAround } from './assemble.js';
import { wireRequest } from './encode.js';
import { faultTexts, plural, truthText } from './truth-text.js';
import type { WireTruth } from './wire.js';

/** What a browser still opens in about a second. */
export const spansMax = 50_000;

export const exporter: Exporter = (source, sink) => exportPage(source, sink, spansMax);

/** The newest requests that have room together; of one that has none by itself, its first spans. */
export async function exportPage(
  source: Parameters<Exporter>[0],
  sink: Sink,
  spansInPageMax: number,
): ReturnType<Exporter> {
  const { before, behind } = pageAround('throughline');
  await sink.write(before);
  const data = new DataWriter(sink);
  const left = { requests: 0, spans: 0, cut: 0 };
  let [requests, spans, isFull] = [0, 0, false];
  for (const request of source.requests) {
    const room = spansInPageMax - spans;
    if (isFull || (request.spans > room && requests > 0)) {
      isFull = true;
      left.requests += 1;
      left.spans += request.spans;
      continue;
    }
    requests += 1;
    spans += Math.min(request.spans, room);
    left.cut += Math.max(0, request.spans - room);
    await data.line(wireRequest(request, room));
  }
  const leftOut = leftOutOf(left, spansInPageMax);
  const { truth, streams } = source;
  const last: WireTruth = { truth: truthText(truth), faults: faultTexts(streams), leftOut };
  await data.line(last);
  await data.end();
  await sink.write(behind);
  return { requests, spans, leftOut };
}

function leftOutOf(
  left: { readonly requests: number; readonly spans: number; readonly cut: number },
  spansInPageMax: number,
): readonly string[] {
  const texts: string[] = [];
  if (left.cut > 0) texts.push(`${plural(left.cut, 'later span')} of the request`);
  if (left.requests > 0) {
    texts.push(`${plural(left.requests, 'older request')} with ${plural(left.spans, 'span')}`);
  }
  const limit = `a page holds ${plural(spansInPageMax, 'span')}`;
  return texts.map((text) => `${text}: ${limit}; name a request, or use --since or a match`);
}

/** Compresses lines and writes them as base64, a piece at a time. */
class DataWriter {
  readonly #sink: Sink;
  readonly #gzip: Gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
  /** Bytes that are no whole group of three yet. */
  #rest: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
    this.#gzip.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  async line(value: object): Promise<void> {
    if (!this.#gzip.write(`${JSON.stringify(value)}\n`)) await once(this.#gzip, 'drain');
    await this.#write(false);
  }

  async end(): Promise<void> {
    const ended = once(this.#gzip, 'end');
    this.#gzip.end();
    await ended;
    await this.#write(true);
  }

  async #write(isLast: boolean): Promise<void> {
    if (this.#chunks.length === 0 && !isLast) return;
    const bytes = Buffer.concat([this.#rest, ...this.#chunks]);
    this.#chunks = [];
    const whole = isLast ? bytes.length : bytes.length - (bytes.length % 3);
    this.#rest = bytes.subarray(whole);
    if (whole > 0) await this.#sink.write(bytes.toString('base64', 0, whole));
  }
}
