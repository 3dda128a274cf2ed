/** `record exec` as a real process, and what it left on disk. */
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { bin, plainEnv } from '../cli/bin.js';
import { linesOf, type Line } from '../hook/host.js';

export interface Options {
  readonly root: string;
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Command line and environment: the options of `record exec`, `--`, the command. */
export function commandLine(args: readonly string[]): readonly string[] {
  return [bin, 'record', 'exec', ...args];
}

export function environment({ root, env = {} }: Options): NodeJS.ProcessEnv {
  return { ...plainEnv, THROUGHLINE_ROOT: root, ...env };
}

export function recordExec(args: readonly string[], options: Options): SpawnSyncReturns<Buffer> {
  return spawnSync(process.execPath, commandLine(args), {
    cwd: options.cwd,
    input: options.input,
    env: environment(options),
    maxBuffer: 8 * 1024 * 1024,
  });
}

export function startExec(args: readonly string[], options: Options) {
  return spawn(process.execPath, commandLine(args), {
    cwd: options.cwd,
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The records of one type. */
export function recordsOf(root: string, event: string): readonly Line[] {
  return linesOf(root).filter((line) => line.event_type === event);
}

/** The one record of that type. */
export function only(root: string, event: string): Line {
  const [first, ...more] = recordsOf(root, event);
  if (first === undefined || more.length > 0) {
    throw new Error(`not one ${event}: ${events(root).join(' ')}`);
  }
  return first;
}

/** The run records of a root, in order, without the stream's own. */
export function events(root: string): readonly string[] {
  return linesOf(root)
    .map((line) => line.event_type)
    .filter((event) => !event.startsWith('wal.'));
}
