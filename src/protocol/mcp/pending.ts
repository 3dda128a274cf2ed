/**
 * The requests that wait for their answer, in one direction of one transport. Bounded: a peer that never answers
 * costs the oldest entry its scope, and nothing else.
 */
export const pendingRequestsMax = 8192;

export class Pending<Key, Value> {
  readonly #entries = new Map<Key, Value>();

  get size(): number {
    return this.#entries.size;
  }

  add(key: Key, value: Value): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= pendingRequestsMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  take(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  clear(): void {
    this.#entries.clear();
  }
}
