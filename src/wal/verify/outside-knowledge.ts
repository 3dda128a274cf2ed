/**
 * What is known of a stream from elsewhere: checkpoints that were kept, and what the header of the role's next stream
 * saw. Only this finds out that the end of a stream was cut off between two records.
 */
import type { Checkpoint } from '../segment/checkpoint.js';
import type { Fault } from '../read/fault.js';
import type { FileDigest } from './file-digest.js';
import type { Reference } from './references.js';

export interface OutsideOptions {
  readonly checkpoints?: readonly Checkpoint[] | undefined;
  readonly reference?: Reference | undefined;
  readonly pruned?: ReadonlySet<string> | undefined;
}

export class OutsideKnowledge {
  readonly #reference: Reference | undefined;
  readonly #pruned: ReadonlySet<string>;
  /** Not compared yet. */
  #checkpoints: readonly Checkpoint[];

  constructor({ checkpoints = [], reference, pruned = new Set() }: OutsideOptions) {
    this.#checkpoints = checkpoints;
    this.#reference = reference;
    this.#pruned = pruned;
  }

  /** Where in `file` a digest is wanted. */
  placesIn(file: string): readonly number[] {
    return this.#checkpoints.filter((one) => one.file === file).map(({ bytes }) => bytes);
  }

  /** The checkpoints of a file that was read through; `last` is the last record read. */
  *compare(digest: FileDigest, last: number): Generator<Fault> {
    const { file } = digest;
    const own = this.#checkpoints.filter((one) => one.file === file);
    this.#checkpoints = this.#checkpoints.filter((one) => one.file !== file);
    for (const { bytes, sha256, lastSequence } of own) {
      const found = digest.at(bytes);
      if (found === sha256) continue;
      if (found === undefined && lastSequence > last) {
        yield cut(file, { last, lastSequence, source: 'a checkpoint kept elsewhere' });
        continue;
      }
      const message = `${file} is not what a checkpoint kept elsewhere says of it`;
      yield { verdict: 'CORRUPT', file, offset: 0, bytes, sequenceTo: lastSequence, message };
    }
  }

  /** What is left when all files were read. */
  *unseen(last: number): Generator<Fault> {
    for (const { file, lastSequence } of this.#checkpoints) {
      if (this.#pruned.has(file)) continue;
      const message = `a checkpoint kept elsewhere is about ${file}, and nothing of that is there`;
      yield { verdict: 'MISSING', file, offset: 0, sequenceTo: lastSequence, message };
    }
    const reference = this.#reference;
    if (reference === undefined || reference.sequence <= last) return;
    yield cut('', { last, lastSequence: reference.sequence, source: reference.source });
  }
}

function cut(
  file: string,
  said: { readonly last: number; readonly lastSequence: number; readonly source: string },
): Fault {
  const { last, lastSequence, source } = said;
  const message = `${source} says that record ${lastSequence} was durable; the stream ends with ${last}`;
  const range = { sequenceFrom: last + 1, sequenceTo: lastSequence };
  return { verdict: 'GAP', file, offset: 0, ...range, message };
}
