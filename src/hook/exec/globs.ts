/**
 * The files that a pattern names. `*`, `?` and `[…]` stay within one name, `**` crosses directories, `{a,b}` is either;
 * a pattern without any of these that names a directory means everything below it. Directories called `.git` or
 * `node_modules` are entered only where the pattern spells their name; links are followed only there, too.
 */
import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';

export interface GlobOptions {
  /** What relative patterns are relative to. */
  readonly cwd: string;
  /** Not entered, whatever a pattern says: an absolute path without links. */
  readonly except: string;
  /** How many directory entries are looked at, over all patterns. */
  readonly entriesMax: number;
}

const special = /[*?[]/;
const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules']);
const alternativesMax = 64;

/** Calls `found` with the absolute path of each regular file, perhaps more than once. Returns false if it gave up. */
export function globFiles(
  patterns: readonly string[],
  options: GlobOptions,
  found: (path: string) => void,
): boolean {
  const walk = new Walk(options, found);
  for (const pattern of patterns.flatMap((one) => alternatives(one))) {
    const from = isAbsolute(pattern) ? '/' : options.cwd;
    walk.into(from, segmentsOf(pattern));
  }
  return walk.isComplete;
}

function segmentsOf(pattern: string): readonly string[] {
  const names = normalize(pattern)
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  // Two in a row say nothing more than one and would be walked twice.
  const segments = names.filter((name, index) => name !== '**' || names[index - 1] !== '**');
  const isLiteral = !segments.some((name) => special.test(name));
  return isLiteral ? [...segments, '**'] : segments;
}

/** The patterns without braces that one with braces stands for, the first 64. */
function alternatives(pattern: string): readonly string[] {
  let open = [pattern];
  for (;;) {
    const index = open.findIndex((one) => /\{[^{}]*,[^{}]*\}/.test(one));
    const one = open[index];
    if (one === undefined || open.length > alternativesMax) return open.slice(0, alternativesMax);
    const [braces, inner = ''] = /\{([^{}]*,[^{}]*)\}/.exec(one) ?? [''];
    const split = inner.split(',').map((choice) => one.replace(braces, () => choice));
    open = open.toSpliced(index, 1, ...split);
  }
}

class Walk {
  readonly #options: GlobOptions;
  readonly #found: (path: string) => void;
  #entries = 0;

  constructor(options: GlobOptions, found: (path: string) => void) {
    this.#options = options;
    this.#found = found;
  }

  get isComplete(): boolean {
    return this.#entries <= this.#options.entriesMax;
  }

  into(directory: string, segments: readonly string[]): void {
    const [head, ...tail] = segments;
    if (head === undefined || directory === this.#options.except || !this.isComplete) return;
    if (head === '**') this.#deep(directory, segments, tail);
    else if (special.test(head)) this.#wild(directory, nameTest(head), tail);
    else this.#literal(directory, head, tail);
  }

  #literal(directory: string, name: string, tail: readonly string[]): void {
    try {
      const path = realpathSync(join(directory, name));
      const stat = statSync(path);
      if (stat.isDirectory()) this.into(path, tail);
      else if (stat.isFile() && (tail.length === 0 || tail[0] === '**')) this.#found(path);
    } catch {
      // Not there, or not ours to see.
    }
  }

  #wild(directory: string, isMatch: (name: string) => boolean, tail: readonly string[]): void {
    for (const entry of this.#read(directory)) {
      if (!isMatch(entry.name)) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) this.into(path, tail);
      else if (entry.isFile() && tail.length === 0) this.#found(path);
    }
  }

  /** Here, and in every directory below. */
  #deep(directory: string, segments: readonly string[], tail: readonly string[]): void {
    this.into(directory, tail);
    for (const entry of this.#read(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) this.into(path, segments);
      else if (entry.isFile() && tail.length === 0) this.#found(path);
    }
  }

  #read(directory: string): readonly Dirent[] {
    try {
      const entries = readdirSync(directory, { withFileTypes: true });
      this.#entries += entries.length;
      return this.isComplete ? entries : [];
    } catch {
      return [];
    }
  }
}

function nameTest(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[[!^]?[^\]]+\]|[*?]|[^*?[]+|\[/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.startsWith('[') && part.length > 1) {
      const isNot = /^\[[!^]/.test(part);
      const members = part.slice(isNot ? 2 : 1, -1).replace(/[\\^[\]]/g, '\\$&');
      return `[${isNot ? '^' : ''}${members}]`;
    }
    return part.replace(/[\\^$.|+(){}[\]/]/g, '\\$&');
  });
  try {
    const expression = new RegExp(`^${source}$`, 'su');
    return (name) => expression.test(name);
  } catch {
    // A range that runs backwards matches nothing, as in a shell.
    return () => false;
  }
}
