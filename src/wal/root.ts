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

/** One way to name the root, and what came of it here. */
export interface RootRule {
  readonly rule: 'option' | 'THROUGHLINE_ROOT' | '.throughline' | 'XDG_STATE_HOME';
  /** Absent: the rule names none here. */
  readonly root: string | undefined;
  readonly why: string;
}

/**
 * The root, absolute: the option, else `THROUGHLINE_ROOT`, else the nearest ancestor's `.throughline/` that is a
 * directory of ours, else `$XDG_STATE_HOME/throughline/<name>-<hash>` of the workspace.
 */
export function resolveRoot(options: RootOptions = {}): string {
  for (const rule of rules) {
    const { root } = rule(options);
    if (root !== undefined) return root;
  }
  throw new TypeError('the last rule always names a root');
}

/** What every rule says, in the order in which they are asked: the first that names a root is followed. */
export function explainRoot(options: RootOptions = {}): readonly RootRule[] {
  return rules.map((rule) => rule(options));
}

const rules: readonly ((options: RootOptions) => RootRule)[] = [
  byOption,
  byEnvironment,
  byAncestor,
  byWorkspace,
];

function byOption(options: RootOptions): RootRule {
  const root = isGiven(options.root) ? resolve(cwdOf(options), options.root) : undefined;
  return { rule: 'option', root, why: root === undefined ? 'not given' : 'given' };
}

function byEnvironment(options: RootOptions): RootRule {
  const value = (options.env ?? process.env)['THROUGHLINE_ROOT'];
  const root = isGiven(value) ? resolve(cwdOf(options), value) : undefined;
  return { rule: 'THROUGHLINE_ROOT', root, why: root === undefined ? 'not set' : 'set' };
}

function byAncestor(options: RootOptions): RootRule {
  const start = startOf(options);
  const found = nearest(start, (directory) => isOurs(join(directory, '.throughline')));
  return found === undefined
    ? { rule: '.throughline', root: undefined, why: `none of ours in ${start} or above it` }
    : { rule: '.throughline', root: join(found, '.throughline'), why: 'the nearest one of ours' };
}

function byWorkspace(options: RootOptions): RootRule {
  const start = startOf(options);
  const repository =
    options.workspace === undefined
      ? nearest(start, (directory) => existsSync(join(directory, '.git')))
      : undefined;
  const workspace = repository ?? start;
  const root = join(stateHome(options.env ?? process.env), 'throughline', nameOf(workspace));
  const what = repository === undefined ? 'directory' : 'repository';
  return { rule: 'XDG_STATE_HOME', root, why: `of the ${what} ${workspace}` };
}

function cwdOf(options: RootOptions): string {
  return resolve(options.cwd ?? process.cwd());
}

function startOf(options: RootOptions): string {
  const cwd = cwdOf(options);
  return options.workspace === undefined ? cwd : resolve(cwd, options.workspace);
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
