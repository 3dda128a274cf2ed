/** Tokens that an ER recorded of a run, as far as somebody else knows them, too. */
import { text, type JsonObject } from '../../entry/entry.js';

export class Tokens {
  readonly #byRow = new Map<number, string[]>();
  /** Runs with a token of their own that nobody else knows: the WM minted it. */
  readonly #minted = new Set<number>();
  readonly #isWanted: (token: string) => boolean;

  constructor(isWanted: (token: string) => boolean) {
    this.#isWanted = isWanted;
  }

  take(row: number, payload: JsonObject): void {
    for (const name of ['partial_result_token', 'progress_token']) {
      const token = tokenOf(payload[name]);
      if (token === undefined) continue;
      if (this.#isWanted(token)) this.#byRow.set(row, [...(this.#byRow.get(row) ?? []), token]);
      else if (name === 'partial_result_token') this.#minted.add(row);
    }
  }

  of(row: number): readonly string[] {
    return this.#byRow.get(row) ?? [];
  }

  isMinted(row: number): boolean {
    return this.#minted.has(row);
  }
}

/** A token is a text or a number; a recorder spells the number as text. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'number' ? JSON.stringify(value) : text(value);
}
