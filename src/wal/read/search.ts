/**
 * The lines of a stream that hold a text, found in its bytes at the speed of memory: nothing between them is looked at.
 * So each line found is checked by itself, and nothing is said of the chain, nor of what is damaged elsewhere. A line
 * that holds the text and fails its check is a fault.
 */
import { ThroughlineError } from '../../context/index.js';
import { readBlocks, type Block } from './blocks.js';
import type { Stretch } from './findings.js';
import { Line } from '../record/line.js';
import type { StreamRef } from './list.js';
import { nodeReadPort, type ReadPort } from '../disk/read-port.js';
import { Batch, type ScannedItem } from './scan.js';
import { lastLine } from './peek.js';
import { openIfThere, surveyStream, type SurveyedSegment } from './survey.js';
import type { ReadOptions } from './walk.js';

const newline = 10;

/** What somebody remembers of a file that is sealed: nobody writes to it any more. It may only leave out work. */
export interface SegmentMemory {
  /** False: `text` is in no line of the file, for certain, and the file need not be read. */
  mayHold(text: string): boolean;
  /** The file's lines, when it is read all the same, block by block; `bytes` is good until this returns. */
  look(block: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): void;
  /** It was read to its end. */
  done(): void;
}

/** `seal` is the text of the file's last line. */
export type Remember = (segment: {
  readonly path: string;
  readonly bytes: number;
  readonly seal: string;
}) => SegmentMemory | undefined;

interface SearchOptions extends ReadOptions {
  readonly remember?: Remember | undefined;
}

/**
 * The lines that hold `text`, printable ASCII as it stands in the file, in order, a block's worth at a time. A line
 * that a later file supersedes is left out. Rejects with `STREAM_UNREADABLE` as `scanStream` does.
 */
export async function* searchStream(
  ref: StreamRef,
  text: string,
  options: SearchOptions = {},
): AsyncGenerator<readonly ScannedItem[], void, undefined> {
  const port = options.port ?? nodeReadPort;
  try {
    const { segments, synced } = await surveyStream(ref, port);
    const search = new Search(ref.writerId, Buffer.from(text, 'latin1'));
    search.found.synced = synced;
    for (const [index, segment] of segments.entries()) {
      if (segment.isBypassed) continue;
      const claim = segments.slice(index + 1).find((later) => !later.isBypassed)?.claim;
      const isSuperseded = claim?.kind === 'supersedes' && claim.file === segment.file;
      search.begin(segment.file, isSuperseded ? claim.sequence : Number.POSITIVE_INFINITY);
      const memory =
        options.remember && (await memoryOf(segment, { port, remember: options.remember }));
      if (memory?.mayHold(text) === false) continue;
      yield* searchFile(search, segment, { port, memory });
    }
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    throw new ThroughlineError('STREAM_UNREADABLE', `${ref.directory} cannot be read`, { cause });
  }
}

async function memoryOf(
  { path, size }: SurveyedSegment,
  { port, remember }: { readonly port: ReadPort; readonly remember: Remember },
): Promise<SegmentMemory | undefined> {
  const last = await lastLine(port, path);
  const isSealed =
    last?.text.includes('"event_type":"wal.sealed",') === true &&
    last.offset + last.text.length + 1 === size;
  return isSealed ? remember({ path, bytes: size, seal: last.text }) : undefined;
}

async function* searchFile(
  search: Search,
  segment: SurveyedSegment,
  { port, memory }: { readonly port: ReadPort; readonly memory: SegmentMemory | undefined },
): AsyncGenerator<readonly ScannedItem[], void, undefined> {
  const open = await openIfThere(port, segment.path);
  if (open === undefined) return;
  let reached = 0;
  try {
    for await (const block of readBlocks(open, segment.size)) {
      search.look(block);
      memory?.look(block);
      reached = block.offset + block.end;
      const items = search.found.take();
      if (items.length > 0) yield items;
    }
    if (reached === segment.size) memory?.done();
  } finally {
    await open.close();
  }
}

class Search {
  readonly found = new Batch();
  readonly #line: Line;
  readonly #text: Buffer;
  #file = '';
  /** Higher sequences of this file are void. */
  #sequenceMax = 0;

  constructor(writerId: string, text: Buffer) {
    this.#line = new Line(writerId);
    this.#text = text;
  }

  begin(file: string, sequenceMax: number): void {
    this.found.begin(file);
    this.#file = file;
    this.#sequenceMax = sequenceMax;
  }

  look({ bytes, start, end, offset }: Block): void {
    const line = this.#line;
    line.use(bytes);
    for (let at = start; at < end;) {
      const hit = bytes.indexOf(this.#text, at);
      if (hit === -1 || hit >= end) return;
      const from = bytes.lastIndexOf(newline, hit) + 1;
      const to = bytes.indexOf(newline, hit);
      const first = Math.max(from, start);
      // Behind the block there is what was read before.
      if (to === -1 || to >= end) {
        this.#tell('TORN', { offset: offset + first, bytes: end - first });
        return;
      }
      if (!line.check(first, to) || !line.isOwn) {
        this.#tell('CORRUPT', { offset: offset + first, bytes: to + 1 - first });
      } else if (line.sequence <= this.#sequenceMax) {
        this.found.record(line, offset + first);
      }
      at = to + 1;
    }
  }
  #tell(verdict: 'TORN' | 'CORRUPT', at: Stretch): void {
    const message = 'what is searched for stands in a line that is no valid record';
    this.found.fault({ verdict, file: this.#file, ...at, message });
  }
}
