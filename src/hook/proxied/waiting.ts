/** The requests of one client that wait for their answer, by id. Bounded: what finds no room is not kept. */

export const waitingRequestsMax = 4096;

export class Waiting<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #full: () => void;
  #wasFull = false;

  /** `full` is called once, when the first one finds no room. */
  constructor(full: () => void) {
    this.#full = full;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  hasRoom(): boolean {
    if (this.#entries.size < waitingRequestsMax) return true;
    if (!this.#wasFull) this.#full();
    this.#wasFull = true;
    return false;
  }

  /** Returns whom nobody can answer any more: the one before with the same id. */
  add(key: string, value: Value): Value | undefined {
    const before = this.#entries.get(key);
    this.#entries.set(key, value);
    return before;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  take(key: string): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  all(): IterableIterator<Value> {
    return this.#entries.values();
  }

  /** Takes them all. */
  drain(): readonly Value[] {
    const values = [...this.#entries.values()];
    this.#entries.clear();
    return values;
  }
}

/** The other way to spell an id: `"1"` for `1`, and back. */
export function otherKey(key: string): string {
  return key.startsWith('"') ? key.slice(1, -1) : `"${key}"`;
}
