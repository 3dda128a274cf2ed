/** Where a stream stands: its last record, and the last one known durable. */
import type { Hlc } from '../../context/index.js';
import { origin, type Lines, type Position } from '../record/assemble.js';
import { hlcOf } from '../record/encode.js';

/** A place in the chain that something can go on from. */
export interface Link {
  readonly position: Position;
  /** That record's reading of the clock: the stream's own records take it, so that readings never run back. */
  readonly hlc: Hlc | undefined;
}

export class Chain {
  #end = start;
  #synced = start;
  /** Written since, without a datasync: kept, because only these bytes could be written again. */
  #unsynced: string[] = [];
  #unsyncedBytes = 0;

  get end(): Link {
    return linkOf(this.#end);
  }

  get synced(): Link {
    return linkOf(this.#synced);
  }

  /** Where the next record goes on from. */
  get position(): Position {
    return this.#end.position;
  }

  /** The highest sequence known durable. */
  get syncedSequence(): number {
    return this.#synced.position.sequence;
  }

  get unsynced(): readonly string[] {
    return this.#unsynced;
  }

  get unsyncedBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Records were written, and with `sync` everything is durable now. */
  advance(position: Position, lines: Lines, sync: boolean): void {
    if (lines.count > 0) this.#end = { position, body: lines.lastBody };
    if (!sync) {
      for (const body of lines.bodies()) {
        this.#unsynced.push(body);
        this.#unsyncedBytes += body.length;
      }
      return;
    }
    this.#synced = this.#end;
    if (this.#unsynced.length === 0) return;
    this.#unsynced = [];
    this.#unsyncedBytes = 0;
  }
}

/** A place and its record's body: the clock's reading in it is looked up when somebody asks, which is seldom. */
interface Place {
  readonly position: Position;
  readonly body: string;
}

const start: Place = { position: origin, body: '' };

function linkOf({ position, body }: Place): Link {
  return { position, hlc: hlcOf(body) };
}
