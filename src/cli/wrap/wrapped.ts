/** Which entries are wrapped already, in what mode, and what they were. Recognised by their words alone, so that hand-written ones count, too. */
import { wordsOf, type ServerEntry } from './configuration.js';

export type Mode = 'proxy' | 'record' | 'http';

export interface Wrapped {
  readonly mode: Mode;
  /** The word of ours that comes first: 1 behind an interpreter, else 0. */
  readonly bin: 0 | 1;
  /** The first word that was there before: the server's command, or the URL. */
  readonly original: number;
}

const binName = /(?:^|[/\\])throughline(?:\.cjs)?$/;

/** How the entry is wrapped; undefined when it is not. */
export function wrappedOf(entry: ServerEntry): Wrapped | undefined {
  if (entry.kind !== 'stdio') return undefined;
  const words = wordsOf(entry);
  for (const bin of [0, 1] as const) {
    const [name = '', verb, kind] = words.slice(bin);
    if (!binName.test(name) || kind !== 'mcp' || (verb !== 'proxy' && verb !== 'record')) continue;
    const dashes = words.indexOf('--', bin + 3);
    if (dashes !== -1 && words[dashes + 1] !== undefined) {
      return { mode: verb, bin, original: dashes + 1 };
    }
    const http = words.indexOf('--http', bin + 3);
    if (verb === 'proxy' && http !== -1 && words[http + 1] !== undefined) {
      return { mode: 'http', bin, original: http + 1 };
    }
  }
  return undefined;
}
