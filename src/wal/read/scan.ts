/**
 * The lines of a stream, checked and not parsed: what a merge, a search or a count needs of most records is in their
 * bytes. Read-only, streaming, bounded memory.
 */
import type { Block } from './blocks.js';
import type { Fault } from './fault.js';
import { latin1 } from '../record/latin1.js';
import type { Line } from '../record/line.js';
import type { StreamRef } from './list.js';
import { parseRecord } from '../record/parse.js';
import type { WalRecord } from '../types.js';
import { walkStream, type Companion, type ReadOptions } from './walk.js';

/** A valid record. Everything but `sequence`, `file` and `offset` is valid only until the next batch is asked for. */
export interface ScannedLine {
  readonly kind: 'line';
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
  /** Without its newline, in the memory it was read into. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly eventType: string;
  /** The clock's reading; empty where the line has none in its place. */
  readonly hlc: string;
  readonly acknowledged: 'yes' | 'unknown';
  /** The record, parsed; `undefined` for a line that passes its check and is none: say so with `fault`. */
  record(): WalRecord | undefined;
  fault(): Fault;
}

const quote = 0x22;

export type ScannedItem = ScannedLine | { readonly kind: 'fault'; readonly fault: Fault };

/**
 * Everything readable in the stream, in order, some hundred lines at a time. Rejects with `STREAM_UNREADABLE` when the
 * system refuses to read a file that is there.
 */
export async function* scanStream(
  ref: StreamRef,
  options: ReadOptions = {},
): AsyncGenerator<readonly ScannedItem[], void, undefined> {
  const batch = new Batch();
  for await (const synced of walkStream(ref, options, batch)) {
    batch.synced = synced;
    const items = batch.take();
    if (items.length > 0) yield items;
  }
}

/** What is true of all lines of a batch. */
interface Common {
  synced: number;
}

/** Gathers what a walk tells of, until the next batch is due. */
export class Batch implements Companion, Common {
  synced = 0;
  #file = '';
  #items: ScannedItem[] = [];

  begin(file: string): void {
    this.#file = file;
  }

  record(line: Line, offset: number): void {
    this.#items.push(new Scanned(line, { file: this.#file, offset, common: this }));
  }

  fault(fault: Fault): void {
    this.#items.push({ kind: 'fault', fault });
  }

  /** Everything since the last call. */
  take(): readonly ScannedItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}

class Scanned implements ScannedLine {
  readonly kind = 'line';
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
  readonly #memory: Block['bytes'];
  readonly #start: number;
  readonly #end: number;
  readonly #event: number;
  readonly #hlc: number;
  readonly #common: Common;

  constructor(
    line: Line,
    parts: { readonly file: string; readonly offset: number; readonly common: Common },
  ) {
    this.sequence = line.sequence;
    this.file = parts.file;
    this.offset = parts.offset;
    this.#common = parts.common;
    this.#memory = line.bytes;
    this.#start = line.start;
    this.#end = line.end;
    this.#event = line.eventAt;
    this.#hlc = line.hlcAt;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  get text(): string {
    return latin1(this.#memory, this.#start, this.#end);
  }

  get eventType(): string {
    return latin1(this.#memory, this.#event, this.#memory.indexOf(quote, this.#event));
  }

  get hlc(): string {
    const at = this.#hlc;
    return at === -1 ? '' : latin1(this.#memory, at, at + 13);
  }

  get acknowledged(): 'yes' | 'unknown' {
    return this.sequence <= this.#common.synced ? 'yes' : 'unknown';
  }

  record(): WalRecord | undefined {
    return parseRecord(this.text);
  }

  fault(): Fault {
    return {
      verdict: 'CORRUPT',
      file: this.file,
      offset: this.offset,
      bytes: this.#end + 1 - this.#start,
      sequenceFrom: this.sequence,
      sequenceTo: this.sequence,
      message: 'the line passes its check and is not a record of this format',
    };
  }
}
