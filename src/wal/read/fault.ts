/** What a reader has to say about a stream beside its records. docs/format.md defines each verdict. */

/**
 * - `TORN`: the normal trace of a crash; nothing acknowledged is missing.
 * - `CORRUPT`: acknowledged records are damaged.
 * - `GAP`: acknowledged records are missing without a trace of damage.
 * - `DUP`: a record stands there twice.
 * - `FORK`: a valid record that contradicts the chain.
 * - `SUPERSEDED`: never acknowledged here, and written anew in the next file.
 * - `MISSING`: a file that another one names is not there.
 * - `UNSEALED`: the stream ends without a seal: its writer is alive, or crashed.
 */
export type Verdict =
  | 'TORN'
  | 'CORRUPT'
  | 'GAP'
  | 'DUP'
  | 'FORK'
  | 'SUPERSEDED'
  | 'MISSING'
  | 'UNSEALED';

export interface Fault {
  readonly verdict: Verdict;
  readonly file: string;
  readonly offset: number;
  readonly bytes?: number;
  readonly sequenceFrom?: number;
  readonly sequenceTo?: number;
  readonly message: string;
}
