/** The one table of formats: what `--format` takes. The code of a format is loaded when it is asked for. */
import type { Exporter } from './exporter.js';

export interface Format {
  readonly name: string;
  /** What it is for, in a few words. */
  readonly help: string;
  /** No text: nothing to be shown on a terminal. */
  readonly isBinary: boolean;
  /** Each chunk that is written is a whole message of this media type, which can be sent on its own. */
  readonly message?: string;
  /** It has one of the four tables, which `--table` names. */
  readonly hasTables: boolean;
  readonly load: () => Promise<Exporter>;
}

export const formats: readonly Format[] = [];
