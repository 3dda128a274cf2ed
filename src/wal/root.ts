/**
 * Where the streams are. A pure look-up for writers and readers alike: it creates nothing and never fails.
 * A root inside the workspace is used only when somebody made it: a `git clean` must not delete an audit, and a
 * workspace manager must not watch its own appends.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Env } from './types.js';

export interface RootOptions {
  readonly root?: string | undefined;
  /** Default: the process's environment. */
  readonly env?: Env | undefined;
  /** Default: the process's working directory. */
  readonly cwd?: string | undefined;
  /** The workspace the host serves. Default: the nearest ancestor of `cwd` with a `.git`, else `cwd`. */
  readonly workspace?: string | undefined;
}

/**
 * The root, absolute: the option, else `THROUGHLINE_ROOT`, else the nearest ancestor's `.throughline/` that is a
 * directory of ours, else `$XDG_STATE_HOME/throughline/<name>-<hash>` of the workspace.
 */
export function resolveRoot(options: RootOptions = {}): string {
  const env = options.env ?? process.env;
  const cwd = resolve(options.cwd ?? process.cwd());
  if (isGiven(options.root)) return resolve(cwd, options.root);
  const fromEnv = env['THROUGHLINE_ROOT'];
  if (isGiven(fromEnv)) return resolve(cwd, fromEnv);
  const start = options.workspace === undefined ? cwd : resolve(cwd, options.workspace);
  const found = nearest(start, (directory) => isOurs(join(directory, '.throughline')));
  if (found !== undefined) return join(found, '.throughline');
  const workspace =
    options.workspace === undefined
      ? (nearest(start, (directory) => existsSync(join(directory, '.git'))) ?? start)
      : start;
  return join(stateHome(env), 'throughline', nameOf(workspace));
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function nearest(from: string, has: (directory: string) => boolean): string | undefined {
  let directory = from;
  for (;;) {
    if (has(directory)) return directory;
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

/** Somebody else's directory, or a link, could lead our records or our trust elsewhere. */
function isOurs(path: string): boolean {
  try {
    const found = lstatSync(path);
    const uid = process.getuid?.();
    return found.isDirectory() && (uid === undefined || found.uid === uid);
  } catch {
    return false;
  }
}

function stateHome(env: Env): string {
  const given = env['XDG_STATE_HOME'];
  // The XDG specification: a relative path is to be ignored.
  if (given !== undefined && isAbsolute(given)) return given;
  return join(home(env), '.local', 'state');
}

/**
 * Never relative, or records would be strewn over working directories. An empty `HOME` is no home, also to Node's
 * `homedir()`; then the system's own account of the user is asked. A user without one has the root directory.
 */
function home(env: Env): string {
  for (const ask of [() => env['HOME'], homedir, () => userInfo().homedir]) {
    try {
      const found = ask();
      if (found !== undefined && isAbsolute(found)) return found;
    } catch {
      // No such user.
    }
  }
  return resolve('/');
}

function nameOf(workspace: string): string {
  let real = workspace;
  try {
    real = realpathSync(workspace);
  } catch {
    // A workspace that is not there still has a name.
  }
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 8);
  const name = basename(real).replace(/[^0-9A-Za-z._-]/g, '_');
  return `${name === '' ? 'root' : name}-${hash}`;
}
