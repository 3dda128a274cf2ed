/** The newest entries, at most so many. Adding, which every request does, costs a store; taking, which few do, a search. */

export class Recent<Value> {
  readonly #keys: (string | undefined)[];
  readonly #values: (Value | undefined)[];
  #next = 0;

  constructor(entriesMax: number) {
    this.#keys = Array.from({ length: entriesMax }, () => undefined);
    this.#values = Array.from({ length: entriesMax }, () => undefined);
  }

  add(key: string, value: Value): void {
    this.#keys[this.#next] = key;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#keys.length;
  }

  /** The newest with this key, once. */
  take(key: string): Value | undefined {
    const { length } = this.#keys;
    for (let back = 1; back <= length; back += 1) {
      const at = (this.#next - back + length) % length;
      if (this.#keys[at] !== key) continue;
      const value = this.#values[at];
      this.#keys[at] = undefined;
      this.#values[at] = undefined;
      return value;
    }
    return undefined;
  }
}
