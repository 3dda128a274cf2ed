/** Python's virtual environments: which there are, and what their own interpreter says of itself. Writes nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../command.js';

const answerMsMax = 20_000;
const answerBytesMax = 1024 * 1024;
const pythons = [
  ['bin', 'python'],
  ['bin', 'python3'],
  ['Scripts', 'python.exe'],
] as const;

export interface Venv {
  readonly directory: string;
  readonly python: string;
}

/** The venv, or those in the directory, such as FineCode's `.venvs`. Throws `UsageError` when there is none. */
export function venvsOf(given: readonly string[]): readonly Venv[] {
  if (given.length === 0) {
    throw new UsageError(
      '--venv is missing: the venv that FineCode runs in, or a directory of such',
    );
  }
  return given.flatMap((one) => {
    const directory = resolve(one);
    const venvs = isVenv(directory) ? [directory] : inside(directory, one).filter(isVenv);
    if (venvs.length === 0) {
      throw new UsageError(`${one} is no venv and has none in it: there is no pyvenv.cfg`);
    }
    return venvs.map((venv) => ({ directory: venv, python: pythonOf(venv) }));
  });
}

function inside(directory: string, given: string): readonly string[] {
  if (given === '' || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--venv names a directory: ${given === '' ? 'it is empty' : given}`);
  }
  return readdirSync(directory)
    .toSorted()
    .map((name) => join(directory, name));
}

function isVenv(directory: string): boolean {
  return existsSync(join(directory, 'pyvenv.cfg'));
}

function pythonOf(venv: string): string {
  const found = pythons.map((parts) => join(venv, ...parts)).find((file) => existsSync(file));
  if (found === undefined) throw new UsageError(`${venv} has no Python: make the venv again`);
  return found;
}

/** What this Python prints as JSON, isolated from the environment and the working directory. Throws `UsageError`. */
export function ask(python: string, code: string, args: readonly string[] = []): Answer {
  // Not the caller's hook and not the caller's packages: what a process of FineCode would find by itself.
  const done = spawnSync(python, ['-I', '-B', '-c', code, ...args], {
    encoding: 'utf8',
    timeout: answerMsMax,
    maxBuffer: answerBytesMax,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = (done.stderr ?? '').trim();
  try {
    const last = done.stdout.trimEnd().split('\n').at(-1) ?? '';
    return { said: JSON.parse(last) as Readonly<Record<string, unknown>>, stderr };
  } catch (error) {
    const why = done.error?.message ?? stderr.split('\n').at(-1) ?? '';
    throw new UsageError(
      `${python} does not answer: ${why || `exit code ${String(done.status)}`}`,
      {
        cause: error,
      },
    );
  }
}

export interface Answer {
  readonly said: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

/** The folder whose `.pth` files this venv's Python runs. */
export function sitePackages(venv: Venv): string {
  const code =
    "import json, sysconfig; print(json.dumps({'purelib': sysconfig.get_path('purelib')}))";
  const { purelib } = ask(venv.python, code).said as { purelib?: unknown };
  if (typeof purelib !== 'string' || !existsSync(purelib)) {
    throw new UsageError(`${venv.directory}: its Python names no site-packages that is there`);
  }
  return purelib;
}
