/** The last changes of the documents an editor has open: which message a diagnostic may be the answer to. Bounded. */
import type { Context } from '../../context/index.js';

export interface Change {
  readonly version: number | undefined;
  readonly context: Context;
}

/** How a cause was told, and whether the protocol says so or we conclude it. */
export interface Cause {
  readonly context: Context | undefined;
  readonly matched: 'exact' | 'inferred' | 'none';
  readonly matchedBy: 'version' | 'last_change' | 'none';
}

const documentsMax = 1024;
const changesMax = 32;

export class Documents {
  readonly #changes = new Map<string, Change[]>();

  /** A document was opened, changed or saved by a message with this context. */
  changed(uri: string, change: Change): void {
    const changes = this.#changes.get(uri) ?? [];
    // The one that was longest unchanged goes first.
    this.#changes.delete(uri);
    this.#changes.set(uri, changes);
    changes.push({ ...change, version: change.version ?? changes.at(-1)?.version });
    if (changes.length > changesMax) changes.shift();
    const [oldest] = this.#changes.keys();
    if (this.#changes.size > documentsMax && oldest !== undefined) this.#changes.delete(oldest);
  }

  closed(uri: string): void {
    this.#changes.delete(uri);
  }

  /** What diagnostics of this document, and this version if they name one, were caused by. */
  causeOf(uri: string, version: number | undefined): Cause {
    const changes = this.#changes.get(uri) ?? [];
    const exact =
      version === undefined ? undefined : changes.findLast((change) => change.version === version);
    if (exact !== undefined) {
      return { context: exact.context, matched: 'exact', matchedBy: 'version' };
    }
    const last = changes.at(-1);
    if (last === undefined) return { context: undefined, matched: 'none', matchedBy: 'none' };
    return { context: last.context, matched: 'inferred', matchedBy: 'last_change' };
  }
}
