/** Numbers for tracks and arrows, computed from what they are and never random: an export of tomorrow has the same ones. */
import { createHash } from 'node:crypto';

/** 64 bits and never 0. The same parts give the same number, for ever. */
export function derivedNumber(...parts: readonly string[]): bigint {
  const hash = createHash('sha256');
  // With its length before it no part can be taken for the end of another one.
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest().readBigUInt64BE() || 1n;
}
