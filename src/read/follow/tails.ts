/** The ends of all streams of some roots: what was appended to them, and what new ones there are. Opens read-only. */
import { dirname, join } from 'node:path';
import { parseHlc, type Hlc } from '../../context/index.js';
import { boundedReadPort, lastLine, listStreams, readAppended } from '../../wal/index.js';
import type { StreamPosition, StreamRef } from '../../wal/index.js';
import type { Entry } from '../entry/entry.js';
import { StreamReader } from '../merge/stream-reader.js';
import type { StreamDraft, StreamFault } from '../merge/streams.js';
import type { Wake } from './wake.js';

/** Something new of one stream, in its order. */
export type News =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly stream: StreamDraft }
  | { readonly kind: 'fault'; readonly fault: StreamFault; readonly stream: StreamDraft };

/** How far a stream was passed over; a sequence of 0: it is sealed for good. */
export interface StreamEnd {
  readonly writerId: string;
  readonly sequence: number;
  readonly hlc: Hlc;
}

interface Followed {
  readonly ref: StreamRef;
  readonly reader: StreamReader;
  position: StreamPosition;
}

/** Where a stream begins that nothing was read of. */
const nowhere: StreamPosition = { file: '', offset: 0, sequence: 0 };
/** So many looks at one stream, before the others have their turn. */
const looksMax = 16;

export class Tails {
  readonly #roots: readonly string[];
  readonly #wake: Wake;
  readonly #streams = new Map<string, Followed>();
  /** Sealed for good: nothing comes behind that. */
  readonly #over = new Set<string>();

  constructor(roots: readonly string[], wake: Wake) {
    this.#roots = roots;
    this.#wake = wake;
  }

  /** Everything up to here is known already. */
  known(entry: Entry, ref: { readonly root: string }): void {
    const { file, offset, sequence, event, payload } = entry;
    const key = keyOf(ref.root, entry.writerId);
    this.#streams.set(key, this.#followed(key, { root: ref.root, writerId: entry.writerId }));
    const followed = this.#streams.get(key);
    if (followed !== undefined) followed.position = { file, offset, sequence };
    if (event === 'wal.sealed' && payload['next'] === null) this.#end(key);
  }

  /** Every stream is known up to its end as of now: returns where those stand that may go on. */
  async skip(): Promise<readonly StreamEnd[]> {
    const port = boundedReadPort();
    const ends: StreamEnd[] = [];
    for (const ref of await this.#list()) {
      const key = keyOf(ref.root, ref.writerId);
      const followed = this.#followed(key, ref);
      this.#streams.set(key, followed);
      const file = ref.segments.at(-1);
      const last = file && (await lastLine(port, join(ref.directory, file)));
      if (file !== undefined && last) {
        const { sequence, offset, text } = last;
        followed.position = { file, offset, sequence };
        // A false alarm costs nothing but a look now and then.
        if (text.includes('"event_type":"wal.sealed"') && text.includes('"next":null'))
          this.#end(key);
      } else {
        await this.#look(followed);
      }
      const hlc = parseHlc(last && last.hlc) ?? followed.reader.stream.floor;
      // Of what is over nothing can come, but the reading is behind it.
      const sequence = this.#over.has(key) ? 0 : followed.position.sequence;
      ends.push({ writerId: ref.writerId, sequence, hlc });
    }
    return ends;
  }

  /** What is new, stream by stream. */
  async look(): Promise<readonly News[]> {
    const news: News[] = [];
    for (const ref of await this.#list()) {
      const key = keyOf(ref.root, ref.writerId);
      if (this.#over.has(key)) continue;
      const followed = this.#followed(key, ref);
      this.#streams.set(key, followed);
      this.#wake.add(ref.directory);
      for (const one of await this.#look(followed)) {
        news.push(one);
        const { entry } = one.kind === 'entry' ? one : { entry: undefined };
        if (entry?.event === 'wal.sealed' && entry.payload['next'] === null) this.#end(key);
      }
    }
    return news;
  }

  /** True when nothing more can come of the stream. */
  isOver(root: string, writerId: string): boolean {
    return this.#over.has(keyOf(root, writerId));
  }

  async #list(): Promise<readonly StreamRef[]> {
    const refs: StreamRef[] = [];
    const port = boundedReadPort();
    for (const root of this.#roots) {
      try {
        const found = await listStreams(root, port);
        refs.push(...found);
        for (const { directory } of found) this.#wake.add(dirname(directory));
        this.#wake.add(join(root, 'wal'));
      } catch {
        // A root that is not there yet may come; whoever opened the journal has said that it is not.
      }
    }
    return refs;
  }

  async #look(followed: Followed): Promise<readonly News[]> {
    const news: News[] = [];
    const { reader } = followed;
    const { stream } = reader;
    for (let looks = 0; looks < looksMax; looks += 1) {
      const found = await readAppended(followed.ref, followed.position, boundedReadPort());
      followed.position = found.position;
      for (const item of found.items) {
        if (item.kind === 'fault') {
          news.push({ kind: 'fault', fault: reader.fault(item.fault), stream });
          continue;
        }
        const line = {
          kind: 'line',
          file: item.file,
          acknowledged: 'unknown',
          ...item.line,
        } as const;
        const place = reader.place(line) ?? stream.floor;
        const entry = reader.entry(line, place > stream.floor ? place : stream.floor);
        news.push({ kind: 'entry', entry, stream });
      }
      if (!found.isMore) break;
    }
    return news;
  }

  #followed(key: string, ref: Pick<StreamRef, 'root' | 'writerId'> & Partial<StreamRef>): Followed {
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const { root, writerId } = ref;
    const role = ref.role ?? writerId.slice(0, -27);
    const directory = ref.directory ?? join(root, 'wal', role, writerId);
    const whole: StreamRef = { root, role, writerId, directory, segments: ref.segments ?? [] };
    const reader = new StreamReader({ root, role, writerId, scan: none });
    return { ref: whole, reader, position: nowhere };
  }

  #end(key: string): void {
    this.#over.add(key);
    const ref = this.#streams.get(key)?.ref;
    if (ref !== undefined) this.#wake.drop(ref.directory);
    this.#streams.delete(key);
  }
}

// oxlint-disable-next-line typescript/require-await -- A stream that is followed is never scanned.
async function* none(): AsyncGenerator<never, void, undefined> {}

function keyOf(root: string, writerId: string): string {
  return `${root}\n${writerId}`;
}
