/** Which streams a command is about: `--root` and `--finecode`, else the root that a writer started here would use. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { finecodeSource, type JournalOptions } from '../read/index.js';
import { resolveRoot } from '../wal/index.js';
import type { Given } from './command.js';

/** The roots that are asked about. */
export function rootsOf(given: Given): readonly string[] {
  const roots = given.values('root');
  if (roots.length > 0) return roots;
  const own = resolveRoot({});
  // Who asks for FineCode's WAL gets what is recorded here, too, but need not have anything.
  return finecodePlaces(given).length > 0 && !existsSync(join(own, 'wal')) ? [] : [own];
}

/** The places of FineCode's that are asked about. */
export function finecodePlaces(given: Given): readonly string[] {
  return given.values('finecode');
}

/** Everything that is asked about, for those who read it. */
export function journalOf(given: Given): Pick<JournalOptions, 'roots' | 'sources'> {
  const [roots, places] = [rootsOf(given), finecodePlaces(given)];
  return places.length === 0 ? { roots } : { roots, sources: [finecodeSource({ places, roots })] };
}
