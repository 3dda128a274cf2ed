/**
 * Which files differ after a command from what they were before it. That is an inference: whoever else wrote to them
 * meanwhile is taken for the command. Files are read, never written; what cannot be read is not seen.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import type { JsonObject } from '../../wal/index.js';
import type { Fingerprint } from '../effect.js';
import { globFiles } from './globs.js';

export interface WatchLimits {
  /** Files that are compared; of more there is only the number. */
  readonly filesMax: number;
  /** Directory entries that are looked at. */
  readonly entriesMax: number;
  /** A larger file is compared by size and times, without hashes. */
  readonly fileBytesMax: number;
  /** What is hashed before the command starts, altogether. */
  readonly totalBytesMax: number;
  /** Changes that are recorded; of more there is only the number. */
  readonly changesMax: number;
}

export const watchLimits: WatchLimits = {
  filesMax: 10_000,
  entriesMax: 200_000,
  fileBytesMax: 16 * 1024 * 1024,
  totalBytesMax: 256 * 1024 * 1024,
  changesMax: 1000,
};

/** `undefined`: not known; `null`: there was no file. */
export interface Change {
  readonly path: string;
  readonly before: Fingerprint | null | undefined;
  readonly after: Fingerprint | null | undefined;
}

interface Seen {
  /** Size, times and inode: the same means that nobody wrote, unless it is fresh. */
  readonly stat: string;
  /** Changed so shortly before it was looked at that the clock of the file system may not show another change. */
  readonly isFresh: boolean;
  readonly print: Fingerprint | undefined;
}

const freshMs = 50;
const chunkBytes = 1024 * 1024;

export class Watch {
  readonly #patterns: readonly string[];
  readonly #options: { readonly cwd: string; readonly except: string };
  readonly #limits: WatchLimits;
  readonly #before = new Map<string, Seen>();
  #beganMs = 0;
  #isComplete = true;
  #unwatched = 0;
  #bytesLeft: number;

  constructor(
    patterns: readonly string[],
    options: { readonly cwd: string; readonly except: string; readonly limits?: WatchLimits },
  ) {
    this.#patterns = patterns;
    this.#options = { cwd: options.cwd, except: realOf(options.except) };
    this.#limits = options.limits ?? watchLimits;
    this.#bytesLeft = this.#limits.totalBytesMax;
  }

  /** Looks at the files as they are before the command. */
  begin(): void {
    this.#isComplete = this.#each((path) => {
      if (this.#before.size < this.#limits.filesMax) {
        const seen = this.#look(path);
        if (seen !== undefined) this.#before.set(path, seen);
      } else this.#unwatched += 1;
    });
    // Whole milliseconds: what was written in this one was written before.
    this.#beganMs = Date.now() + 1;
  }

  /** What has changed, and how much of everything that could have was looked at: by path, the first 1000. */
  end(): { readonly changes: readonly Change[]; readonly counts: JsonObject } {
    // What is hashed now is bounded by what has changed.
    this.#bytesLeft = this.#limits.totalBytesMax;
    const changes = [...this.#changed(), ...this.#created()].sort((one, other) =>
      one.path < other.path ? -1 : 1,
    );
    const unrecorded = Math.max(0, changes.length - this.#limits.changesMax);
    return {
      changes: changes.slice(0, this.#limits.changesMax),
      counts: {
        files: this.#before.size,
        changed: changes.length,
        ...(unrecorded === 0 ? {} : { unrecorded }),
        ...(this.#unwatched === 0 ? {} : { unwatched: this.#unwatched }),
        ...(this.#isComplete ? {} : { gave_up: true }),
      },
    };
  }

  /** By name: a file that the walk would not reach any more is looked at all the same. */
  #changed(): Change[] {
    const changes: Change[] = [];
    for (const [path, before] of this.#before) {
      const now = this.#look(path, before);
      if (now === before) continue;
      if (now === undefined) changes.push({ path, before: before.print, after: null });
      else if (differs(before, now)) changes.push({ path, before: before.print, after: now.print });
    }
    return changes;
  }

  #created(): Change[] {
    const changes: Change[] = [];
    const wasAllSeen = this.#isComplete && this.#unwatched === 0;
    // What was not seen before may have been there. Only what was written since then has changed.
    const [before, sinceMs] = wasAllSeen ? [null, 0] : [undefined, this.#beganMs];
    const isComplete = this.#each((path) => {
      if (this.#before.has(path)) return;
      if (changes.length >= this.#limits.filesMax) {
        if (wasAllSeen) this.#unwatched += 1;
        return;
      }
      const now = this.#look(path, undefined, sinceMs);
      if (now !== undefined) changes.push({ path, before, after: now.print });
    });
    this.#isComplete &&= isComplete;
    return changes;
  }

  /** Each file once. */
  #each(visit: (path: string) => void): boolean {
    const visited = new Set<string>();
    const options = { ...this.#options, entriesMax: this.#limits.entriesMax };
    return globFiles(this.#patterns, options, (path) => {
      if (visited.has(path)) return;
      visited.add(path);
      visit(path);
    });
  }

  /** The file as it is, if it was written since; the same object as before if nobody has written to it. */
  #look(path: string, before?: Seen, sinceMs = 0): Seen | undefined {
    try {
      const found = lstatSync(path, { bigint: true });
      if (!found.isFile()) return undefined;
      const stat = `${found.size} ${found.mtimeNs} ${found.ctimeNs} ${found.ino}`;
      if (before !== undefined && before.stat === stat && !before.isFresh) return before;
      const size = Number(found.size);
      const changedMs = Number(found.ctimeNs) / 1e6;
      if (changedMs < sinceMs) return undefined;
      const isFresh = Date.now() - changedMs < freshMs;
      return { stat, isFresh, print: this.#hash(path, size) };
    } catch (error) {
      const { code } = error as { code?: unknown };
      // What cannot be looked at any more is not thereby gone.
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : before;
    }
  }

  #hash(path: string, size: number): Fingerprint | undefined {
    if (size > this.#limits.fileBytesMax || size > this.#bytesLeft) return undefined;
    this.#bytesLeft -= size;
    try {
      return fingerprintOf(path, this.#limits.fileBytesMax);
    } catch {
      return undefined;
    }
  }
}

function differs(before: Seen, now: Seen): boolean {
  if (before.print !== undefined && now.print !== undefined) {
    return before.print.sha256 !== now.print.sha256;
  }
  return before.stat !== now.stat;
}

/** `undefined` when the file has grown over the limit meanwhile. */
function fingerprintOf(path: string, bytesMax: number): Fingerprint | undefined {
  // Neither waits for the writer of a pipe, nor follows a link, that took the file's place.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let bytes = 0;
    for (;;) {
      const read = readSync(file, chunk);
      if (read === 0) return { sha256: hash.digest('hex'), bytes };
      bytes += read;
      if (bytes > bytesMax) return undefined;
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
