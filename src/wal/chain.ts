/** Where a stream stands: its last record, and the last one known durable. */
import type { Hlc } from '../context/index.js';
import { origin, type Position } from './assemble.js';
import { hlcOf } from './encode.js';

/** A place in the chain that something can go on from. */
export interface Link {
  readonly position: Position;
  /** That record's reading of the clock: the stream's own records take it, so that readings never run back. */
  readonly hlc: Hlc | undefined;
}

export class Chain {
  #end: Link = { position: origin, hlc: undefined };
  #synced: Link = this.#end;
  /** Written since, without a datasync: kept, because only these bytes could be written again. */
  #unsynced: string[] = [];
  #unsyncedBytes = 0;

  get end(): Link {
    return this.#end;
  }

  get synced(): Link {
    return this.#synced;
  }

  get unsynced(): readonly string[] {
    return this.#unsynced;
  }

  get unsyncedBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Records were written, and with `sync` everything is durable now. */
  advance(position: Position, bodies: readonly string[], sync: boolean): void {
    this.#end = { position, hlc: hlcOf(bodies.at(-1) ?? '') ?? this.#end.hlc };
    if (sync) {
      this.#synced = this.#end;
      this.#unsynced = [];
      this.#unsyncedBytes = 0;
      return;
    }
    this.#unsynced.push(...bodies);
    for (const body of bodies) this.#unsyncedBytes += body.length;
  }
}
