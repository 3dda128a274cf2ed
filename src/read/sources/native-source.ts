/** The streams of a root, as recorders write them. Opens read-only, a bounded number of files at a time. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { hlcAt, parseHlc, type Hlc } from '../../context/index.js';
import {
  boundedReadPort,
  closedBefore,
  firstLine,
  lastLine,
  listStreams,
  readPruned,
  scanStream,
  searchStream,
  type ReadPort,
  type Remember,
  type StreamRef,
} from '../../wal/index.js';
import type { Source, SourceItem, StreamSource } from './source.js';
import { parseTimestamp } from '../entry/timestamp.js';

/** A merge holds two blocks of every stream that is under way. */
const blockBytes = 64 * 1024;
/** A file system's clock may be that much behind the writer's. */
const marginMicroseconds = 60_000_000;

/** The source of one root. `port` is shared by all roots of a pass, so that its bound is on all of them. */
export function nativeSource(root: string, port: ReadPort = boundedReadPort()): Source {
  return {
    async list(since) {
      try {
        let notRead = 0;
        const isClosed = since === undefined ? undefined : closedBefore(port, since);
        const refs = await listStreams(root, port, (directory, writerId, role) => {
          // What was pruned is told of for as long as it is there.
          const isOver = role !== 'prune' && isClosed?.(directory, writerId) === true;
          if (isOver) notRead += 1;
          return isOver;
        });
        const pruned = await readPruned(refs);
        const isEmpty = refs.length + notRead === 0;
        return {
          streams: refs.map((ref) => new NativeStream(ref, port, pruned.get(ref.writerId))),
          problems: isEmpty ? [{ root, message: `${root} holds no streams` }] : [],
          notRead,
        };
      } catch (error) {
        return { streams: [], problems: [{ root, message: explain(error, root) }] };
      }
    },
  };
}

class NativeStream implements StreamSource {
  readonly root: string;
  readonly role: string;
  readonly writerId: string;
  readonly #ref: StreamRef;
  readonly #port: ReadPort;
  readonly #pruned: ReadonlySet<string> | undefined;

  constructor(ref: StreamRef, port: ReadPort, pruned: ReadonlySet<string> | undefined) {
    this.root = ref.root;
    this.role = ref.role;
    this.writerId = ref.writerId;
    this.#ref = ref;
    this.#port = port;
    this.#pruned = pruned;
  }

  scan(): AsyncGenerator<readonly SourceItem[], void, undefined> {
    const how = { pruned: this.#pruned, port: this.#port, blockBytes };
    return this.#tolerant(scanStream(this.#ref, how));
  }

  search(
    text: string,
    remember?: Remember,
  ): AsyncGenerator<readonly SourceItem[], void, undefined> {
    return this.#tolerant(searchStream(this.#ref, text, { port: this.#port, remember }));
  }

  bytes(): number {
    let bytes = 0;
    for (const file of this.#ref.segments) {
      bytes += statSync(join(this.#ref.directory, file), { throwIfNoEntry: false })?.size ?? 0;
    }
    return bytes;
  }

  async ends(): Promise<readonly SourceItem[]> {
    const [first, last] = [this.#ref.segments[0], this.#ref.segments.at(-1)];
    if (first === undefined || last === undefined) return [];
    const items: SourceItem[] = [];
    for (const [file, peek] of [
      [first, firstLine],
      [last, lastLine],
    ] as const) {
      const line = await peek(this.#port, join(this.#ref.directory, file));
      if (line !== undefined) items.push({ kind: 'line', file, acknowledged: 'unknown', ...line });
    }
    return items;
  }

  /** An error while reading ends this stream, not the pass. */
  async *#tolerant(
    items: AsyncIterable<readonly SourceItem[]>,
  ): AsyncGenerator<readonly SourceItem[], void, undefined> {
    try {
      yield* items;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const fault = { verdict: 'UNREADABLE', file: this.#ref.directory, offset: 0, message };
      yield [{ kind: 'fault', fault }];
    }
  }

  async first(): Promise<Hlc | undefined> {
    const [file] = this.#ref.segments;
    if (file === undefined) return undefined;
    const line = await firstLine(this.#port, join(this.#ref.directory, file));
    return line === undefined ? undefined : (parseHlc(line.hlc) ?? hlcAt(0));
  }

  async endedBefore(microseconds: number): Promise<boolean> {
    const file = this.#ref.segments.at(-1);
    if (file === undefined) return false;
    const path = join(this.#ref.directory, file);
    // Nobody writes a record with a later time than the file's: then the record need not be read.
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (changed !== undefined && changed * 1000 < microseconds - marginMicroseconds) return true;
    const line = await lastLine(this.#port, path);
    const last = parseTimestamp(line?.ts);
    return last !== undefined && last < microseconds;
  }
}

function explain(error: unknown, root: string): string {
  const { cause, message } = error as { cause?: { code?: unknown }; message?: unknown };
  if (cause?.code === 'ENOTDIR') return `${root} is not a directory`;
  return typeof message === 'string' ? message : String(error);
}
