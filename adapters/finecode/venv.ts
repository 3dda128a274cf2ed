/** Which venv a workspace manager belongs to: the one whose Python runs it, as FineCode's own clients reckon. Reads only. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ThroughlineError } from '../../src/context/index.js';

export interface VenvOptions {
  /** As it was asked for. */
  readonly venv: string | undefined;
  /** The program that is started; `undefined` when the WM runs already. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: string;
}

/**
 * The absolute path: the one asked for, else that of the started program, else `VIRTUAL_ENV`, else
 * `.venvs/dev_workspace` in the workspace. Throws ARGUMENT_INVALID when there is none.
 */
export function venvOf({ venv, file, env, workspace }: VenvOptions): string {
  const asked = venv === undefined ? undefined : resolve(workspace, venv);
  if (asked !== undefined) {
    if (isVenv(asked)) return asked;
    throw new ThroughlineError('ARGUMENT_INVALID', `${asked} is no venv: it has no pyvenv.cfg`);
  }
  const candidates = [
    file?.includes('/') === true ? ofProgram(resolve(workspace, file)) : undefined,
    env['VIRTUAL_ENV'],
    join(workspace, '.venvs', 'dev_workspace'),
  ];
  const found = candidates.find((one) => one !== undefined && one !== '' && isVenv(one));
  if (found !== undefined) return resolve(workspace, found);
  throw new ThroughlineError(
    'ARGUMENT_INVALID',
    'no venv was found: name the one whose Python runs FineCode with --venv DIR',
  );
}

/** Where FineCode's clients look for the port of its workspace manager. */
export function portFileOf(venv: string): string {
  return join(venv, 'cache', 'finecode', 'wm_port');
}

/** Of `VENV/bin/python`. The link that it is leads out of the venv and is not followed. */
function ofProgram(file: string): string | undefined {
  const folder = dirname(file);
  return ['bin', 'Scripts'].includes(basename(folder)) ? dirname(folder) : undefined;
}

function isVenv(folder: string): boolean {
  return existsSync(join(folder, 'pyvenv.cfg'));
}
