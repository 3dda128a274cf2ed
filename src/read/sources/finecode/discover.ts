/** Finds FineCode's WAL directories below a workspace, or in any folder of such. Lists directories and opens nothing. */
import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { RootProblem } from '../../merge/truth.js';

/** One directory of segments. */
export interface WalDirectory {
  readonly path: string;
  /** `wm` or `er`, by the directory's name; absent: only its writers say. */
  readonly role: string | undefined;
  /** The env whose venv it is in. */
  readonly env: string | undefined;
  /** In the order in which they were written. */
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly file: string;
  /** When it was found: what is appended later is not read. */
  readonly bytes: number;
}

const segmentPattern = /^wal-(\d{1,12})\.jsonl$/;
/** A stream of ours: its segments have the same names. */
const oursPattern = /^[a-z][a-z0-9-]{0,31}-[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const skipped: ReadonlySet<string> = new Set(['node_modules', '__pycache__', 'site-packages']);
/** So many directories are looked into, not counting those in `.venvs`. */
const directoriesMax = 20_000;
const depthMax = 16;

/** What the search hands on as it goes. */
interface Found {
  readonly directory: (directory: WalDirectory) => void;
  /** A WAL that is there and cannot be looked at: records may be missing. */
  readonly unreadable: (message: string) => void;
}

export interface Discovered {
  readonly directories: readonly WalDirectory[];
  readonly problems: readonly RootProblem[];
}

/** Never throws: a place that holds none is a problem. */
export function discover(places: readonly string[]): Discovered {
  const found = new Map<string, WalDirectory>();
  const problems: RootProblem[] = [];
  for (const place of new Set(places.map((given) => resolve(given)))) {
    const before = found.size;
    const unreadable = new Set<string>();
    const message = search(place, {
      directory(directory) {
        const real = realPath(directory.path);
        if (!found.has(real)) found.set(real, directory);
      },
      unreadable: (one) => unreadable.add(one),
    });
    for (const one of unreadable) problems.push({ root: place, message: one });
    if (message !== undefined) problems.push({ root: place, message });
    else if (found.size === before && unreadable.size === 0 && !isKnown(place, found)) {
      const hint = 'is its WAL on? (--wal, FINECODE_WAL_ENABLED=1)';
      problems.push({ root: place, message: `${place} holds no WAL of FineCode: ${hint}` });
    }
  }
  const directories = [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { directories, problems };
}

/** It holds what another place held already. */
function isKnown(place: string, found: ReadonlyMap<string, WalDirectory>): boolean {
  const real = realPath(place);
  return [...found.keys()].some((path) => path === real || path.startsWith(join(real, '/')));
}

/** FineCode or somebody else may remove it while we look. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Breadth first, so that the limit cuts what is deepest. Returns what is wrong with the place. */
function search(place: string, found: Found): string | undefined {
  let queue: { readonly path: string; readonly depth: number }[] = [{ path: place, depth: 0 }];
  let looked = 0;
  while (queue.length > 0) {
    const next: typeof queue = [];
    for (const { path, depth } of queue) {
      looked += 1;
      if (looked > directoriesMax) {
        return `${place} has more than ${directoriesMax} directories: not all of them were looked into; name the projects`;
      }
      const entries = list(path);
      if (entries === undefined) {
        if (depth === 0) return `${place} is not a directory that can be read`;
        continue;
      }
      tellDirectory(path, entries, found);
      if (basename(path) === '.venvs') {
        for (const env of entries) tellEnv(join(path, env.name), found);
        continue;
      }
      for (const entry of entries) {
        if (depth < depthMax && isSearched(entry)) {
          next.push({ path: join(path, entry.name), depth: depth + 1 });
        }
      }
    }
    queue = next;
  }
  return undefined;
}

/** The place itself may be anything; below it, what is hidden, installed or ours is passed over. */
function isSearched(entry: Dirent): boolean {
  const { name } = entry;
  if (!entry.isDirectory() || skipped.has(name) || oursPattern.test(name)) return false;
  return !name.startsWith('.') || name === '.venvs';
}

/** An env is known to have its streams in one place: the packages in it are not looked through. */
function tellEnv(venv: string, found: Found): void {
  for (const role of ['wm', 'er']) {
    const path = join(venv, 'state', 'finecode', 'wal', role);
    tellDirectory(path, list(path, found.unreadable) ?? [], found);
  }
}

function tellDirectory(path: string, entries: readonly Dirent[], found: Found): void {
  const files = entries.filter(({ name }) => segmentPattern.test(name)).map(({ name }) => name);
  if (files.length === 0 || oursPattern.test(basename(path))) return;
  const segments: Segment[] = [];
  for (const file of files.toSorted((a, b) => numberOf(a) - numberOf(b))) {
    const bytes = bytesOf(join(path, file), found.unreadable);
    if (bytes !== undefined) segments.push({ file, bytes });
  }
  const role = basename(path);
  const isRole = role === 'wm' || role === 'er';
  const [ofRole, env] = isRole ? [role, envOf(path)] : [];
  found.directory({ path, role: ofRole, env, segments });
}

/** Absent: FineCode removed it, or it is no file. */
function bytesOf(path: string, unreadable: Found['unreadable']): number | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : undefined;
  } catch (error) {
    unreadable(`${path} cannot be read: ${codeOf(error)}`);
    return undefined;
  }
}

function numberOf(file: string): number {
  return Number(segmentPattern.exec(file)?.[1] ?? 0);
}

/** `<venv>/state/finecode/wal/er`; in a collection the folder above stands for the env. */
function envOf(path: string): string {
  const standard = /[\\/]([^\\/]+)[\\/]state[\\/]finecode[\\/]wal[\\/][^\\/]+$/.exec(path);
  return standard?.[1] ?? basename(dirname(path));
}

function list(
  path: string,
  unreadable: Found['unreadable'] = () => undefined,
): readonly Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const code = codeOf(error);
    // Most envs have no WAL, and what stands beside them need be none.
    if (code !== 'ENOENT' && code !== 'ENOTDIR') unreadable(`${path} cannot be read: ${code}`);
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
